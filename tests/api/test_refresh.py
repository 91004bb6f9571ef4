"""/api: refresh tokens. Each is used once; a used one that comes back later is a copy, and ends the session."""

import base64
import uuid

import pytest
from django.utils import timezone

from menpai.keys import ring
from menpai.models import Customer, Session
from menpai.sessions import tokens
from tests.api.clients import App, Browser, Caller, ok, refused, signed_in
from tests.customers import PASSWORD

DAY = 24 * 3600


def renewed(http, person):
    """The pair that comes next; the person goes on with the old one."""
    return App(http, ok(person.renew()))


def is_over(person):
    refused(person.renew(), 401, "not_signed_in")
    refused(person.get("/me"), 401, "not_signed_in")


def test_a_refresh_gives_a_new_pair_that_can_be_renewed_and_tells_who_it_is(http, person, clock):
    said = ok(person.renew())
    assert (said["customer"], said["registered"], said["expires_in"]) == (person.me, False, 600)
    assert said["refresh_token"] != person.refresh and said["token_type"] == "Bearer"
    next_pair = App(http, said)
    assert next_pair.is_signed_in()
    for _ in range(5):
        clock.advance(3600)
        next_pair = renewed(http, next_pair)
        assert next_pair.is_signed_in()
    assert Session.objects.count() == 1


def test_the_same_token_within_ten_seconds_gets_the_same_refresh_token(http, person, clock):
    first = renewed(http, person)
    clock.advance(9)
    assert renewed(http, person).refresh == first.refresh
    assert first.is_signed_in()
    ok(first.renew())


def test_a_used_token_after_ten_seconds_ends_its_session_for_everybody_and_no_other(http, person, clock):
    other = signed_in(http, person.mobile)
    first = renewed(http, person)
    clock.advance(11)
    refused(person.renew(), 401, "not_signed_in")
    is_over(first)
    ok(other.renew())


def test_a_token_two_generations_old_ends_the_session_at_once(http, person):
    second = renewed(http, renewed(http, person))
    refused(person.renew(), 401, "not_signed_in")
    is_over(second)


@pytest.mark.parametrize("change", ["first", "session", "generation", "mac", "last", "shorter", "longer", "twice"])
def test_a_changed_token_is_no_token_and_ends_nothing(http, person, change):
    raw = bytearray(base64.urlsafe_b64decode(person.refresh + "=="))
    place = {"first": 0, "session": 15, "generation": 19, "mac": 20, "last": 51}.get(change)
    if place is not None:
        raw[place] ^= 1
    forged = base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
    forged = {"shorter": forged[:-1], "longer": forged + "A", "twice": forged * 2}.get(change, forged)
    refused(http.post("/api/sessions/refresh", json={"refresh_token": forged}), 401, "not_signed_in")
    ok(person.renew())


def test_no_other_text_or_token_is_a_refresh_token(http, person):
    """Of a session that never was, made with another pepper, an access token, one of a published contract."""
    session = Session.objects.get()
    body = session.pk.bytes + session.generation.to_bytes(4, "big")
    foreign = base64.urlsafe_b64encode(body + tokens._refresh_mac(b"x" * 32, body)).rstrip(b"=").decode()
    nobodys = tokens._refresh_token(Session(pk=uuid.uuid4(), generation=0))
    published = http.post("/v1/tokens", json={"username": person.mobile, "password": PASSWORD}).json()["token"]
    texts = ("", "x", "A" * 70, "é" * 70, "!" * 70, "A" * 69 + "\u202e", "a.b.c")
    for token in (*texts, foreign, nobodys, person.access, published):
        refused(http.post("/api/sessions/refresh", json={"refresh_token": token}), 401, "not_signed_in")
    refused(Caller(http, authorization=f"Bearer {person.refresh}").get("/me"), 401, "not_signed_in")
    ok(person.renew())


def test_a_new_pepper_ends_nobodys_session(http, person, monkeypatch):
    old = ring.secrets_of("pepper")
    real = ring.secrets_of
    monkeypatch.setattr(ring, "secrets_of", lambda kind: [("new", b"n" * 32), *old] if kind == "pepper" else real(kind))
    ok(renewed(http, person).renew())


# ── When nothing renews ──
def test_nothing_renews_after_signing_out_here_elsewhere_or_by_a_new_password(http, person):
    ended, other, third = (signed_in(http, person.mobile) for _ in range(3))
    ok(ended.delete("/sessions/current"), 204)
    is_over(ended)
    ok(other.delete("/me/sessions"), 204)
    is_over(person)
    is_over(third)
    other, third = App(http, ok(other.renew())), signed_in(http, person.mobile)
    new = {"old_password": PASSWORD, "password": "another horse 8", "password2": "another horse 8"}
    ok(other.put("/me/password", **new), 204)
    is_over(third)
    ok(other.renew())  # the acting session stays


def test_nothing_renews_once_the_customer_is_disabled(http, person):
    Customer.objects.update(disabled_at=timezone.now())
    is_over(person)
    Customer.objects.update(disabled_at=None)
    ok(person.renew())  # a refusal is not a reuse


def test_a_refresh_token_that_is_not_used_is_dead_after_14_days(http, person, clock):
    clock.advance(14 * DAY - 60)
    first = renewed(http, person)
    clock.advance(14 * DAY + 1)
    is_over(first)


def test_nobody_stays_signed_in_longer_than_30_days(http, person, clock):
    for _ in range(3):
        clock.advance(9 * DAY)
        person = renewed(http, person)
    clock.advance(3 * DAY - 300)
    person = renewed(http, person)
    assert person.is_signed_in()
    clock.advance(360)  # the access token ends with the session
    is_over(person)


def test_a_cookie_has_no_refresh_token(http, person):
    browser = Browser(http)
    said = ok(browser.sign_in(person.mobile), 201)
    assert (said["access_token"], said["refresh_token"], said["token_type"]) == (None, None, None)
    assert said["expires_in"] is None
    refused(browser.post("/sessions/refresh", refresh_token=browser.cookie), 401, "not_signed_in")
    refused(browser.post("/sessions/refresh", refresh_token=""), 401, "not_signed_in")
