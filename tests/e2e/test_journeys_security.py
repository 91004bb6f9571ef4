"""Changing the password, the mobile and the e-mail; seeing and ending what is signed in elsewhere."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from tests.customers import PASSWORD, Person, a_mobile
from tests.e2e.walker import Walker, grow_stale

NEW = "another horse 7"


def open_part(walker: Walker, what: str, action: str) -> None:
    walker.open("/account/security").sees_title("title_security")
    walker.opens_security(what, action)


def ask_for(walker: Walker, kind: str, target: str, password: str = PASSWORD) -> None:
    walker.fill(f"security_new_{kind}", target).fill("security_confirm_password", password)
    walker.press("security_get_code")


def change_password(walker: Walker, old: str) -> None:
    open_part(walker, "password", "change")
    walker.fill("security_old_password", old).types_twice("security_new_password", NEW)
    walker.press("security_save_password")


def test_a_new_password_signs_everybody_else_out(walker: Walker, arrive: Callable[..., Walker], person: Person) -> None:
    elsewhere = arrive().signs_in_as(person).open("/account")
    walker.signs_in_as(person)
    change_password(walker, person.password)
    walker.sees("security_password_done").is_at("/account/security").is_signed_in(person.name)
    elsewhere.turns_to("nav_devices").is_at("/login?next=/account/devices").sees("login_expired")
    elsewhere.signs_in(person.name, person.password).is_signed_out()


def test_a_wrong_old_password_is_said_beside_its_field(walker: Walker, person: Person) -> None:
    walker.signs_in_as(person)
    change_password(walker, "not my password 1")
    walker.is_refused("security_old_password").has_focus("security_old_password")
    walker.holds("security_new_password", NEW).is_signed_in(person.name)


@pytest.mark.parametrize("kind", ["mobile", "email"])
def test_a_new_mobile_or_email(kind: str, walker: Walker, arrive: Callable[..., Walker], person: Person) -> None:
    mobile = a_mobile()
    target = {"mobile": mobile, "email": f"new{mobile[-6:]}@example.com"}[kind]
    elsewhere = arrive().signs_in_as(person).open("/account")
    walker.signs_in_as(person)
    open_part(walker, kind, f"change_{kind}")
    ask_for(walker, kind, target)
    walker.has_focus("code_label")
    walker.fill("code_label", walker.code_sent_to(target)).press("security_confirm")
    walker.sees(f"security_{kind}_done").is_signed_in(person.name)
    elsewhere.open("/account").is_at("/login?next=/account")
    elsewhere.signs_in(target, PASSWORD).is_at("/account").is_signed_in(person.name)


def test_the_new_mailbox_has_to_be_the_customers(walker: Walker, person: Person) -> None:
    walker.signs_in_as(person)
    open_part(walker, "email", "change_email")
    ask_for(walker, "email", "new@example.com", "not my password 1")
    walker.is_refused("security_confirm_password")
    ask_for(walker, "email", "new@example.com")
    walker.has_focus("code_label")
    code = walker.code_sent_to("new@example.com")
    walker.fill("code_label", "0" * len(code)).press("security_confirm").is_refused("code_label")
    walker.fill("code_label", code).press("security_confirm").sees("security_email_done")


# ── Who is there? ──
def test_somebody_without_a_password_confirms_by_sms_and_sets_one_in_place(walker: Walker) -> None:
    mobile = a_mobile()
    walker.asks_for_a_sign_in_code(mobile).tick("consent_before").press("login_button")
    walker.is_signed_in(mobile)
    grow_stale()
    open_part(walker, "password", "set_password")
    walker.types_twice("security_new_password", NEW).press("security_set_password", walker.main)
    walker.sees("step_up_title").press("step_up_send", to=f"{mobile[:3]}****{mobile[-4:]}")
    walker.has_focus("code_label").fill("code_label", walker.code_sent_to(mobile)).press("step_up_confirm")
    walker.sees("security_password_first").is_at("/account/security").is_signed_in(mobile)
    walker.press("sign_out").is_signed_out().open("/login").signs_in(mobile, NEW).is_signed_in(mobile)


# ── Devices ──
def cards(walker: Walker) -> Locator:
    return walker.main.get_by_role("list", name=walker.text("title_devices")).get_by_role("listitem")


def test_one_browser_ends_another_which_comes_back_by_signing_in(
    walker: Walker, arrive: Callable[..., Walker], person: Person
) -> None:
    walker.signs_in_as(person).open("/account/devices").sees("devices_only")
    other = arrive().signs_in_as(person).open("/account")
    walker.reload()
    expect(cards(walker)).to_have_count(2)
    walker.touch(cards(walker).get_by_role("button")).sees("devices_only")
    expect(cards(walker)).to_have_count(1)
    walker.is_signed_in(person.name)
    other.turns_to("nav_devices").is_at("/login?next=/account/devices").sees("login_expired")
    other.signs_in(person.name, person.password).is_at("/account/devices")
    expect(cards(other)).to_have_count(2)


def test_all_the_others_at_once(walker: Walker, arrive: Callable[..., Walker], person: Person) -> None:
    others = [arrive().signs_in_as(person) for _ in range(2)]
    walker.signs_in_as(person).open("/account/devices").press("devices_out_others")
    walker.sees("devices_out_others_done").sees("devices_only")
    for other in others:
        other.open("/account").is_at("/login?next=/account")
