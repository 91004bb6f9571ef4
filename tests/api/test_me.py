"""/api: who I am, my language, my password."""

import uuid

import pytest

from menpai.models import Customer
from tests.api.clients import Browser, Caller, by_code, newcomer, ok, refused, signed_in, terms
from tests.customers import PASSWORD, somebody

NEW = "another horse 8"


def passwords(**changed):
    return {"old_password": PASSWORD, "password": NEW, "password2": NEW} | changed


def test_me_tells_everything_the_customer_may_see(named):
    me = ok(named.get("/me"))
    customer = Customer.objects.get()
    assert uuid.UUID(me.pop("id")) == customer.public_id
    assert me.pop("created_at").startswith(f"{customer.created_at:%Y-%m-%dT%H:%M}")
    assert me == {
        "name": "wang_xiaoming",
        "username": "wang_xiaoming",
        "mobile": named.mobile,
        "mobile_verified": True,
        "email": "Wang@example.com",
        "email_verified": True,
        "has_password": True,
        "language": "zh-CN",
        "terms_version": terms(),
    }


def test_me_of_a_customer_of_the_published_contracts_and_of_one_without_a_user_name(http, mailbox):
    person = somebody(http)
    me = ok(Caller(http, authorization=f"Bearer {person.token}").get("/me"))
    assert (me["name"], me["mobile"], me["mobile_verified"]) == (person.name, person.phone, False)
    assert (me["email_verified"], me["has_password"], me["terms_version"]) == (False, True, None)
    person = by_code(http, mailbox)
    assert (person.me["name"], person.me["username"]) == (person.mobile, None)


# ── The language ──
@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_the_language_is_that_of_everything_sent_from_now_on(http, mailbox, clock, language):
    person = newcomer(http, mailbox, email="wang@example.com")
    assert ok(person.patch("/me", language=language))["language"] == language
    assert ok(person.get("/me"))["language"] == language
    clock.advance(61)
    ok(person.post("/activation/resend"), 202)
    assert ("Verify" in mailbox.last("wang@example.com").subject) is (language == "en")


def test_nothing_but_the_language_can_be_changed_like_this_and_another_language_is_none(person):
    for language in ("", "zh-hans", "zh", "EN", "de", "x" * 500):
        refused(person.patch("/me", language=language), 422, "language_invalid", "language")
        assert ok(person.get("/me")) == person.me
    for field in ("mobile", "email", "username", "id", "mobile_verified", "has_password"):
        assert ok(person.patch("/me", language="zh-CN", **{field: "13800138000"})) == person.me


# ── The password ──
def test_a_new_password_signs_every_other_device_out(http, person):
    other, browser = signed_in(http, person.mobile), Browser(http)
    ok(browser.sign_in(person.mobile), 201)
    ok(person.put("/me/password", **passwords()), 204)
    for device in (other, browser):
        refused(device.get("/me"), 401, "not_signed_in")
    assert person.is_signed_in()
    refused(http.post("/api/sessions", json={"name": person.mobile, "password": PASSWORD}), 401, "wrong_credentials")
    assert signed_in(http, person.mobile, NEW).is_signed_in()


def test_the_owner_is_told_of_a_new_password(mailbox, named):
    ok(named.put("/me/password", **passwords()), 204)
    notice = mailbox.last(named.email)
    assert "密码" in notice.subject and notice.code is None


@pytest.mark.parametrize(
    ("code", "field", "sent"),
    [
        ("old_password_wrong", "old_password", passwords(old_password="wrong password")),
        ("old_password_wrong", "old_password", passwords(old_password="")),
        ("password_missing", "password", passwords(password="")),
        ("password_length", "password", passwords(password="short", password2="short")),
        ("password_weak", "password", passwords(password="password1", password2="password1")),
        ("password_weak", "password", passwords(password="wang_xiaoming", password2="wang_xiaoming")),
        ("passwords_differ", "password2", passwords(password2="something else 1")),
        ("passwords_differ", "password2", passwords(password2="")),
        ("password_unchanged", "password", passwords(password=PASSWORD, password2=PASSWORD)),
    ],
)
def test_a_bad_field_is_named_and_nothing_changes(http, named, code, field, sent):
    refused(named.put("/me/password", **sent), 422, code, field)
    assert named.is_signed_in()
    assert signed_in(http, named.mobile).is_signed_in()


def test_a_password_that_is_too_short_or_the_old_one_in_full_width_costs_no_try(http, person):
    wide = "ｃｏｒｒｅｃｔ　ｈｏｒｓｅ　９"
    for _ in range(7):
        refused(person.put("/me/password", **passwords(password="x")), 422, "password_length", "password")
    answer = person.put("/me/password", **passwords(password=wide, password2=PASSWORD))
    refused(answer, 422, "password_unchanged", "password")
    assert signed_in(http, person.mobile, wide).is_signed_in()
    ok(person.put("/me/password", **passwords()), 204)


def test_nothing_of_me_is_told_to_a_stranger(stranger):
    for answer in (
        stranger.get("/me"),
        stranger.patch("/me", language="en"),
        stranger.put("/me/password", **passwords()),
        stranger.get("/me/addresses"),
        stranger.get("/me/sessions"),
    ):
        refused(answer, 401, "not_signed_in")
