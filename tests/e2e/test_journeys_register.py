"""Becoming a customer."""

from collections.abc import Callable
from typing import Any

import httpx
from playwright.sync_api import expect

from tests.customers import PASSWORD, a_mobile, somebody_by_sms
from tests.e2e.walker import Walker


def fill_in(walker: Walker, mobile: str) -> None:
    """The form without what is optional; the code comes from the SMS, pasted as a whole."""
    walker.sends_sms(mobile)
    sms = walker.sms_sent_to(mobile)
    walker.paste("code_label", sms).holds("code_label", walker.code_sent_to(mobile))
    walker.fill("register_password", PASSWORD).tick("consent_before")


def register_with_email(walker: Walker, mobile: str, name: str, email: str) -> None:
    walker.open("/register")
    fill_in(walker, mobile)
    walker.touch(walker.page.get_by_text(walker.text("register_more"))).fill("register_username", name)
    walker.fill("register_email", email).press("register_submit").sees_title("register_done")
    walker.sees("register_mail_lead", address=email)


def test_by_sms_in_one_form(walker: Walker) -> None:
    mobile = a_mobile()
    walker.open("/register")
    fill_in(walker, mobile)
    walker.press("register_submit").sees("register_done").is_at("/")
    walker.is_signed_in(mobile)
    walker.reload().is_signed_in(mobile)


def test_with_a_mobile_copied_from_a_contact_card(walker: Walker) -> None:
    """Phones wrap copied numbers in direction marks and set them with other dashes."""
    mobile = a_mobile()
    walker.open("/register").sends_sms(f"\u202d{mobile[:3]}\u2212{mobile[3:7]}\u2011{mobile[7:]}\u202c")
    assert len(walker.code_sent_to(mobile)) == 6


def test_with_a_user_name_and_an_email_that_is_then_activated(walker: Walker) -> None:
    mobile = a_mobile()
    name, email = f"zhao_{mobile[-6:]}", f"zhao{mobile[-6:]}@example.com"
    register_with_email(walker, mobile, name, email)
    walker.is_signed_in(name)
    mail = walker.tab(walker.link_sent_to(email))
    mail.press("activate_yes").sees_title("activate_activated_title").is_signed_in(name)
    mail.follow("activate_to_account").is_at("/account").reads("z***@example.com")
    mail.sees("account_verified")


def test_an_activation_link_may_be_opened_twice_and_takes_nothing_back(walker: Walker) -> None:
    mobile = a_mobile()
    email = f"zhao{mobile[-6:]}@example.com"
    register_with_email(walker, mobile, f"zhao_{mobile[-6:]}", email)
    link = walker.link_sent_to(email)
    for _ in range(2):
        walker.open(link).press("activate_yes").sees("activate_activated")
    walker.open(link).press("activate_no").sees_title("activate_expired_title")
    walker.open(link).press("activate_yes").sees("activate_activated")


def test_the_owner_of_the_mailbox_says_not_me(walker: Walker, arrive: Callable[..., Walker]) -> None:
    mobile = a_mobile()
    name, email = f"zhao_{mobile[-6:]}", f"zhao{mobile[-6:]}@example.com"
    register_with_email(walker, mobile, name, email)
    owner = arrive()
    owner.open(walker.link_sent_to(email)).press("activate_no").sees_title("activate_refused_title")
    owner.follow("activate_to_home").is_at("/")
    walker.open("/account").is_at("/login?next=/account").sees("login_first")


def test_a_number_that_is_registered_already_leads_to_sign_in(walker: Walker, http: httpx.Client, mailbox: Any) -> None:
    person = somebody_by_sms(http, mailbox)
    walker.open("/register").fill("register_mobile", person.phone)
    walker.field("register_password").focus()
    walker.sees("register_mobile_taken")
    walker.follow("register_mobile_taken_link").is_at("/login").holds("login_name", person.phone)


def test_the_form_comes_back_to_where_somebody_came_from(walker: Walker) -> None:
    mobile = a_mobile()
    walker.open("/account/addresses").sees("login_first")
    walker.follow("login_register")
    fill_in(walker, mobile)
    walker.press("register_submit").is_at("/account/addresses").is_signed_in(mobile)


def test_a_password_is_hidden_may_be_shown_and_may_be_pasted(walker: Walker) -> None:
    walker.open("/register")
    field = walker.field("register_password")
    expect(field).to_have_attribute("type", "password")
    expect(field).to_have_attribute("autocomplete", "new-password")
    pasted = "el => el.dispatchEvent(new ClipboardEvent('paste', { bubbles: true, cancelable: true }))"
    assert field.evaluate(pasted), "something is in the way of pasting"
    field.fill(PASSWORD)
    walker.touch(field.locator("xpath=..").get_by_role("button"))
    expect(field).to_have_attribute("type", "text")
    expect(field).to_have_value(PASSWORD)
