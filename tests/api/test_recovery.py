"""/api: forgotten password. A code, a ticket, a new password; nothing tells who is a customer."""

import pytest

from tests.api.clients import Caller, ok, refused, signed_in
from tests.customers import PASSWORD, a_mobile, somebody

NEW = "another horse 8"


@pytest.fixture(params=["mobile", "email"])
def target(request, named, clock):
    clock.advance(61)
    return named.me[request.param]


def asked(stranger, mailbox, target):
    ok(stranger.post("/recovery/code", target=target), 202)
    return mailbox.last(target).code


def ticket_for(stranger, mailbox, target):
    sent = {"target": target, "code": asked(stranger, mailbox, target)}
    return ok(stranger.post("/recovery/ticket", **sent))["ticket"]


def passwords(new=NEW, **more):
    return {"password": new, "password2": new} | more


def test_three_steps_set_a_new_password_and_sign_every_device_out(http, stranger, mailbox, named, target):
    other = signed_in(http, named.mobile)
    ticket = ticket_for(stranger, mailbox, target)
    ok(stranger.post("/recovery/password", target=target, ticket=ticket, **passwords()), 204)
    for device in (named, other):
        refused(device.get("/me"), 401, "not_signed_in")
        refused(device.renew(), 401, "not_signed_in")
    refused(http.post("/api/sessions", json={"name": named.mobile, "password": PASSWORD}), 401, "wrong_credentials")
    assert signed_in(http, named.mobile, NEW).me["id"] == named.me["id"]
    assert "密码" in mailbox.last(named.email).text


def test_the_lives_are_told(stranger, mailbox, named, clock):
    clock.advance(61)
    assert ok(stranger.post("/recovery/code", target=named.mobile), 202) == {"resend_after": 60, "expires_in": 300}
    assert ok(stranger.post("/recovery/code", target=named.email), 202) == {"resend_after": 60, "expires_in": 600}
    sent = {"target": named.email, "code": mailbox.last(named.email).code}
    assert len(sent["code"]) == 8
    assert ok(stranger.post("/recovery/ticket", **sent))["expires_in"] == 600


def test_the_ticket_is_a_cookie_too_for_recovery_alone(http, stranger, mailbox, named, target, clock, settings):
    answer = stranger.post("/recovery/ticket", target=target, code=asked(stranger, mailbox, target))
    pair, *rest = answer.headers["set-cookie"].strip().split("; ")
    found = {one.lower() for one in rest if not one.lower().startswith("expires")}
    assert found == {"httponly", "max-age=600", "path=/api/recovery", "samesite=strict"}
    ticket, other = answer.json()["ticket"], Caller(http, cookie="menpai_recovery_ticket=x.y")
    refused(other.post("/recovery/password", target=target, **passwords()), 409, "ticket_gone")
    # The one in the body comes first.
    short = other.post("/recovery/password", target=target, ticket=ticket, **passwords("x"))
    refused(short, 422, "password_length", "password")
    done = Caller(http, cookie=pair).post("/recovery/password", target=target, **passwords())
    ok(done, 204)
    assert "max-age=0" in done.headers["set-cookie"].lower()
    assert "path=/api/recovery" in done.headers["set-cookie"].lower()
    assert signed_in(http, named.mobile, NEW)
    clock.advance(61)
    settings.SECURE = True
    answer = stranger.post("/recovery/ticket", target=target, code=asked(stranger, mailbox, target))
    assert "; Secure" in answer.headers["set-cookie"]


@pytest.mark.parametrize("ticket", [None, "", "x", "x.y", ".", "x" * 5000, "门牌.y"])
def test_without_a_ticket_nothing_else_is_looked_at(stranger, named, ticket):
    for target in (named.mobile, named.email, a_mobile(), "nobody@example.com"):
        answer = stranger.post("/recovery/password", target=target, ticket=ticket, password="x", password2="")
        refused(answer, 409, "ticket_gone")


def test_a_ticket_is_for_its_target_alone(stranger, mailbox, named, target):
    ticket = ticket_for(stranger, mailbox, target)
    other = named.email if target == named.mobile else named.mobile
    refused(stranger.post("/recovery/password", target=other, ticket=ticket, **passwords()), 409, "ticket_gone")
    ok(stranger.post("/recovery/password", target=target, ticket=ticket, **passwords()), 204)
    answer = stranger.post("/recovery/password", target=target, ticket=ticket, **passwords("third horse 7"))
    refused(answer, 409, "ticket_gone")


@pytest.mark.parametrize(
    ("code", "field", "sent"),
    [
        ("password_missing", "password", passwords("")),
        ("password_length", "password", passwords("short")),
        ("password_weak", "password", passwords("password1")),
        ("password_weak", "password", passwords("WANG_Xiaoming")),
        ("passwords_differ", "password2", passwords(password2="something else 1")),
        ("passwords_differ", "password2", passwords(password2="")),
        ("password_unchanged", "password", passwords(PASSWORD)),
    ],
)
def test_a_bad_password_is_named_and_the_ticket_stays_good(stranger, mailbox, target, code, field, sent):
    ticket = ticket_for(stranger, mailbox, target)
    refused(stranger.post("/recovery/password", target=target, ticket=ticket, **sent), 422, code, field)
    ok(stranger.post("/recovery/password", target=target, ticket=ticket, **passwords()), 204)


@pytest.mark.parametrize("target", ["", "x", "wang_xiaoming", "12345", "a@b@c"])
def test_what_is_neither_a_mobile_nor_an_email(stranger, target):
    refused(stranger.post("/recovery/code", target=target), 422, "target_invalid", "target")
    refused(stranger.post("/recovery/ticket", target=target, code="1"), 422, "target_invalid", "target")
    answer = stranger.post("/recovery/password", target=target, ticket="x.y", **passwords())
    refused(answer, 422, "target_invalid", "target")
    refused(stranger.post("/recovery/password", target=target, password=NEW), 422, "invalid_request", "password2")


def test_one_address_asks_for_ten_mails_a_minute(stranger, client_from):
    for number in range(10):
        ok(stranger.post("/recovery/code", target=f"nobody{number}@example.com"), 202)
    refused(stranger.post("/recovery/code", target="nobody@example.com"), 429, "captcha_required")


def test_when_every_hasher_is_taken_the_ticket_stays_good(stranger, mailbox, target, monkeypatch):
    ticket = ticket_for(stranger, mailbox, target)
    with monkeypatch.context() as full:
        full.setattr("menpai.rules.HASH_QUEUE", 0)
        refused(stranger.post("/recovery/password", target=target, ticket=ticket, **passwords()), 429, "busy")
    ok(stranger.post("/recovery/password", target=target, ticket=ticket, **passwords()), 204)


# ── A mailbox that nobody has proven ──
def test_a_recovery_by_mail_proves_the_mailbox(http, stranger, mailbox, clock):
    person = somebody(http)
    clock.advance(61)
    ticket = ticket_for(stranger, mailbox, person.email)
    ok(stranger.post("/recovery/password", target=person.email, ticket=ticket, **passwords()), 204)
    me = signed_in(http, person.email, NEW).me
    assert (me["name"], me["email_verified"], me["mobile_verified"]) == (person.name, True, False)
