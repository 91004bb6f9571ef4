"""Signing in and out."""

import re
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.customers import Person, a_mobile
from tests.e2e.walker import SESSION, Walker

MONTH = timedelta(days=30).total_seconds()
GUARDED = ("/account", "/account/addresses?page=2", "/account/security", "/account/devices")


def kept_by_scripts(walker: Walker) -> str:
    """All that a script of the page could read."""
    found: str = walker.page.evaluate(
        "JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie, history.state])"
    )
    return found


@pytest.mark.parametrize("remember", [False, True], ids=["for now", "remembered"])
@pytest.mark.parametrize("what", ["name", "phone", "email"])
def test_with_a_password(what: str, remember: bool, walker: Walker, person: Person) -> None:
    walker.open("/login").signs_in(getattr(person, what), person.password, remember).is_at("/account")
    walker.is_signed_in(person.name)
    cookie = walker.cookie()
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Lax")
    if remember:
        assert MONTH - 60 < cookie["expires"] - time.time() <= MONTH
    else:
        assert cookie["expires"] == -1, "it ends with the browser"
    seen = kept_by_scripts(walker)
    assert SESSION not in seen and cookie["value"] not in seen
    assert not re.search(r"[\w-]{20,}\.|[A-Za-z0-9_-]{32,}", seen), "nothing that looks like a token"
    walker.reload().is_signed_in(person.name)


def test_signing_out(walker: Walker, person: Person) -> None:
    walker.signs_in_as(person).open("/account").press("sign_out")
    walker.is_at("/").is_signed_out()
    assert walker.cookie() is None
    walker.open("/account").is_at("/login?next=/account")


def test_signing_out_in_one_tab_is_seen_in_the_other(walker: Walker, person: Person) -> None:
    walker.signs_in_as(person).open("/account")
    other = walker.tab("/account/security")
    other.press("sign_out").is_signed_out()
    walker.is_at("/login?next=/account").sees("login_expired").is_signed_out()


def test_signing_in_in_one_tab_is_seen_in_the_other(walker: Walker, person: Person) -> None:
    walker.open("/account/devices").sees("login_first")
    other = walker.tab("/login")
    other.signs_in(person.name, person.password).is_signed_in(person.name)
    walker.is_at("/account/devices").is_signed_in(person.name)


def test_with_a_code_by_sms(walker: Walker, person: Person) -> None:
    walker.asks_for_a_sign_in_code(person.phone).tick("login_remember").press("login_button")
    walker.is_at("/account").is_signed_in(person.name)
    assert walker.cookie()["expires"] > time.time()


def test_a_new_number_is_registered_once_its_owner_consents(walker: Walker) -> None:
    mobile = a_mobile()
    walker.asks_for_a_sign_in_code(mobile)
    code = walker.field("code_label").input_value()
    walker.press("login_button").is_refused(walker.box("consent_before")).holds("code_label", code)
    walker.tick("consent_before").press("login_button").sees("login_registered")
    walker.is_signed_in(mobile)


def test_a_wrong_password_says_so_and_keeps_what_was_typed(walker: Walker, person: Person) -> None:
    walker.open("/login").signs_in(person.name, "not my password 1")
    expect(walker.main.get_by_role("alert").filter(has_text=re.compile(r"\S"))).to_be_visible()
    walker.holds("login_name", person.name)
    walker.signs_in(person.name, person.password).is_signed_in(person.name)


def test_a_page_that_needs_it_leads_to_sign_in_and_comes_back(arrive: Callable[..., Walker], person: Person) -> None:
    for path in GUARDED:
        walker = arrive()
        walker.open(path).is_at(f"/login?next={path}").sees("login_first")
        walker.signs_in(person.name, person.password).is_at(path).is_signed_in(person.name)


@pytest.mark.production_only("in development other providers are played")
def test_where_no_provider_is_set_up_nothing_is_loaded_for_one(walker: Walker, person: Person) -> None:
    loaded: list[str] = []
    walker.page.on("request", lambda one: loaded.append(one.url))
    walker.open("/login").sees_title("title_login").settled()
    walker.signs_in_as(person).open("/account/security").sees_title("title_security")
    walker.settled()
    assert not [url for url in loaded if re.search(r"social", url, re.IGNORECASE)]
    assert any("SecurityPage" in url for url in loaded)
    expect(walker.page.get_by_role("heading", name=walker.text("social_accounts"))).to_have_count(0)
