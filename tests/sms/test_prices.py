"""What an SMS costs, and as how many it is billed."""

import uuid

import pytest

from menpai import environment
from menpai.delivery import message_kinds
from menpai.delivery.sms import prices
from menpai.delivery.sms.gateway import Sms

pytestmark = pytest.mark.without_database

GSM, TWICE, CHINESE = "a", "€", "门"


def an_sms(mobile="+8613800138000", body="验证码 123456", language="zh-hans"):
    return Sms(mobile, message_kinds.SIGN_IN_CODE.id, language, "门牌", body, {}, uuid.uuid4())


def test_a_price_is_the_regions_own_or_that_of_everywhere_else_or_the_dearest(monkeypatch):
    monkeypatch.setenv("MENPAI_SMS_PRICE_OUTBOX", "CN 0.045, HK 0.30,* 0.5")
    found = {region: prices.price_of("outbox", region) for region in ("CN", "HK", "US", "")}
    assert found == {"CN": 45_000, "HK": 300_000, "US": 500_000, "": 500_000}
    monkeypatch.setenv("MENPAI_SMS_PRICE_OUTBOX", "CN 0.045, HK 0.30")
    assert (prices.price_of("outbox", "CN"), prices.price_of("outbox", "US")) == (45_000, 300_000)
    assert prices.price_of("yuntongxun", "CN") == 0  # no price list at all


@pytest.mark.parametrize(
    "wrong", ["0.045", "CN", "CN -1", "CN 0,045", "cn 0.045", "CN 0.0000001", "CN 1, CN 2", "CN ¥1"]
)
def test_a_price_list_that_cannot_be_read_is_named_at_start(wrong, monkeypatch):
    monkeypatch.setenv("MENPAI_SMS_PRICE_YUNTONGXUN", wrong)
    assert [problem.partition(":")[0] for problem in prices.problems()] == ["MENPAI_SMS_PRICE_YUNTONGXUN"]


def test_a_budget_without_prices_would_count_nothing_and_is_named(monkeypatch, settings):
    settings.MENPAI_SMS_BUDGET_DAY = 10**6
    assert "MENPAI_SMS_PRICE_OUTBOX is not set" in prices.problems()[0]
    monkeypatch.setenv("MENPAI_SMS_PRICE_OUTBOX", "* 0.045")
    assert prices.problems() == []


def test_a_budget_is_read_in_yuan_and_else_a_bad_setting(monkeypatch):
    for raw, amount in (("", None), ("0", 0), ("20", 20_000_000), ("0.045", 45_000)):
        monkeypatch.setenv("MENPAI_SMS_BUDGET_DAY", raw)
        assert environment.yuan("MENPAI_SMS_BUDGET_DAY") == amount
    for wrong in ("-1", "1e3", "ten", "1.2345678"):
        monkeypatch.setenv("MENPAI_SMS_BUDGET_DAY", wrong)
        with pytest.raises(environment.BadSetting):
            environment.yuan("MENPAI_SMS_BUDGET_DAY")


@pytest.mark.parametrize(
    ("text", "region", "billed"),
    [
        (CHINESE * 70, "CN", 1),
        (CHINESE * 71, "CN", 2),
        (CHINESE * 134, "CN", 2),
        (CHINESE * 135, "CN", 3),
        (GSM * 71, "CN", 2),  # the mainland counts characters, whichever
        (GSM * 160, "US", 1),
        (GSM * 161, "US", 2),
        (GSM * 306, "US", 2),
        (GSM * 307, "US", 3),
        (TWICE * 80, "US", 1),
        (TWICE * 81, "US", 2),
        (GSM * 70 + CHINESE, "US", 2),
        ("😀" * 35, "US", 1),
        ("😀" * 36, "US", 2),
    ],
)
def test_a_text_is_billed_in_parts(text, region, billed):
    assert prices.count_segments(text, region) == billed


def test_the_signature_is_billed_too(monkeypatch):
    monkeypatch.setenv("MENPAI_SMS_PRICE_OUTBOX", "CN 0.045")
    assert prices.price_of_sms("outbox", an_sms(body="字" * 66)) == 45_000  # and 【门牌】
    assert prices.price_of_sms("outbox", an_sms(body="字" * 67)) == 90_000
