"""What a form does not take: it says so beside the field, in words, and keeps the rest."""

import re
from typing import Any

import httpx
from playwright.sync_api import expect

from tests.customers import PASSWORD, Person, a_mobile, somebody_by_sms
from tests.e2e.mishaps import much_later
from tests.e2e.walker import Walker

TAKEN = {
    "register_mobile": {"zh": "该手机号已注册", "en": "This mobile number is already registered"},
    "register_username": {"zh": "该用户名已被使用", "en": "This username is already taken"},
}
SAME = {"zh": "新密码不能与旧密码相同", "en": "must be different from the old one"}
WEAK = {"zh": "密码过于常见", "en": "This password is too common"}


def test_a_number_that_is_taken_is_told_on_leaving_the_field(walker: Walker, http: httpx.Client, mailbox: Any) -> None:
    person = somebody_by_sms(http, mailbox)
    walker.open("/register").fill("register_mobile", person.phone)
    walker.field("code_label").focus()
    field = walker.field("register_mobile")
    expect(field).to_have_accessible_description(re.compile(re.escape(walker.text("register_mobile_taken"))))
    walker.fill("register_mobile", a_mobile())
    expect(field).not_to_have_attribute("aria-invalid", "true")
    expect(walker.link("register_mobile_taken_link")).to_have_count(0)


def test_a_number_that_was_taken_meanwhile_is_told_on_sending(walker: Walker, http: httpx.Client, mailbox: Any) -> None:
    mobile = a_mobile()
    walker.fills_in_registration(mobile)
    code = walker.code_sent_to(mobile)
    # The owner of the number is already through in another browser, with a code of a minute later.
    much_later(61)
    somebody_by_sms(http, mailbox, mobile)
    much_later(61)
    assert http.get(f"/user/sms/{mobile}/").status_code == 200
    walker.fill("code_label", mailbox.last(mobile).code).press("register_submit")
    walker.is_told("register_mobile", TAKEN["register_mobile"][walker.language])
    walker.holds("register_password", PASSWORD)
    expect(walker.link("register_mobile_taken_link")).to_be_visible()
    assert code


def test_a_name_that_is_taken_costs_neither_the_code_nor_the_rest(walker: Walker, person: Person) -> None:
    mobile, what = a_mobile(), "register_username"
    walker.fills_in_registration(mobile, register_username=person.name.upper())
    code = walker.field("code_label").input_value()
    walker.press("register_submit").is_told(what, TAKEN[what][walker.language])
    walker.holds("register_password", PASSWORD).holds("code_label", code)
    walker.fill(what, f"zhao_{mobile[-6:]}").press("register_submit").sees("register_done")


def test_an_email_that_is_taken_registers_and_its_owner_is_told(walker: Walker, person: Person, mailbox: Any) -> None:
    walker.fills_in_registration(a_mobile(), register_email=person.email)
    walker.press("register_submit").sees("register_done")
    assert "选择「这不是我的」，这个邮箱将与新账号解除关联" in mailbox.last(person.email).text


def test_terms_that_are_not_accepted(walker: Walker) -> None:
    walker.fills_in_registration(a_mobile())
    walker.box("consent_before").uncheck()
    walker.press("register_submit").is_told(walker.box("consent_before"), walker.text("consent_missing"))
    walker.tick("consent_before").press("register_submit").sees("register_done")


def test_terms_that_have_changed_since_the_page_was_loaded(walker: Walker) -> None:
    newer = re.compile(r'("terms": ?\{"version": ?")[^"]+')
    walker.page.route(
        f"{walker.guard.url}/register",
        lambda route: route.fulfill(
            response=(loaded := route.fetch()), body=newer.sub(r"\g<1>of-last-year", loaded.text())
        ),
    )
    walker.fills_in_registration(a_mobile()).press("register_submit")
    walker.is_told(walker.box("consent_before"), walker.text("register_terms_changed"))


def test_a_password_that_is_short_or_common(walker: Walker) -> None:
    walker.fills_in_registration(a_mobile())
    field = walker.field("register_password")
    walker.fill("register_password", "blue 7")
    walker.field("code_label").focus()
    expect(field).to_have_accessible_description(re.compile(re.escape(walker.text("password_length"))))
    walker.press("register_submit").is_told(field, walker.text("password_length"))
    walker.fill("register_password", "password1").press("register_submit")
    walker.is_told(field, WEAK[walker.language])
    walker.fill("register_password", PASSWORD)
    expect(field).not_to_have_attribute("aria-invalid", "true")
    walker.press("register_submit").sees("register_done")


def test_an_empty_form_names_every_field_and_leads_to_the_first(walker: Walker) -> None:
    walker.open("/register").press("register_submit")
    walker.is_told("register_mobile", walker.text("mobile_missing"))
    for key in ("code_label", "register_password"):
        expect(walker.field(key)).to_have_attribute("aria-invalid", "true")
    expect(walker.box("consent_before")).to_have_attribute("aria-invalid", "true")
    walker.open("/login").press("login_button").is_told("login_name", walker.text("login_name_missing"))


def test_two_passwords_that_differ_and_one_that_is_the_old_one(walker: Walker, person: Person) -> None:
    walker.redeems_a_recovery_code(person.phone).fill("recover_password", "another horse 7")
    walker.fill("recover_password2", "another horse 8").press("recover_save")
    walker.is_told("recover_password2", walker.text("passwords_differ"))
    for key in ("recover_password", "recover_password2"):
        walker.fill(key, person.password)
    walker.press("recover_save").is_told("recover_password", SAME[walker.language])
