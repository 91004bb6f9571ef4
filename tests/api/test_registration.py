"""/api: becoming a customer."""

import pytest

from menpai import rules
from menpai.models import Customer
from tests.api.clients import App, newcomer, ok, refused, registration, terms
from tests.customers import PASSWORD, a_mobile


def test_a_code_is_sent_and_the_answer_tells_when_the_next_may_be_asked_for(stranger, mailbox):
    mobile = a_mobile()
    assert ok(stranger.post("/registrations/code", mobile=mobile), 202) == {"resend_after": 60, "expires_in": 300}
    assert len(mailbox.last(mobile).code) == rules.SMS_CODE_DIGITS


def test_a_new_customer_with_a_mobile_and_a_password_is_signed_in(http, mailbox):
    sent = registration(http, mailbox)
    said = ok(http.post("/api/registrations", json=sent), 201)
    assert (said["registered"], said["activation_mail"]) == (True, False)
    assert (said["token_type"], said["expires_in"]) == ("Bearer", 600)
    me = said["customer"]
    assert (me["name"], me["username"], me["mobile"]) == (sent["mobile"], None, sent["mobile"])
    assert (me["mobile_verified"], me["email"], me["email_verified"]) == (True, None, False)
    assert (me["has_password"], me["language"], me["terms_version"]) == (True, "zh-CN", terms())
    assert App(http, said).is_signed_in()


def test_a_new_customer_with_everything_gets_the_activation_mail(http, mailbox):
    more = {"username": "Wang_1", "email": "Wang@Example.com", "password2": PASSWORD}
    said = ok(http.post("/api/registrations", json=registration(http, mailbox, **more)), 201)
    assert (said["registered"], said["activation_mail"]) == (True, True)
    assert (said["customer"]["name"], said["customer"]["email"]) == ("Wang_1", "Wang@example.com")
    assert said["customer"]["email_verified"] is False
    assert mailbox.last("Wang@example.com").link


def test_the_language_of_the_request_is_the_customers(http, mailbox):
    http.headers["accept-language"] = "en"
    person = newcomer(http, mailbox, email="wang@example.com")
    assert person.me["language"] == "en"
    assert "Verify" in mailbox.last("wang@example.com").subject
    assert mailbox.last(person.mobile).text.startswith("[门牌]")


@pytest.mark.parametrize(
    ("status", "code", "field", "changed"),
    [
        (422, "mobile_invalid", "mobile", {"mobile": "12345"}),
        (422, "username_invalid", "username", {"username": "x"}),
        (422, "username_invalid", "username", {"username": "13800138000"}),
        (422, "email_invalid", "email", {"email": "nobody"}),
        (422, "password_missing", "password", {"password": ""}),
        (422, "password_length", "password", {"password": "short"}),
        (422, "password_length", "password", {"password": "x1" * 65}),
        (422, "password_weak", "password", {"password": "password1"}),
        (422, "password_weak", "password", {"username": "longenough", "password": "LongEnough"}),
        (422, "passwords_differ", "password2", {"password2": "something else 1"}),
        (422, "passwords_differ", "password2", {"password2": ""}),
        (422, "terms_not_accepted", "terms_version", {"terms_version": None}),
        (422, "terms_not_accepted", "terms_version", {"terms_version": "2001-01"}),
    ],
)
def test_a_bad_field_is_named_and_the_code_stays_good(http, mailbox, status, code, field, changed):
    sent = registration(http, mailbox)
    refused(http.post("/api/registrations", json=sent | changed), status, code, field)
    assert not Customer.objects.exists()
    ok(http.post("/api/registrations", json=sent), 201)


def test_what_another_customer_has_is_taken(http, mailbox, named, clock):
    sent = registration(http, mailbox, username="WANG_xiaoming")
    refused(http.post("/api/registrations", json=sent), 409, "username_taken", "username")
    clock.advance(61)
    sent = registration(http, mailbox, mobile=named.mobile)
    refused(http.post("/api/registrations", json=sent), 409, "mobile_taken", "mobile")


def test_the_check_tells_whether_a_mobile_is_free(stranger, person):
    assert ok(stranger.post("/registrations/check", mobile=person.mobile)) == {"available": False}
    assert ok(stranger.post("/registrations/check", mobile=a_mobile())) == {"available": True}
    refused(stranger.post("/registrations/check", mobile="1"), 422, "mobile_invalid", "mobile")


def test_without_a_gateway_no_code_is_promised(stranger, person, settings):
    settings.MENPAI_SMS_GATEWAYS = []
    asked = [stranger.post(path, mobile=a_mobile()) for path in ("/registrations/code", "/sessions/code")]
    for answer in (*asked, person.post("/me/mobile/code", mobile=a_mobile(), password=PASSWORD)):
        refused(answer, 503, "no_gateway")
        assert answer.headers["retry-after"] == "30"


def test_when_every_hasher_is_taken_they_come_back_with_the_same_code(http, mailbox, monkeypatch):
    sent = registration(http, mailbox)
    with monkeypatch.context() as full:
        full.setattr("menpai.rules.HASH_QUEUE", 0)
        refused(http.post("/api/registrations", json=sent), 429, "busy")
    ok(http.post("/api/registrations", json=sent), 201)
