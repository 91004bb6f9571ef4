"""The button that sends an SMS, and the field that takes its code. The Chinese sentences are published ones."""

import re

import pytest
from playwright.sync_api import Locator, expect

from menpai import rules
from tests.customers import a_mobile
from tests.e2e import texts
from tests.e2e.walker import Walker, later

CODE = "1234567890"[: rules.SMS_CODE_DIGITS]
IN_FULL_WIDTH = CODE.translate({ord(digit): ord(digit) + 0xFEE0 for digit in CODE})
PUBLISHED = {
    "send_sms": "点击发送短信",
    "send_again_in": "{n}秒后可继续点击发送",
    "send_too_soon": "60s内不能频繁发送短信!",
    "send_sms_done": "发送短信成功了!",
    "send_sms_failed": "发送短信失败!",
    "register_done": "注册成功!",
}


def waiting(walker: Walker) -> Locator:
    """The button, while it says how long to wait."""
    name = re.escape(walker.text("send_again_in")).replace(re.escape("{n}"), r"\d+")
    return walker.page.get_by_role("button", name=re.compile(f"^{name}$"))


def left(walker: Walker) -> int:
    digits = re.search(r"\d+", waiting(walker).inner_text())
    assert digits
    return int(digits[0])


def test_the_published_sentences_are_kept_to_the_letter() -> None:
    assert {key: texts.texts("zh")[key] for key in PUBLISHED} == PUBLISHED


def test_the_button_counts_down_refuses_and_comes_back(walker: Walker) -> None:
    walker.page.clock.install()
    walker.open("/register").sends_sms(a_mobile())
    assert 55 <= left(walker) <= 60
    expect(waiting(walker)).to_have_attribute("aria-disabled", "true")
    walker.touch(waiting(walker), force=True).sees("send_too_soon")
    expect(waiting(walker)).to_be_focused()
    walker.page.clock.fast_forward(61_000)
    expect(walker.button("send_sms")).to_be_visible()
    later(61)
    walker.press("send_sms").sees("send_sms_done")


def test_the_countdown_survives_a_reload(walker: Walker) -> None:
    walker.open("/register").sends_sms(a_mobile())
    before = left(walker)
    walker.reload()
    expect(waiting(walker)).to_be_visible()
    assert before - 15 <= left(walker) <= before


def test_a_number_that_was_asked_for_elsewhere_takes_the_servers_wait(walker: Walker) -> None:
    mobile = a_mobile()
    first, second = walker.tab("/register"), walker.tab("/register")
    for tab, answer in ((first, "send_sms_done"), (second, "send_too_soon")):
        tab.fill("register_mobile", mobile).press("send_sms").sees(answer)
        assert 45 <= left(tab) <= 60


@pytest.mark.parametrize(
    "pasted",
    [f"【门牌】验证码 {CODE}", f"【门牌】您的验证码是{CODE}，5分钟内有效。", f" {CODE[:3]} {CODE[3:]} ", IN_FULL_WIDTH],
)
def test_a_pasted_message_leaves_its_code(pasted: str, walker: Walker) -> None:
    walker.open("/register").paste("code_label", pasted).holds("code_label", CODE)


def test_a_mobile_is_understood_as_people_type_it(walker: Walker) -> None:
    mobile = a_mobile()
    walker.open("/register").sends_sms(f"+86 {mobile[:3]}-{mobile[3:7]} {mobile[7:]}")
    assert walker.code_sent_to(mobile).isdecimal()
