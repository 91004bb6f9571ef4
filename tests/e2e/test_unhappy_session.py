"""The session ends while somebody is in the middle of something, or another tab was faster."""

import re
from collections.abc import Callable

import httpx
from playwright.sync_api import expect

from tests.customers import Person, a_mobile, somebody
from tests.e2e.walker import Walker

NOT_RIGHT = {"zh": "密码不正确。", "en": "Incorrect password."}


def ended_elsewhere(person: Person) -> None:
    """The customer signs all devices out but the one that they hold."""
    answer = person.http.post("/api/sessions", json={"name": person.name, "password": person.password})
    headers = {"authorization": f"Bearer {answer.json()['access_token']}"}
    assert person.http.delete("/api/me/sessions", headers=headers).status_code == 204


def test_a_session_that_was_ended_elsewhere_leads_to_sign_in_and_back(walker: Walker, person: Person) -> None:
    walker.signs_in_as(person).open("/account/security").opens_security("password")
    walker.fill("security_old_password", person.password)
    walker.types_twice("security_new_password", "another horse 7")
    ended_elsewhere(person)
    walker.press("security_save_password").is_at("/login?next=/account/security").sees("login_expired")
    walker.is_signed_out()
    walker.signs_in(person.name, person.password).is_at("/account/security").sees_title("title_security")


def test_so_does_a_page_that_is_loaded_again(walker: Walker, person: Person) -> None:
    for path in ("/account", "/account/addresses", "/account/devices"):
        walker.signs_in_as(person).open(path).is_signed_in(person.name)
        ended_elsewhere(person)
        walker.reload().is_at(f"/login?next={path}")
    walker.signs_in(person.name, person.password).is_at("/account/devices")


def test_an_old_password_that_is_wrong_keeps_the_new_one(walker: Walker, person: Person) -> None:
    walker.signs_in_as(person).open("/account/security").opens_security("password")
    walker.fill("security_old_password", "not this 1")
    walker.types_twice("security_new_password", "another horse 7").press("security_save_password")
    walker.is_told("security_old_password", NOT_RIGHT[walker.language])
    walker.holds("security_new_password", "another horse 7")
    walker.fill("security_old_password", person.password).press("security_save_password")
    walker.sees("security_password_done").is_signed_in(person.name)


def test_registered_in_one_tab_while_the_form_is_open_in_the_other(walker: Walker) -> None:
    mobile = a_mobile()
    walker.fills_in_registration(mobile)
    other = walker.tab("/register")
    for key in ("register_mobile", "code_label", "register_password"):
        other.fill(key, walker.field(key).input_value())
    other.tick("consent_before").press("register_submit").sees("register_done")
    walker.is_signed_in(mobile).is_at("/account")


def test_another_customer_signs_in_in_another_tab(walker: Walker, http: httpx.Client, person: Person) -> None:
    """What stands on the first tab is not theirs."""
    walker.signs_in_as(person).open("/account").is_signed_in(person.name)
    second = somebody(http)
    other = walker.tab("/account")
    other.press("sign_out").is_signed_out()
    other.open("/login").signs_in(second.name, second.password).is_signed_in(second.name)
    walker.is_signed_in(second.name)
    expect(walker.page.get_by_text(person.name)).to_have_count(0)


def test_a_device_that_is_gone_already_is_no_failure(
    walker: Walker, person: Person, arrive: Callable[..., Walker]
) -> None:
    elsewhere = arrive().signs_in_as(person)
    walker.signs_in_as(person).open("/account/devices")
    ends = walker.main.get_by_role("button", name=re.compile(walker.text("devices_out_of", device=".*")))
    expect(ends).to_have_count(1)
    elsewhere.open("/account").press("sign_out").is_signed_out()
    walker.touch(ends)
    expect(ends).to_have_count(0)
    walker.sees("devices_only")
