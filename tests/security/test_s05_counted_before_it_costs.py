"""S5: nothing expensive happens before it was counted, and the hasher serves clients in fair shares."""

import base64
import itertools
from datetime import timedelta

import pytest

from menpai import rules
from menpai.rules import Limit
from tests.api.clients import newcomer, refused, signed_in
from tests.concurrency import ConcurrentClients
from tests.contracts.clients import Newcomer
from tests.contracts.endpoints import API, USER, V1, all_endpoints
from tests.customers import PASSWORD, an_address, somebody
from tests.rig.providers import Weibo

FLOOD, REGISTRATIONS, SIGN_INS = 16, 64, 20


def register(client):
    new = Newcomer()
    sent = {"uname": new.name, "password": new.password, "email": new.email, "phone": new.mobile}
    return client.post("/v1/users", json=sent).status_code


# ── The hasher's fair shares ──
@pytest.mark.real_hashes
def test_64_registrations_from_one_address_send_nobody_elses_sign_in_away(http, client_from, set_rule):
    set_rule("REGISTRATIONS_PER_CLIENT", ())
    person, each = somebody(http), range(REGISTRATIONS // FLOOD)

    def sign_in(number):
        sent = {"username": person.name, "password": PASSWORD}
        return client_from(f"10.6.0.{number}").post("/v1/tokens", json=sent).status_code

    def work(number):
        if number == FLOOD:
            return [sign_in(number) for number in range(SIGN_INS)]
        return [register(client_from("10.5.0.1")) for _ in each]

    with ConcurrentClients(FLOOD + 1) as clients:
        *flood, sign_ins = clients.rush(work)
    assert 429 in itertools.chain(*flood)  # it was one
    assert 429 not in sign_ins


# ── Every endpoint of every contract ──
# The rule whose window is counted first → the endpoints that it holds up. What is signed in is held up by
# CHANGES_PER_SESSION. An endpoint that is in neither only reads.
SPEAKS: dict[str, set[str]] = {
    "REGISTRATIONS_PER_CLIENT": {f"POST /v1/users{more}" for more in ("", "/register", "/weibo/users")},
    "SIGN_INS_PER_PAIR": {
        *(f"POST {path}" for path in ("/v1/tokens", "/v1/users/login", "/v1/users/weibo/users/binduser")),
        *(f"POST {path}" for path in ("/user/login/", "/user/authorizations/", "/api/sessions", "/api/social/links")),
    },
    "GUESSES_PER_CLIENT": {
        *("GET /v1/users/activation", "GET /v1/users/weibo/users", "GET /user/sms/valid/", "POST /user/register/"),
        *(f"POST /v1/users/password/{step}" for step in ("verification", "new")),
        *(f"POST /api/{path}" for path in ("registrations", "sessions/by-code", "activation", "activation/refuse")),
        *(f"POST /api/recovery/{step}" for step in ("ticket", "password")),
        *(f"POST /api/social/{path}" for path in ("registrations", "{provider}/callback")),
    },
    "SMS_PER_CLIENT": {
        *("POST /v1/users/sms/code", "GET /user/sms/{mobile}/"),
        *(f"POST /api/{path}/code" for path in ("registrations", "sessions")),
    },
    "MAILS_PER_CLIENT": {"POST /v1/users/password/sms", "POST /api/recovery/code"},
    "MOBILE_CHECKS_PER_CLIENT": {"GET /user/mobile/{mobile}/", "POST /api/registrations/check"},
    "SOCIAL_PER_CLIENT": {"GET /v1/users/weibo/authorization", "POST /api/social/{provider}/authorization"},
    "CAPTCHAS_PER_CLIENT": {
        *("GET /user/captcha/", "POST /user/captcha/", "POST /api/captcha/challenges", "POST /api/captcha/passes"),
    },
    "CHANGES_PER_SESSION": {
        "POST /api/sessions/refresh",
        *(str(one) for one in all_endpoints() if one.method != "GET" and one.signed_in),
    },
}
DRAWN = {"GET /api/captcha/challenges/{challenge}/picture", "GET /api/captcha/challenges/{challenge}/sound"}
HELD_UP = [(rule, one) for one in all_endpoints() for rule, held_up in SPEAKS.items() if str(one) in held_up]


def test_every_endpoint_that_changes_sends_hashes_or_draws_is_in_the_table():
    counted = [name for names in (*SPEAKS.values(), DRAWN) for name in names]
    assert len(counted) == len(set(counted))
    others = {str(one) for one in all_endpoints()} - set(counted)
    assert {name.partition(" ")[0] for name in others} == {"GET"}
    assert set(counted) <= {str(one) for one in all_endpoints()}


@pytest.fixture
def ask(http, mailbox, monkeypatch, settings, clock):
    """Sends a request that is well-formed, from somebody who is signed in."""
    settings.MENPAI_CAPTCHA_BEFORE_LOGIN = "never"  # else a full window asks for one, with a 429 too
    with Weibo().in_use(monkeypatch):
        app = newcomer(http, mailbox, username="wang_xiaoming")
        clock.advance(61)  # the minute between two messages
        who = {"username": "wang_xiaoming", "password": PASSWORD}
        contract_token = http.post("/v1/tokens", json=who).json()["token"]
        link = base64.urlsafe_b64encode(f"{'0' * 32}guess/wang".encode()).decode()

        def send(one):
            fields = one.fields | ({"code": link} if "activation" in one.path else {})
            fields |= {"refresh_token": app.refresh} if "refresh" in one.path else {}
            fields |= {"ticket": "x.y"} if one.path == "/v1/users/password/new" else {}
            token = f"Bearer {app.access}" if one.contract == API else contract_token
            query = {"code": link, "state": "0" * 80, "mobile": "13800138000", "sms_code": "123456"}
            if one.contract == V1 and "weibo" not in one.path:
                query = {"code": link}
            return http.request(
                one.method,
                one.url("wang_xiaoming"),
                params=query if one.method == "GET" else {},
                json=fields or None,
                headers={"authorization": token},
            )

        yield send


@pytest.mark.parametrize(("rule", "endpoint"), HELD_UP, ids=str)
def test_a_full_window_is_a_429_before_anything_is_written_or_hashed(ask, cost, monkeypatch, rule, endpoint):
    answers = []
    with monkeypatch.context() as full:
        full.setattr(rules, rule, (Limit(0, timedelta(seconds=30)),))
        statements, _ = cost(lambda: answers.append(ask(endpoint)))
    held_up, goes_on = answers[0], ask(endpoint)
    # Published pages show a sign-in's refusals alone: those with a code, and those with a 400.
    published = {V1: 200, USER: 400} if rule == "SIGN_INS_PER_PAIR" else {}
    status = published.get(endpoint.contract, 429)
    assert held_up.status_code == status and held_up.text != goes_on.text, (held_up.text, goes_on.text)
    assert goes_on.status_code != 429, goes_on.text
    assert int(held_up.headers["retry-after"]) == 30
    assert statements <= 2  # who it is, or who else has that name and that e-mail
    if endpoint.contract == V1:
        assert held_up.json()["code"] == (10104 if status == 200 else 10131)
    elif endpoint.contract == API:
        refused(held_up, 429, "too_many_requests")


@pytest.mark.parametrize("path", sorted(path.partition(" ")[2] for path in DRAWN))
def test_a_picture_and_a_sound_are_counted_before_they_are_drawn(http, set_rule, path):
    sent = {"purpose": "sms", "kinds": ["image"]}
    challenge = http.post("/api/captcha/challenges", json=sent).json()["challenge"]
    assert http.get(path.format(challenge=challenge)).status_code == 200
    set_rule("CAPTCHA_SHOWN", 0)
    refused(http.get(path.format(challenge=challenge)), 429, "too_many_requests")


def test_64_registrations_from_one_address_are_held_up_and_nobody_else_is(http, client_from):
    assert [register(http) for _ in range(64)] == [200] * 30 + [429] * 34
    assert register(client_from("10.5.0.1")) == 200


def test_a_session_that_churns_its_book_is_held_up_and_its_owner_signs_it_out(http, mailbox):
    thief = newcomer(http, mailbox)
    owner = signed_in(http, thief.mobile)
    book = [thief.post("/me/addresses", **an_address()).status_code for _ in range(121)]
    assert (book.count(429), book[-1]) == (1, 429)
    assert thief.get("/me/addresses").status_code == 200
    assert owner.delete("/me/sessions").status_code == 204
    assert not thief.is_signed_in()
