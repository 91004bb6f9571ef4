"""The server is away, the line is slow, an answer is lost. Nothing typed is lost, and trying again works."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect

from tests.customers import PASSWORD, Person, a_mobile, activation_code, somebody
from tests.e2e import mishaps
from tests.e2e.mishaps import Failure, fails_then_works, loses_the_answer
from tests.e2e.walker import Walker


def test_signing_in(failure: Failure, walker: Walker, person: Person) -> None:
    walker.open("/login").fill("login_name", person.name).fill("login_password", person.password)
    fails_then_works(walker, failure, "login_button", login_name=person.name, login_password=person.password)
    walker.is_signed_in(person.name)


def test_registering(failure: Failure, walker: Walker) -> None:
    mobile = a_mobile()
    walker.fills_in_registration(mobile)
    fails_then_works(walker, failure, "register_submit", register_mobile=mobile, register_password=PASSWORD)
    walker.sees("register_done").is_signed_in(mobile)


def test_asking_for_a_code(failure: Failure, walker: Walker) -> None:
    mobile = a_mobile()
    walker.open("/register").fill("register_mobile", mobile)
    with failure.happens(walker):
        walker.press("send_sms").sees("send_sms_failed").sees(failure.words)
    walker.press("send_sms").sees("send_sms_done")
    assert walker.code_sent_to(mobile).isdecimal()


def test_recovering(failure: Failure, walker: Walker, person: Person) -> None:
    walker.open("/recover").fill("recover_target", person.email)
    fails_then_works(walker, failure, "recover_send", recover_target=person.email)
    walker.shows("code_label")
    walker.fill("code_label", walker.code_sent_to(person.email))
    fails_then_works(walker, failure, "recover_next")
    walker.shows("recover_password")
    walker.types_twice("recover_password", "another horse 7")
    fails_then_works(walker, failure, "recover_save")
    walker.shows("login_name").is_at("/login")


def test_activating(failure: Failure, walker: Walker, http: httpx.Client, mailbox: Any) -> None:
    walker.open(f"/activate?code={activation_code(mailbox, somebody(http).email)}")
    fails_then_works(walker, failure, "activate_yes")
    walker.sees_title("activate_activated_title")


def test_signing_out(failure: Failure, walker: Walker, person: Person) -> None:
    walker.signs_in_as(person).open("/account")
    with failure.happens(walker):
        walker.press("sign_out").sees(failure.words).is_signed_in(person.name)
    walker.press("sign_out").is_signed_out()


def test_a_page_whose_files_do_not_come_says_so_and_loads_again(walker: Walker) -> None:
    walker.guard.expect(mishaps.NO_ANSWER, "console: .*Failed to fetch dynamically imported module")
    walker.open("/terms").sees_title("title_terms")
    with mishaps.unreachable(walker, "/static/menpai/app/RecoverPage"), mishaps.unreachable(walker, "/recover"):
        walker.open("/login")
        walker.context.set_offline(True)
        walker.follow("login_forgot").sees("page_failed").sees_title("title_login")
        walker.context.set_offline(False)
    walker.press("try_again").is_at("/recover").sees_title("title_recover")


# ── Slow ──
def test_a_slow_answer_is_said_on_the_button_and_a_second_press_sends_nothing(walker: Walker) -> None:
    mobile = a_mobile()
    walker.fills_in_registration(mobile)
    with mishaps.slow(walker, "/api/registrations") as held:
        walker.press("register_submit")
        busy = walker.button("register_busy")
        expect(busy).to_have_attribute("aria-disabled", "true")
        width = busy.bounding_box()
        walker.touch(busy, force=True)
        walker.field("register_password").press("Enter")
        expect(busy).to_be_visible()
        assert len(held) == 1
        held.go()
    walker.sees("register_done").is_signed_in(mobile)
    assert width


@pytest.mark.parametrize("where", ["login", "register", "recover"])
def test_a_double_click_sends_once(where: str, walker: Walker, person: Person) -> None:
    button = {"login": "login_button", "register": "register_submit", "recover": "recover_send"}[where]
    if where == "register":
        walker.fills_in_registration(a_mobile())
    else:
        walker.open(f"/{where}")
    if where == "login":
        walker.fill("login_name", person.name).fill("login_password", person.password)
    elif where == "recover":
        walker.fill("recover_target", person.phone)
    sent = counted(walker)
    walker.button(button).dblclick()
    if where == "recover":
        walker.shows("code_label")
    else:
        expect(walker.header.get_by_role("button", name=walker.text("sign_out"))).to_be_visible()
    assert len(sent) == 1, sent


def counted(walker: Walker) -> list[str]:
    """The requests that change something, from now on."""
    sent: list[str] = []
    walker.page.on("request", lambda request: request.method != "GET" and sent.append(request.url))
    return sent


def test_an_answer_that_does_not_come_at_all_is_waited_for_a_while(walker: Walker, person: Person) -> None:
    walker.guard.expect(mishaps.NO_ANSWER)
    walker.page.clock.install()
    walker.open("/login")
    with mishaps.slow(walker, "/api/sessions") as held:
        walker.signs_in(person.name, person.password)
        expect(walker.button("login_busy")).to_be_visible()
        walker.page.clock.fast_forward(16_000)
        walker.alerts("timeout")
        held.routes.clear()
    walker.press("login_button").is_signed_in(person.name)


# ── Lost ──
def test_a_registration_whose_answer_was_lost_is_done_once(walker: Walker, http: httpx.Client) -> None:
    mobile = a_mobile()
    email = f"zhao{mobile[-6:]}@example.com"
    walker.fills_in_registration(mobile, register_username=f"zhao_{mobile[-6:]}", register_email=email)
    loses_the_answer(walker, "register_submit", "/api/registrations", 201)
    walker.is_signed_out()
    walker.press("register_submit").sees("register_done").is_signed_in(f"zhao_{mobile[-6:]}")
    from menpai.models import Customer

    assert Customer.objects.count() == 1
    mails = http.get("/dev/mailbox.json", params={"to": email}).json()["messages"]
    assert len(mails) == 1


def test_a_sign_in_by_code_whose_answer_was_lost(walker: Walker) -> None:
    mobile = a_mobile()
    walker.asks_for_a_sign_in_code(mobile).tick("consent_before")
    loses_the_answer(walker, "login_button", "/api/sessions/by-code", 201)
    walker.press("login_button").is_signed_in(mobile)


def test_a_new_password_whose_answer_was_lost_is_tried_first(
    walker: Walker, person: Person, arrive: Callable[..., Walker]
) -> None:
    walker.redeems_a_recovery_code(person.phone).types_twice("recover_password", "another horse 7")
    loses_the_answer(walker, "recover_save", "/api/recovery/password", 204)
    walker.press("recover_save").alerts("recover_perhaps_done")
    arrive().open("/login").signs_in(person.name, "another horse 7")
