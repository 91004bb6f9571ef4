"""Signing in with an account of somebody else's, and linking one to the account that one has."""

import re
import time

import pytest
from playwright.sync_api import expect

from tests.customers import Person, a_mobile
from tests.e2e import consent
from tests.e2e.consent import PROVIDERS
from tests.e2e.walker import Walker, grow_stale


@pytest.mark.parametrize("provider", PROVIDERS)
def test_new_by_phone_and_from_then_on_directly(provider: str, walker: Walker) -> None:
    mobile = a_mobile()
    walker.open("/register").sets_out(provider).consents()
    walker.sees("social_bind_lead", provider=walker.text(f"social_{provider}"))
    walker.reads(f"@{consent.KNOWN}")
    walker.goes_on_by_mobile(mobile)
    walker.sees("social_registered", provider=walker.text(f"social_{provider}")).is_at("/")
    walker.is_signed_in(mobile)
    walker.press("sign_out").is_signed_out()
    walker.open("/login").sets_out(provider).consents()
    walker.is_at("/account").is_signed_in(mobile)


def test_an_account_that_is_there_is_linked_by_its_password(walker: Walker, person: Person) -> None:
    walker.open("/login").sets_out("weibo").consents()
    walker.goes_on_by_password(person.name, "not my password 1")
    expect(walker.main.get_by_role("alert").filter(has_text=re.compile(r"\S"))).to_be_visible()
    walker.fill("login_password", person.password).press("social_bind")
    walker.sees("social_linked", provider=walker.text("social_weibo")).is_at("/account")
    walker.is_signed_in(person.name)


def test_an_account_that_is_there_is_linked_by_its_phone(walker: Walker, person: Person) -> None:
    walker.open("/login").sets_out("qq").consents()
    walker.goes_on_by_mobile(person.phone, accepts_terms=False)
    walker.sees("social_linked", provider=walker.text("social_qq")).is_signed_in(person.name)


def test_a_new_number_needs_the_consent(walker: Walker) -> None:
    walker.open("/login").sets_out("weibo").consents(consent.NEW)
    mobile = a_mobile()
    walker.goes_on_by_mobile(mobile, accepts_terms=False).is_refused(walker.box("consent_before"))
    walker.tick("consent_before").press("social_continue").is_signed_in(mobile)


@pytest.mark.parametrize("remember", [False, True], ids=["for now", "remembered"])
def test_where_one_was_going_and_the_wish_to_be_remembered_come_along(
    remember: bool, walker: Walker, person: Person
) -> None:
    walker.open("/account/devices").sees("login_first")
    if remember:
        walker.tick("login_remember")
    walker.sets_out("wechat").consents().goes_on_by_password(person.phone, person.password)
    walker.is_at("/account/devices")
    assert (walker.cookie()["expires"] > time.time()) is remember


def test_linking_and_unlinking_in_the_account(walker: Walker, person: Person) -> None:
    walker.signs_in_as(person).open("/account/security")
    alipay = {"provider": walker.text("social_alipay")}
    walker.press("social_link_of", **alipay).is_asked("alipay")
    walker.consents().is_at("/account/security").sees("social_linked", **alipay)
    assert f"@{consent.KNOWN}" in walker.provider_row("alipay")
    walker.press("social_unlink_of", **alipay).press("social_keep")
    expect(walker.button("social_unlink_of", **alipay)).to_be_focused()
    walker.press("social_unlink_of", **alipay).press("social_unlink").sees("social_unlinked", **alipay)
    expect(walker.button("social_link_of", **alipay)).to_be_focused()
    assert walker.text("social_none") in walker.provider_row("alipay")


def test_the_published_callback_page_leads_to_the_one_of_today(walker: Walker, person: Person) -> None:
    """Operators have registered its address with Weibo."""
    walker.open("/login").sets_out("weibo")
    query = walker.way_back().partition("?")[2]
    walker.open(f"/dadashop/templates/callback.html?{query}")
    walker.goes_on_by_password(person.name, person.password).is_signed_in(person.name)


def test_the_ticket_survives_a_reload(walker: Walker) -> None:
    walker.open("/login").sets_out("weibo").consents()
    walker.sees_title("title_bind")
    assert "ticket" not in walker.page.url
    walker.reload().reads(f"@{consent.KNOWN}")
    mobile = a_mobile()
    walker.goes_on_by_mobile(mobile).is_signed_in(mobile)
    assert "menpai_newcomer" not in walker.page.evaluate("JSON.stringify({...sessionStorage})")


def test_linking_asks_for_the_password_in_place_and_again_after_a_wrong_one(walker: Walker, person: Person) -> None:
    walker.signs_in_as(person).open("/account/security")
    grow_stale()
    walker.press("social_link_of", provider=walker.text("social_alipay")).sees("step_up_title")
    walker.has_focus("step_up_password").fill("step_up_password", "not my password 1").press("step_up_confirm")
    walker.is_refused("step_up_password").fill("step_up_password", person.password).press("step_up_confirm")
    walker.is_asked("alipay").consents().is_at("/account/security")
    walker.sees("social_linked", provider=walker.text("social_alipay"))


def test_the_same_provider_confirms_too_and_whoever_cancels_changes_nothing(walker: Walker, person: Person) -> None:
    walker.signs_in_as(person).open("/account/security")
    weibo = {"provider": walker.text("social_weibo")}
    walker.press("social_link_of", **weibo).is_asked("weibo").consents().sees("social_linked", **weibo)
    grow_stale()
    walker.press("social_unlink_of", **weibo).press("social_unlink").sees("step_up_title")
    walker.press("step_up_cancel").press("social_keep")
    assert "@" in walker.provider_row("weibo")
    walker.press("social_unlink_of", **weibo).press("social_unlink").press("step_up_by_weibo")
    walker.is_asked("weibo").consents().is_at("/account/security").sees("social_confirmed")
    walker.press("social_unlink_of", **weibo).press("social_unlink").sees("social_unlinked", **weibo)
