"""/api: proving an e-mail by the link in a mail, and "that was not me"."""

import base64
from datetime import timedelta

import pytest
from django.utils import timezone

from menpai.models import Customer
from tests.api.clients import Caller, newcomer, ok, refused, signed_in
from tests.customers import activation_code

EMAIL = "wang@example.com"
DAY = 24 * 3600


@pytest.fixture
def waiting(http, mailbox):
    """A customer whose activation mail has come."""
    return newcomer(http, mailbox, username="wang_1", email=EMAIL)


@pytest.fixture
def code(mailbox, waiting):
    return activation_code(mailbox, EMAIL)


def test_the_link_proves_the_email_and_everything_else_stays(http, waiting, code):
    ok(Caller(http).post("/activation", code=code), 204)  # no session
    me = ok(waiting.get("/me"))
    assert me == waiting.me | {"email_verified": True}
    assert signed_in(http, EMAIL).me["id"] == waiting.me["id"]


def test_not_me_takes_the_email_off_and_signs_everybody_out(http, stranger, waiting, code):
    other = signed_in(http, "wang_1")
    ok(stranger.post("/activation/refuse", code=code), 204)
    for device in (waiting, other):
        refused(device.get("/me"), 401, "not_signed_in")
        refused(device.renew(), 401, "not_signed_in")
    me = signed_in(http, "wang_1").me
    assert (me["email"], me["email_verified"]) == (None, False)
    refused(stranger.post("/activation", code=code), 410, "activation_gone")
    refused(stranger.post("/activation/refuse", code=code), 410, "activation_gone")


def changed(code, **parts):
    raw = base64.urlsafe_b64decode(code + "=" * (-len(code) % 4)).decode()
    return base64.urlsafe_b64encode(parts["change"](raw).encode()).rstrip(b"=").decode()


@pytest.mark.parametrize("path", ["/activation", "/activation/refuse"])
@pytest.mark.parametrize("text", ["", "x", "!!!", "é", "a" * 500, "YQ", "L2E", "\n"])
def test_text_that_is_no_link(stranger, path, text):
    refused(stranger.post(path, code=text), 400, "activation_malformed")


@pytest.mark.parametrize("path", ["/activation", "/activation/refuse"])
def test_a_changed_link_is_gone_and_costs_the_right_one_nothing(stranger, waiting, code, path):
    for forged in (
        changed(code, change=lambda raw: "0" * 32 + raw[32:]),
        changed(code, change=lambda raw: raw[:32] + ("y" if raw[32] == "x" else "x") + raw[33:]),
        changed(code, change=lambda raw: raw[:40] + raw[41:]),
    ):
        for _ in range(5):
            refused(stranger.post(path, code=forged), 410, "activation_gone")
    ok(stranger.post(path, code=code), 204)


def test_the_name_in_the_link_is_for_people_to_read_and_a_disabled_customers_link_is_gone(stranger, code):
    named = changed(code, change=lambda raw: raw.rpartition("/")[0] + "/else")
    Customer.objects.update(disabled_at=timezone.now())
    refused(stranger.post("/activation", code=code), 410, "activation_gone")
    Customer.objects.update(disabled_at=None)
    ok(stranger.post("/activation", code=named), 204)


def test_a_mailbox_that_another_has_proven_is_gone(http, mailbox, stranger, waiting, code, clock):
    clock.advance(61)
    other = newcomer(http, mailbox, username="wang_2", email=EMAIL)
    ok(stranger.post("/activation", code=activation_code(mailbox, EMAIL)), 204)
    assert other.get("/me").json()["email_verified"] is True
    refused(stranger.post("/activation", code=code), 410, "activation_gone")
    assert waiting.get("/me").json()["email_verified"] is False


# ── Once more ──
def test_the_mail_once_more_and_the_older_link_dies(stranger, mailbox, waiting, code, clock):
    clock.advance(61)
    assert ok(waiting.send("POST", "/activation/resend"), 202) == {"resend_after": 60, "expires_in": 3 * DAY}
    fresh = activation_code(mailbox, EMAIL)
    assert fresh != code
    refused(stranger.post("/activation", code=code), 410, "activation_gone")
    assert stranger.http.get("/v1/users/activation", params={"code": code}).json()["code"] == 10112
    ok(stranger.post("/activation", code=fresh), 204)
    clock.advance(61)
    refused(waiting.post("/activation/resend"), 409, "nothing_to_activate")


def test_the_mail_once_more_takes_a_minute_and_leaves_the_older_link_alone_until_then(stranger, waiting, code, clock):
    answer = waiting.post("/activation/resend")
    refused(answer, 429, "too_soon")
    clock.advance(int(answer.headers["retry-after"]))
    ok(stranger.post("/activation", code=code), 204)


def test_where_links_live_for_ever_no_life_is_told(waiting, clock, set_rule):
    set_rule("ACTIVATION_LIFE", timedelta(0))
    clock.advance(61)
    assert ok(waiting.post("/activation/resend"), 202)["expires_in"] == 0


def test_the_mail_once_more_is_for_a_customer_with_an_email(person, stranger):
    refused(person.post("/activation/resend"), 409, "nothing_to_activate")
    refused(stranger.post("/activation/resend"), 401, "not_signed_in")
