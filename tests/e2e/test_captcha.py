"""A shop that wants a captcha before each SMS and each sign-in: mostly nobody notices; else a dialog, for everybody."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, expect

from tests.captchas import digits_of
from tests.customers import PASSWORD, Person, a_mobile
from tests.e2e import axe, layout
from tests.e2e.conftest import running_site
from tests.e2e.keys import Keys
from tests.e2e.test_journeys_register import fill_in
from tests.e2e.walker import Walker
from tests.rig.service import Service

# Over plain http a browser has no cryptography to compute with.
CANNOT_COMPUTE = "Object.defineProperty(window, 'isSecureContext', { value: false })"

HEARD = """async address => {
  const sound = await (await fetch(address)).arrayBuffer()
  return (await new AudioContext().decodeAudioData(sound)).duration
}"""


@pytest.fixture(scope="module")
def site(service: Callable[..., Service], request: pytest.FixtureRequest) -> Iterator[Service]:
    always = {"MENPAI_CAPTCHA_BEFORE_SMS": "always", "MENPAI_CAPTCHA_BEFORE_LOGIN": "always"}
    yield from running_site(service, request, **always)


@pytest.fixture
def simple(arrive: Callable[..., Walker]) -> Walker:
    """Somebody whose browser cannot compute."""
    walker = arrive()
    walker.context.add_init_script(CANNOT_COMPUTE)
    return walker


def dialog(walker: Walker) -> Locator:
    return walker.page.get_by_role("dialog", name=walker.text("captcha_title"))


def answer(walker: Walker) -> str:
    """Of the picture that is shown. No page and no endpoint tells; the keys of the service do."""
    picture = dialog(walker).get_by_role("img")
    expect(picture).to_have_js_property("naturalWidth", 300)
    address = picture.get_attribute("src") or ""
    return digits_of(re.findall(r"/challenges/([^/]+)/picture", address)[0])


def wrong(digits: str) -> str:
    return digits[1:] + ("3" if digits[0] == "2" else "2")


def asks_for_an_sms(walker: Walker) -> str:
    mobile = a_mobile()
    walker.open("/register").fill("register_mobile", mobile).fill("register_password", PASSWORD)
    walker.press("send_sms")
    expect(dialog(walker)).to_be_visible()
    return mobile


def test_whoever_can_compute_registers_and_signs_in_without_noticing(walker: Walker) -> None:
    mobile = a_mobile()
    walker.open("/register")
    fill_in(walker, mobile)
    walker.press("register_submit").is_signed_in(mobile)
    walker.press("sign_out").is_signed_out()
    walker.open("/login").signs_in(mobile, PASSWORD).is_signed_in(mobile)
    expect(walker.page.locator("dialog")).to_have_count(0)


def test_the_picture_with_the_keyboard_alone(simple: Walker) -> None:
    keys, mobile = Keys(simple), a_mobile()
    simple.open("/register")
    keys.type("register_mobile", mobile).type("register_password", PASSWORD).button("send_sms", "Space")
    simple.has_focus("captcha_label")
    first = answer(simple)
    simple.page.keyboard.press("Enter")
    simple.is_refused("captcha_label")
    keys.type("captcha_label", wrong(first))
    simple.page.keyboard.press("Enter")
    simple.holds("captcha_label", "").is_refused("captcha_label").has_focus("captcha_label")
    keys.button("captcha_other", "Space")
    simple.sees("captcha_changed")
    keys.type("captcha_label", answer(simple)).button("captcha_submit")
    simple.sees("send_sms_done")
    expect(simple.button("send_sms")).to_have_count(0)  # it counts down
    keys.is_seen()
    simple.holds("register_mobile", mobile).holds("register_password", PASSWORD)
    assert simple.code_sent_to(mobile)


def test_the_digits_are_spoken_in_the_language_of_the_page(simple: Walker) -> None:
    asks_for_an_sms(simple)
    with simple.page.expect_request("**/sound") as asked:
        simple.press("captcha_listen")
    assert asked.value.headers["accept-language"] == simple.way.tag
    simple.sees("captcha_listening")
    assert simple.page.evaluate(HEARD, asked.value.url) > 4  # seconds: this browser can play it
    simple.fill("captcha_label", answer(simple)).press("captcha_submit").sees("send_sms_done")


def test_whoever_leaves_the_dialog_loses_nothing_and_may_come_back(simple: Walker) -> None:
    mobile = asks_for_an_sms(simple)
    simple.page.keyboard.press("Escape")
    expect(dialog(simple)).to_have_count(0)
    simple.sees("send_sms_failed").holds("register_mobile", mobile)
    expect(simple.button("send_sms")).to_be_focused()
    simple.press("send_sms").press("captcha_cancel")
    expect(dialog(simple)).to_have_count(0)
    simple.press("send_sms").fill("captcha_label", answer(simple)).press("captcha_submit")
    simple.sees("send_sms_done")


def test_signing_in_asks_too_and_goes_on_by_itself(simple: Walker, person: Person) -> None:
    simple.open("/login").signs_in(person.name, person.password).fill("captcha_label", answer(simple))
    simple.press("captcha_submit").is_signed_in(person.name)


@pytest.mark.slow("measured in every width, and examined by axe")
def test_the_dialog_is_for_everybody(simple: Walker) -> None:
    """axe-core's rules by day and by night; nothing sticks out or is hard to touch on the narrowest phone."""
    asks_for_an_sms(simple)
    simple.press("captcha_submit").is_refused("captcha_label")
    answer(simple)
    broken = []
    for theme in ("light", "dark"):
        simple.page.emulate_media(color_scheme=theme)
        broken += [f"{theme}: {rule}" for rule in axe.violations(simple.page)]
    broken += layout.faults(simple.page)
    assert not broken, "\n".join(broken)
