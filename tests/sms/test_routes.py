"""Which gateways serve whom: MENPAI_SMS_ROUTES as it is written, and the order that it makes."""

import random
from collections import Counter

import pytest

from menpai.delivery.sms import carriers, routes, selection, vendors
from menpai.delivery.sms.routes import Share


def order(region, kind="registration-code"):
    return [gateway.name for gateway in selection.candidates(kind, region)]


@pytest.fixture
def keys(monkeypatch):
    for name in ("ACCOUNT_SID", "AUTH_TOKEN", "APP_ID"):
        monkeypatch.setenv(f"MENPAI_YUNTONGXUN_{name}", "x")


def test_a_route_is_regions_and_tiers_with_weights():
    table = routes.parse_routes("CN: aliyun*3 tencent*1 > yuntongxun; HK MO:twilio ;*: twilio>tencent;")
    assert table == {
        "CN": ((Share("aliyun", 3), Share("tencent", 1)), (Share("yuntongxun"),)),
        "HK": ((Share("twilio"),),),
        "MO": ((Share("twilio"),),),
        "*": ((Share("twilio"),), (Share("tencent"),)),
    }


WRONG = {
    "yuntongxun": "has no colon",
    "CN yuntongxun; *: twilio": "has no colon",
    "CHN: yuntongxun": "“CHN” in “CHN: yuntongxun” is no region",
    "cn: yuntongxun": "“cn”",
    ": yuntongxun": "is no region",
    "CN: yuntongxun; CN: twilio": "CN has two rules",
    "CN:": "has an empty place",
    "CN: a > > b": "has an empty place",
    "CN: a*0": "“a*0”",
    "CN: a*x": "“a*x”",
    "CN: A,B": "“A,B”",
    " ; ": "there is no rule",
}


@pytest.mark.parametrize("text", WRONG)
def test_what_cannot_be_understood_is_said_before_the_start(settings, text):
    settings.MENPAI_SMS_ROUTES = text
    [problem] = vendors.problems()
    assert problem.startswith("routes (MENPAI_SMS_ROUTES): ") and WRONG[text] in problem
    assert order("CN") == []


def test_without_routes_the_gateways_stand_in_their_order(settings, keys):
    settings.MENPAI_SMS_GATEWAYS = ["yuntongxun", "outbox"]
    assert order("CN") == ["yuntongxun", "outbox"]
    assert order("HK") == ["outbox"]  # the other one does not reach it


def test_routes_name_the_gateways_by_themselves(settings, keys):
    settings.MENPAI_SMS_ROUTES = "CN: outbox > yuntongxun; *: outbox"
    settings.MENPAI_SMS_GATEWAYS = ["pigeon"]
    assert vendors.problems() == []
    assert (order("CN"), order("HK")) == (["outbox", "yuntongxun"], ["outbox"])


def test_a_region_without_a_rule_is_not_served(settings):
    settings.MENPAI_SMS_ROUTES = "HK: outbox"
    assert (order("HK"), order("CN"), order("")) == (["outbox"], [], [])


def test_names_without_a_gateway_and_gateways_without_keys_are_findings(settings):
    settings.MENPAI_SMS_ROUTES = "CN: pigeon > outbox; HK: yuntongxun"
    found = vendors.problems()
    assert found[0] == "pigeon: there is no such SMS gateway"
    assert {problem.partition(":")[0] for problem in found} == {"pigeon", "yuntongxun"}
    assert order("CN") == ["outbox"]


def test_weights_share_the_first_place(settings, keys):
    settings.MENPAI_SMS_ROUTES = "CN: outbox*3 yuntongxun*1"
    random.seed(7)
    first = Counter(order("CN")[0] for _ in range(2000))
    assert 0.72 < first["outbox"] / 2000 < 0.78
    assert sorted(order("CN")) == ["outbox", "yuntongxun"]  # the other one is asked next


@pytest.mark.parametrize(
    ("number", "carrier"),
    [
        *(("13800138000", "cmcc"), ("18600138000", "cucc"), ("18900138000", "ctcc"), ("19200138000", "cbn")),
        *(("13490138000", "ctcc"), ("13480138000", "cmcc"), ("+8613800138000", "cmcc")),
        *(("17000138000", "ctcc-virtual"), ("17050138000", "cmcc-virtual"), ("17100138000", "cucc-virtual")),
        *(("16000138000", ""), ("+85291234567", ""), ("+13800138000", "")),
    ],
)
def test_a_carrier_is_told_by_the_prefix(number, carrier):
    assert carriers.carrier_of(number) == carrier
