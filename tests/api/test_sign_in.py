"""/api: signing in by password and by SMS code, and signing out."""

import pytest
from django.utils import timezone

from menpai.models import Customer
from tests.api.clients import App, a_code, by_code, ok, refused, signed_in, terms
from tests.customers import PASSWORD, a_mobile, somebody, wrong


def disable(person):
    Customer.objects.filter(public_id=person.me["id"]).update(disabled_at=timezone.now())


# ── By password ──
def test_sign_in_by_user_name_mobile_and_email(http, named):
    for name in ("WANG_xiaoming", named.mobile, f"+86 {named.mobile}", "wang@EXAMPLE.com"):
        said = ok(http.post("/api/sessions", json={"name": name, "password": PASSWORD}), 201)
        assert (said["registered"], said["activation_mail"]) == (False, False)
        assert (said["token_type"], said["expires_in"]) == ("Bearer", 600)
        assert said["customer"] == named.get("/me").json()
        assert App(http, said).is_signed_in()


@pytest.mark.parametrize("name", ["nobody", "13900000001", "nobody@example.com", "a b", "", "x" * 500, "地址"])
def test_an_unknown_name_and_a_wrong_password_are_the_same_answer(http, named, name):
    unknown = http.post("/api/sessions", json={"name": name, "password": PASSWORD})
    off = http.post("/api/sessions", json={"name": named.mobile, "password": "wrong password"})
    refused(unknown, 401, "wrong_credentials")
    assert unknown.content == off.content
    assert "www-authenticate" not in unknown.headers  # a browser would open a window of its own


def test_a_disabled_customer_is_out_in_every_way_and_has_the_code_still_after_coming_back(http, mailbox, person, clock):
    disable(person)
    refused(person.get("/me"), 401, "not_signed_in")
    refused(person.renew(), 401, "not_signed_in")
    answer = http.post("/api/sessions", json={"name": person.mobile, "password": PASSWORD})
    refused(answer, 401, "wrong_credentials")
    clock.advance(61)
    sent = {"mobile": person.mobile, "code": a_code(http, mailbox, person.mobile, "sessions")}
    refused(http.post("/api/sessions/by-code", json=sent), 403, "account_disabled")
    Customer.objects.update(disabled_at=None)
    ok(http.post("/api/sessions/by-code", json=sent), 201)


def test_an_access_token_is_dead_after_ten_minutes(person, clock):
    clock.advance(595)
    assert person.is_signed_in()
    clock.advance(40)  # 30 s are forgiven: clocks differ
    refused(person.get("/me"), 401, "not_signed_in")


def test_signing_out_ends_this_session_and_no_other(http, person):
    other = signed_in(http, person.mobile)
    ok(person.delete("/sessions/current"), 204)
    refused(person.get("/me"), 401, "not_signed_in")
    refused(person.delete("/sessions/current"), 401, "not_signed_in")
    assert other.is_signed_in()


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "Bearer", "Bearer x", "Basic abc", "x" * 5000])
def test_a_bearer_token_that_is_none(stranger, token):
    headers = {"authorization": token.encode("latin-1")}
    refused(stranger.get("/me", **headers), 401, "not_signed_in")


# ── By code ──
def test_a_code_signs_an_existing_customer_in(http, mailbox, person, clock):
    clock.advance(61)
    code = a_code(http, mailbox, person.mobile, "sessions")
    said = ok(http.post("/api/sessions/by-code", json={"mobile": person.mobile, "code": code}), 201)
    assert (said["customer"]["id"], said["registered"]) == (person.me["id"], False)
    assert App(http, said).is_signed_in()


def test_a_code_makes_a_new_number_a_customer_without_a_password(http, mailbox):
    mobile = a_mobile()
    sent = {"mobile": mobile, "code": a_code(http, mailbox, mobile, "sessions"), "terms_version": terms()}
    said = ok(http.post("/api/sessions/by-code", json=sent), 201)
    assert (said["registered"], said["activation_mail"]) == (True, False)
    me = said["customer"]
    assert (me["mobile"], me["mobile_verified"], me["has_password"]) == (mobile, True, False)
    assert me["terms_version"] == terms()
    refused(http.post("/api/sessions/by-code", json=sent), 422, "code_gone", "code")


def test_the_answer_to_a_code_request_is_the_same_for_known_and_new_numbers(stranger, mailbox, person, clock):
    clock.advance(61)
    mobile = a_mobile()
    answers = [stranger.post("/sessions/code", mobile=one) for one in (person.mobile, mobile)]
    assert ok(answers[0], 202) == ok(answers[1], 202) == {"resend_after": 60, "expires_in": 300}
    assert "登录" in mailbox.last(mobile).text
    refused(stranger.post("/sessions/code", mobile=mobile), 429, "too_soon")
    refused(stranger.post("/sessions/code", mobile="1"), 422, "mobile_invalid", "mobile")


@pytest.mark.parametrize("version", [None, "", "2001-01"])
def test_without_the_terms_a_new_number_is_nobody_and_the_code_stays_good(http, mailbox, version):
    mobile = a_mobile()
    sent = {"mobile": mobile, "code": a_code(http, mailbox, mobile, "sessions")}
    for _ in range(7):  # more often than somebody may guess
        answer = http.post("/api/sessions/by-code", json=sent | {"terms_version": version})
        refused(answer, 422, "terms_not_accepted", "terms_version")
    assert not Customer.objects.exists()
    assert ok(http.post("/api/sessions/by-code", json=sent | {"terms_version": terms()}), 201)["registered"]


def test_five_wrong_codes_are_evaluated_before_anything_is_said_of_the_terms(http, mailbox):
    mobile = a_mobile()
    code = a_code(http, mailbox, mobile, "sessions")
    for terms_version in (None, *[terms()] * 4):
        sent = {"mobile": mobile, "code": wrong(code), "terms_version": terms_version}
        refused(http.post("/api/sessions/by-code", json=sent), 422, "code_wrong", "code")
    refused(http.post("/api/sessions/by-code", json=sent | {"code": code}), 422, "code_gone", "code")


def test_a_code_of_another_purpose_opens_nothing(http, mailbox, person, clock):
    mobile = a_mobile()
    sent = {"mobile": mobile, "password": PASSWORD, "terms_version": terms()}
    code = a_code(http, mailbox, mobile)
    refused(http.post("/api/sessions/by-code", json=sent | {"code": code}), 422, "code_gone", "code")
    clock.advance(301)
    code = a_code(http, mailbox, mobile, "sessions")
    refused(http.post("/api/registrations", json=sent | {"code": code}), 422, "code_gone", "code")
    refused(http.post("/api/sessions/by-code", json=sent | {"code": code[:3]}), 422, "code_wrong", "code")
    ok(http.post("/api/sessions/by-code", json=sent | {"code": code}), 201)
    ok(http.post("/api/recovery/code", json={"target": person.mobile}), 202)
    sent = {"mobile": person.mobile, "code": mailbox.last(person.mobile).code}
    refused(http.post("/api/sessions/by-code", json=sent), 422, "code_gone", "code")


def test_a_number_that_was_given_up_or_only_named_belongs_to_who_proves_it(http, mailbox, person, clock):
    Customer.objects.filter(public_id=person.me["id"]).update(mobile=a_mobile())
    planted = somebody(http)  # named at registration, never proven
    clock.advance(61)
    assert by_code(http, mailbox, person.mobile).me["id"] != person.me["id"]
    assert by_code(http, mailbox, planted.phone).me["username"] is None
    assert planted.is_signed_in()


# ── Without a password ──
def test_a_customer_without_a_password_is_refused_in_the_same_words(http, mailbox):
    mobile = by_code(http, mailbox).mobile
    for password in (PASSWORD, "", "x"):
        answer = http.post("/api/sessions", json={"name": mobile, "password": password})
        refused(answer, 401, "wrong_credentials")
    unknown = http.post("/api/sessions", json={"name": a_mobile(), "password": PASSWORD})
    assert answer.content == unknown.content
    dada = http.post("/v1/tokens", json={"username": mobile, "password": PASSWORD}).json()
    luffy = http.post("/user/login/", json={"username": mobile, "password": PASSWORD})
    assert (dada["code"], luffy.status_code) == (10104, 400)


def test_a_customer_without_a_password_has_none_to_prove_or_change(http, mailbox):
    person = by_code(http, mailbox)
    change = {"old_password": "", "password": "another horse 8", "password2": "another horse 8"}
    refused(person.put("/me/password", **change), 409, "password_not_set")
    refused(person.post("/me/email/code", email="a@example.com", password=""), 409, "password_not_set")
    refused(person.post("/me/mobile/code", mobile=a_mobile(), password=""), 409, "password_not_set")


def test_a_recovery_by_sms_sets_the_first_password(http, mailbox, clock):
    person = by_code(http, mailbox)
    clock.advance(61)
    ok(http.post("/api/recovery/code", json={"target": person.mobile}), 202)
    sent = {"target": person.mobile, "code": mailbox.last(person.mobile).code}
    ticket = ok(http.post("/api/recovery/ticket", json=sent))["ticket"]
    new = {"target": person.mobile, "ticket": ticket, "password": PASSWORD, "password2": PASSWORD}
    ok(http.post("/api/recovery/password", json=new), 204)
    refused(person.get("/me"), 401, "not_signed_in")
    assert signed_in(http, person.mobile).me["has_password"] is True
