"""Codes, tickets and links that are wrong, worn out, too old, used already or not there at all."""

import re
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect

from tests.customers import PASSWORD, Person, a_mobile, activation_code, somebody, wrong
from tests.e2e.mishaps import much_later
from tests.e2e.walker import Walker

WORDS = {
    "wrong": {"zh": "验证码不正确。", "en": "Incorrect code."},
    "gone": {"zh": "验证码已失效，请重新获取。", "en": "This code is no longer valid. Please request a new one."},
}
TRIES = 5
NEW = "another horse 7"
everywhere = pytest.mark.parametrize("where", ["register", "login", "recover"])
GO = {"register": "register_submit", "login": "login_button", "recover": "recover_next"}


def to_the_code(where: str, walker: Walker, person: Person) -> str:
    """Everything is filled in but the code; returns where it went."""
    mobile = a_mobile() if where == "register" else person.phone
    walker.page.clock.install()
    if where == "recover":
        walker.asks_for_recovery(mobile)
    elif where == "login":
        walker.open("/login").choose("login_by_code").sends_sms(mobile, "login_mobile")
    else:
        walker.open("/register").sends_sms(mobile).fill("register_password", PASSWORD)
        walker.tick("consent_before")
    return mobile


def asks_again(where: str, walker: Walker) -> None:
    walker.page.clock.fast_forward(61_000)
    much_later(61)
    walker.press("resend_now" if where == "recover" else "send_sms")
    walker.sees("resend_sent" if where == "recover" else "send_sms_done")


def tries(where: str, walker: Walker, code: str) -> None:
    walker.fill("code_label", code).press(GO[where])


def is_told(walker: Walker, which: str, code: str) -> None:
    """Beside the field, which has the focus and still holds what was typed."""
    walker.is_told("code_label", WORDS[which][walker.language]).holds("code_label", code)


def got_through(where: str, walker: Walker) -> None:
    if where == "recover":
        walker.has_focus("recover_password")
    else:
        expect(walker.header.get_by_role("button", name=walker.text("sign_out"))).to_be_visible()


@everywhere
def test_a_wrong_code_says_so_and_the_right_one_still_works(where: str, walker: Walker, person: Person) -> None:
    code = walker.code_sent_to(to_the_code(where, walker, person))
    tries(where, walker, wrong(code))
    is_told(walker, "wrong", wrong(code))
    tries(where, walker, code)
    got_through(where, walker)


@everywhere
def test_five_wrong_guesses_wear_a_code_out(where: str, walker: Walker, person: Person) -> None:
    to = to_the_code(where, walker, person)
    code = walker.code_sent_to(to)
    for guess in range(1, TRIES + 1):
        guessed = f"{(int(code) + guess) % 10 ** len(code):0{len(code)}d}"
        tries(where, walker, guessed)
        is_told(walker, "wrong", guessed)
    tries(where, walker, code)
    is_told(walker, "gone", code)
    if where != "recover":  # there a new code does not give the tries back
        asks_again(where, walker)
        tries(where, walker, walker.code_sent_to(to))
        got_through(where, walker)


@everywhere
def test_a_code_that_came_too_late_asks_for_a_new_one(where: str, walker: Walker, person: Person) -> None:
    to = to_the_code(where, walker, person)
    code = walker.code_sent_to(to)
    much_later(301)
    tries(where, walker, code)
    is_told(walker, "gone", code)
    asks_again(where, walker)
    tries(where, walker, walker.code_sent_to(to))
    got_through(where, walker)


def reaches_the_last_step(walker: Walker, person: Person) -> None:
    walker.redeems_a_recovery_code(person.phone).types_twice("recover_password", NEW)


@pytest.mark.parametrize("how", ["expired", "without a ticket"])
def test_the_last_step_without_its_ticket_begins_again_and_keeps_what_was_typed(
    how: str, walker: Walker, person: Person
) -> None:
    reaches_the_last_step(walker, person)
    if how == "expired":
        much_later(601)
    else:
        walker.context.clear_cookies()
    walker.press("recover_save").sees("recover_expired").holds("recover_target", person.phone)
    much_later(61)
    walker.press("recover_send")
    walker.shows("code_label")  # what comes before is an older message
    walker.fill("code_label", walker.code_sent_to(person.phone)).press("recover_next")
    for field in ("recover_password", "recover_password2"):
        walker.holds(field, NEW)
    walker.press("recover_save").sees("recover_done")


def test_the_last_step_is_over_when_its_page_is_loaded_again_too_late(walker: Walker, person: Person) -> None:
    walker.page.clock.install()
    reaches_the_last_step(walker, person)
    walker.page.clock.fast_forward(601_000)
    walker.reload().sees("recover_expired").holds("recover_target", person.phone)


def test_a_link_that_is_open_twice_says_the_same_in_both(walker: Walker, http: httpx.Client, mailbox: Any) -> None:
    link = f"/activate?code={activation_code(mailbox, somebody(http).email)}"
    twins = [walker.tab(link), walker.tab(link)]
    for twin in twins:
        twin.press("activate_yes").sees_title("activate_activated_title")


def test_a_link_is_dead_once_its_mailbox_was_taken_away(walker: Walker, http: httpx.Client, mailbox: Any) -> None:
    link = f"/activate?code={activation_code(mailbox, somebody(http).email)}"
    walker.open(link)
    twin = walker.tab(link)
    twin.press("activate_no").sees_title("activate_refused_title")
    walker.press("activate_yes").sees_title("activate_expired_title").sees("activate_expired")
    walker.follow("activate_to_sign_in").is_at("/login?next=/activate")


def test_a_link_that_was_cut_leads_on(walker: Walker) -> None:
    expired, cut = (re.escape(walker.text(f"activate_{kind}_title")) for kind in ("expired", "malformed"))
    for query in ("", "?code=", "?code=%00", "?code=not-a-code", "?code=a&code=b"):
        walker.open(f"/activate{query}")
        expect(walker.page.get_by_role("heading", level=1)).to_be_visible()
        if walker.button("activate_yes").count():
            walker.press("activate_yes")
        expect(walker.page.get_by_role("heading", level=1)).to_have_text(re.compile(f"^({expired}|{cut})$"))
        expect(walker.link("activate_to_sign_in")).to_be_visible()
