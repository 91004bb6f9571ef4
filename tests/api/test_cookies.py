"""/api: a browser holds one cookie, which only pages of our own origin can use to change something."""

import re
import secrets
import uuid

import pytest

from menpai.models import Session
from menpai.sessions import tokens
from tests.api.clients import ORIGIN, App, Browser, Caller, a_code, ok, refused, registration, terms
from tests.customers import PASSWORD, a_mobile, somebody

DAY = 24 * 3600


def attributes(answer):
    """The session cookie's name, and its attributes in lower case."""
    (line,) = [text for text in answer.headers.get_list("set-cookie") if "menpai" in text and "device" not in text]
    pair, *rest = line.strip().split("; ")
    return pair.partition("=")[0], {text.lower() for text in rest}


def is_cleared(answer):
    _, flags = attributes(answer)
    return "max-age=0" in flags and re.match(r"[\w-]+=(\"\")?;", answer.headers["set-cookie"].strip()) is not None


# ── What the cookie is ──
def test_the_cookie_is_for_the_browser_alone_and_ends_with_it(http, person):
    answer = Browser(http).sign_in(person.mobile)
    name, flags = attributes(answer)
    assert (name, flags) == ("menpai_session", {"httponly", "path=/", "samesite=lax"})
    session = ok(answer, 201)
    assert {session[name] for name in ("access_token", "refresh_token", "token_type", "expires_in")} == {None}


@pytest.mark.parametrize(("remember", "days"), [(True, 30), (False, 1)])
def test_a_cookie_lasts_thirty_days_if_remembered_and_else_a_day_at_most(http, person, clock, remember, days):
    browser = Browser(http)
    _, flags = attributes(browser.sign_in(person.mobile, remember=remember))
    assert (f"max-age={30 * DAY}" in flags) is remember
    clock.advance(days * DAY - 60)
    assert browser.is_signed_in()
    clock.advance(120)
    refused(browser.get("/me"), 401, "not_signed_in")


def test_over_https_the_cookie_is_bound_to_the_host(http, person, settings):
    settings.SECURE = True
    browser = Browser(http, **{"sec-fetch-site": "same-origin"})
    name, flags = attributes(browser.sign_in(person.mobile))
    assert (name, flags) == ("__Host-menpai", {"httponly", "path=/", "samesite=lax", "secure"})
    assert browser.is_signed_in()
    unprefixed = {"cookie": f"menpai_session={browser.cookie}"}  # what a sibling host could plant
    refused(Caller(http).get("/me", **unprefixed), 401, "not_signed_in")
    _, flags = attributes(browser.delete("/sessions/current"))
    assert flags >= {"max-age=0", "path=/", "secure", "httponly", "samesite=lax"}


def test_the_secret_of_the_cookie_is_not_stored(browser):
    session = Session.objects.get(kind="cookie")
    secret = browser.cookie.partition(".")[2]
    assert len(secret) == 43
    assert secret not in str(Session.objects.filter(pk=session.pk).values()[0])


def test_every_way_of_signing_in_gives_a_cookie_to_whoever_asks(http, mailbox):
    mobile, other = a_mobile(), a_mobile()
    sent = {"terms_version": terms(), "session": "cookie", "password": PASSWORD}
    by_registration, by_code = Browser(http), Browser(http)
    fields = sent | {"mobile": mobile, "code": a_code(http, mailbox, mobile)}
    assert ok(by_registration.post("/registrations", **fields), 201)["access_token"] is None
    fields = sent | {"mobile": other, "code": a_code(http, mailbox, other, "sessions")}
    assert ok(by_code.post("/sessions/by-code", **fields), 201)["access_token"] is None
    assert by_registration.is_signed_in() and by_code.is_signed_in()


def test_who_wants_tokens_gets_no_cookie_and_there_is_no_third_kind(http, person):
    for wanted in ({}, {"session": "token"}, {"remember": True}):
        answer = Browser(http).post("/sessions", name=person.mobile, password=PASSWORD, **wanted)
        assert ok(answer, 201)["access_token"] and "set-cookie" not in answer.headers
    answer = Browser(http).post("/sessions", name=person.mobile, password=PASSWORD, session="jwt")
    refused(answer, 422, "invalid_request", "session")


# ── Which pages may use it ──
OURS = [
    {"origin": ORIGIN},
    {"sec-fetch-site": "same-origin"},
    {"sec-fetch-site": "same-origin", "origin": ORIGIN},
    {"sec-fetch-site": "none"},
]
FOREIGN = [
    {},
    {"origin": "null"},
    {"origin": ""},
    {"origin": "https://evil.example"},
    {"origin": "http://127.0.0.1:8001"},
    {"origin": "http://127.0.0.1"},
    {"origin": "http://evil.127.0.0.1:8000"},
    {"origin": "http://127.0.0.1:8000.evil.example"},
    {"origin": "http://user@127.0.0.1:8000@evil.example"},
    {"origin": "http://[::1"},
    {"origin": "127.0.0.1:8000"},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"sec-fetch-site": "cross-site", "origin": ORIGIN},
    {"sec-fetch-site": "same-site", "origin": ORIGIN},
    {"sec-fetch-site": "SAME-ORIGIN"},
    {"sec-fetch-site": "nonsense", "origin": ORIGIN},
    {"referer": f"{ORIGIN}/login"},
]


@pytest.mark.parametrize("headers", OURS, ids=str)
def test_a_page_of_ours_may_use_the_cookie(http, browser, headers):
    page = Caller(http, cookie=f"menpai_session={browser.cookie}", **headers)
    assert ok(page.patch("/me", language="en"))["language"] == "en"


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_a_foreign_page_may_not(http, browser, headers):
    page = Caller(http, cookie=f"menpai_session={browser.cookie}", **headers)
    answers = [
        page.patch("/me", language="en"),
        page.post("/me/addresses", receiver="x", mobile="x", tag="x"),
        page.put("/me/password", old_password=PASSWORD, password="another horse 8", password2="another horse 8"),
        page.delete("/me/sessions"),
        page.delete("/sessions/current"),
    ]
    for answer in answers:
        refused(answer, 403, "cross_site")
        assert "set-cookie" not in answer.headers
    assert browser.get("/me").json()["language"] == "zh-CN"


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_a_foreign_page_signs_nobody_in(http, mailbox, person, headers):
    page, other = Caller(http, **headers), a_mobile()
    sent = {"session": "cookie", "password": PASSWORD, "terms_version": terms()}
    mobile = {"mobile": other, "code": a_code(http, mailbox, other)}
    before = Session.objects.count()
    refused(page.post("/sessions", name=person.mobile, **sent), 403, "cross_site")
    refused(page.post("/registrations", **sent, **mobile), 403, "cross_site")
    refused(page.post("/sessions/by-code", **sent, **mobile), 403, "cross_site")
    assert Session.objects.count() == before


def test_what_only_reads_needs_no_origin_and_no_other_page_can_read_it(http, person, browser, settings):
    page = Caller(http, cookie=f"menpai_session={browser.cookie}", **{"sec-fetch-site": "cross-site"})
    for path in ("/me", "/me/addresses", "/me/sessions"):
        answer = page.get(path)
        ok(answer)
        assert "access-control-allow-origin" not in answer.headers
    settings.CORS_ALLOWED_ORIGINS = ["https://shop.example"]
    answer = browser.get("/me", origin="https://shop.example")
    assert answer.headers["access-control-allow-origin"] == "https://shop.example"
    assert "access-control-allow-credentials" not in answer.headers
    ok(person.send("PATCH", "/me", {"origin": "https://shop.example"}, json={"language": "en"}))  # a bearer token


def test_the_public_address_is_our_origin_whatever_host_a_proxy_names(http, browser, person, settings):
    page = Caller(http, cookie=f"menpai_session={browser.cookie}", origin="http://evil.example", host="evil.example")
    refused(page.patch("/me", language="en"), 403, "cross_site")
    settings.MENPAI_PUBLIC_URL = "https://account.shop.example"
    page = Caller(http, cookie=f"menpai_session={browser.cookie}", origin="https://account.shop.example")
    ok(page.patch("/me", language="en"))
    page.headers["origin"] = "https://evil.shop.example"
    refused(page.patch("/me", language="en"), 403, "cross_site")
    settings.SECURE, settings.MENPAI_PUBLIC_URL = True, "https://127.0.0.1:8000"
    refused(Browser(http, origin=ORIGIN).sign_in(person.mobile), 403, "cross_site")  # plain http of our own host
    ok(Browser(http, origin="https://127.0.0.1:8000").sign_in(person.mobile), 201)


# ── Which one counts ──
def test_a_bearer_token_wins_over_the_cookie(http, mailbox, browser):
    other = App(http, somebody_else(http, mailbox))
    both = {"cookie": f"menpai_session={browser.cookie}"}
    assert other.get("/me", **both).json()["id"] == other.me["id"]
    ok(other.send("PATCH", "/me", both, json={"language": "en"}))  # no origin needed
    assert browser.get("/me").json()["language"] == "zh-CN"


def test_what_is_refused_and_what_an_app_does_leave_the_cookie(person, browser):
    answer = browser.get("/me", authorization="Bearer x")  # does not fall back on the cookie
    refused(answer, 401, "not_signed_in")
    assert "set-cookie" not in answer.headers
    refused(browser.post("/sessions/refresh", refresh_token="x"), 401, "not_signed_in")
    refused(browser.sign_in(person.mobile, "wrong password"), 401, "wrong_credentials")
    answer = person.delete("/sessions/current", {"cookie": f"menpai_session={browser.cookie}"})
    ok(answer, 204)
    assert "set-cookie" not in answer.headers
    assert browser.is_signed_in()


def test_a_dead_cookie_is_cleared(http, browser, person):
    ok(person.delete("/me/sessions"), 204)
    answer = browser.get("/me")
    refused(answer, 401, "not_signed_in")
    assert is_cleared(answer) and browser.cookie == ""
    assert "set-cookie" not in Browser(http).get("/me").headers


def test_signing_out_clears_the_cookie_and_ends_the_session_and_a_new_password_does_not(http, browser, person):
    kept = browser.cookie
    answer = browser.delete("/sessions/current")
    ok(answer, 204)
    assert is_cleared(answer)
    refused(Caller(http, cookie=f"menpai_session={kept}").get("/me"), 401, "not_signed_in")
    ok(browser.sign_in(person.mobile), 201)
    new = {"old_password": PASSWORD, "password": "another horse 8", "password2": "another horse 8"}
    ok(browser.put("/me/password", **new), 204)
    assert browser.is_signed_in()


def test_signing_in_again_ends_the_browsers_earlier_session(http, browser, person):
    before = browser.cookie
    ok(browser.sign_in(person.mobile), 201)
    assert browser.cookie != before and browser.is_signed_in()
    refused(Caller(http, cookie=f"menpai_session={before}").get("/me"), 401, "not_signed_in")
    assert person.is_signed_in()  # the app's


def test_signing_in_as_somebody_else_leaves_the_first_account(http, mailbox, browser):
    other = somebody_else(http, mailbox)["customer"]
    before = browser.cookie
    ok(browser.sign_in(other["mobile"]), 201)
    assert browser.get("/me").json()["id"] == other["id"]
    refused(Caller(http, cookie=f"menpai_session={before}").get("/me"), 401, "not_signed_in")


def test_signing_in_with_a_dead_cookie_works(http, person):
    browser = Browser(http)
    browser.cookie = f"{uuid.uuid4().hex}.{secrets.token_urlsafe(32)}"
    ok(browser.sign_in(person.mobile), 201)
    assert browser.is_signed_in()


# ── Forged ──
def test_a_session_id_without_its_secret_opens_nothing(http, browser, person):
    dada = somebody(http)
    assert Session.objects.count() == 3  # of each kind one
    for session in Session.objects.all():
        forged = ["", ".", ".x", f".{tokens._hash('')}", f".{session.cookie_hash}", f".{browser.cookie[:-1]}"]
        for secret in forged:
            page = Browser(http)
            page.cookie = session.pk.hex + secret
            refused(page.get("/me"), 401, "not_signed_in")
    assert browser.is_signed_in() and person.is_signed_in() and dada.is_signed_in()


def test_no_other_text_token_or_pair_of_halves_is_a_cookie(http, browser, person):
    other = Browser(http)
    ok(other.sign_in(person.mobile), 201)
    mixed = browser.cookie.partition(".")[0] + other.cookie.partition(".")[2]
    none = ["x", ".", "x.y", "0" * 32, "0" * 32 + ".", "%00", "a" * 3000, '"', "{}", "\\303"]
    for cookie in (*none, mixed, person.access):
        refused(Caller(http, cookie=f"menpai_session={cookie}").get("/me"), 401, "not_signed_in")
    refused(Caller(http, authorization=f"Bearer {browser.cookie}").get("/me"), 401, "not_signed_in")
    dada = http.get("/v1/users/x/address", headers={"cookie": f"menpai_session={browser.cookie}"})
    assert dada.json()["code"] == 10101


# ── When it was last seen ──
def test_last_seen_is_written_every_ten_minutes_at_most(browser, clock):
    def seen():
        return Session.objects.get(kind="cookie").last_seen_at

    first = seen()
    clock.advance(9 * 60)
    browser.get("/me")
    assert seen() == first
    clock.advance(2 * 60)
    browser.get("/me")
    second = seen()
    assert (second - first).total_seconds() > 600
    browser.get("/me")
    assert seen() == second


def somebody_else(http, mailbox):
    return ok(http.post("/api/registrations", json=registration(http, mailbox)), 201)
