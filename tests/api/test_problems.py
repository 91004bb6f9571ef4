"""/api: how it says no, in both languages, and what its document says of that."""

import json
import re
from datetime import timedelta

import jwt
import pytest
from django.db import OperationalError
from django.test import RequestFactory

from menpai import errors
from menpai.addresses import book as address_book
from menpai.contracts.api import problem_texts, problems
from menpai.ephemeral import store
from menpai.sessions import tokens
from tests.api.clients import ORIGIN, PROBLEM, App, Caller, newcomer, ok, refused, registration, signed_in
from tests.conftest import _client
from tests.customers import PASSWORD, a_mobile, somebody

METHODS = ("get", "post", "put", "patch", "delete")


@pytest.fixture(scope="module")
def document(database):
    with _client() as http:
        return http.get("/api/openapi.json").json()


def operations(document):
    return [(path, method, one) for path, methods in document["paths"].items() for method, one in methods.items()]


# ── Language ──
@pytest.mark.parametrize(
    ("accept", "detail"),
    [
        (None, "请先登录。"),
        ("", "请先登录。"),
        ("zh-CN", "请先登录。"),
        ("en", "Please sign in."),
        ("en-GB,en;q=0.9,zh;q=0.8", "Please sign in."),
        ("zh-CN,zh;q=0.9,en;q=0.8", "请先登录。"),
        ("de,en;q=0.5", "Please sign in."),
        ("de", "请先登录。"),
        ("en;q=0", "请先登录。"),
        ("en;q=nonsense", "请先登录。"),
    ],
)
def test_a_problem_is_told_in_the_language_that_was_asked_for(stranger, accept, detail):
    answer = stranger.get("/me", **({} if accept is None else {"accept-language": accept}))
    said = refused(answer, 401, "not_signed_in")
    assert (said["detail"], said["title"]) == (detail, detail.rstrip("。."))
    assert "Accept-Language" in answer.headers["vary"]


def test_the_words_of_a_field_follow_too(stranger):
    """Both are told, so that a page can change its language while the words stand there."""
    for language in ("zh-CN", "en"):
        answer = stranger.post("/registrations/code", {"accept-language": language}, mobile="1")
        (field,) = refused(answer, 422, "mobile_invalid", "mobile")["errors"]
        details = {"zh-CN": "请填写正确的手机号。", "en": "Please enter a valid mobile number."}
        assert field == {"field": "mobile", "code": "mobile_invalid", "detail": details[language], "details": details}


def test_a_password_rule_tells_its_numbers(http, mailbox, settings):
    settings.MENPAI_PASSWORD_MIN_LENGTH = 10
    sent = registration(http, mailbox, password="short")
    said = refused(http.post("/api/registrations", json=sent), 422, "password_length", "password")
    assert said["detail"] == "密码须为 10–128 位。"


def test_every_refusal_has_words_in_both_languages():
    told = [*problem_texts.PROBLEMS.values(), problem_texts.UNFORESEEN, problem_texts.UNKNOWN, problem_texts.METHOD]
    for one in told:
        assert re.fullmatch("[a-z_]+", one.code), one
        assert re.search("[\u4e00-\u9fff]", one.chinese) and one.chinese.endswith("。"), one
        assert (one.english.endswith(".") and one.english.isascii()) or "–" in one.english, one
        assert not re.search(r"[,;:!?()]", one.chinese), one


# ── Fields ──
def test_every_missing_and_wrong_typed_field_is_named_and_unknown_ones_are_left_alone(stranger):
    said = stranger.post("/registrations", mobile=1, code=None, session="jwt", remember="yes", email=[]).json()
    assert (said["status"], said["code"]) == (422, "invalid_request")
    assert {one["field"]: one["code"] for one in said["errors"]} == {
        "password": "required",
        **dict.fromkeys(("mobile", "code", "session", "remember", "email"), "wrong_type"),
    }
    assert all(one["detail"] for one in said["errors"])
    ok(stranger.post("/registrations/check", mobile=a_mobile(), utm_source="x"))
    refused(stranger.put("/me/email", email=1), 401, "not_signed_in")  # who is nobody is not told


# ── Bodies ──
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x")
OTHER_TYPES = ("", "text/plain", *FORMS, "text/json", "x")


def test_a_body_is_json_and_another_type_is_refused_before_anything_else(stranger, person):
    content = json.dumps({"mobile": a_mobile()}).encode()
    for kind in OTHER_TYPES:
        for caller in (stranger, person):
            for method, path in (("POST", "/registrations/code"), ("PATCH", "/me")):
                refused(caller.send(method, path, {"content-type": kind}, content=content), 415, "json_only")
    for kind in ("application/json", "application/json; charset=utf-8", "Application/JSON;x=y"):
        ok(stranger.send("POST", "/registrations/check", {"content-type": kind}, content=content))
    ok(person.send("DELETE", "/me/sessions"), 204)  # what takes no body needs none
    ok(person.send("DELETE", "/me/sessions", content=b"", headers={"content-type": "text/plain"}), 204)


def test_413_a_body_without_an_end(stranger):
    endless = stranger.send("POST", "/sessions", {"content-type": "application/json"}, content=iter([b" " * 9000] * 3))
    refused(endless, 413, "body_too_large")


# ── Paths and methods ──
@pytest.mark.parametrize(
    "path", ["", "/", "/nothing", "/me/", "/sessions/", "/me/nothing", "/v1/tokens", "/me%0A", "/%ff", "/ME", "//me"]
)
def test_404_an_unknown_path_is_a_problem(person, path):
    for method in METHODS:
        refused(person.send(method.upper(), path), 404, "unknown_path")


def test_405_names_the_methods_that_are_there(person):
    for path, allowed in (("/me", "GET, PATCH"), ("/me/addresses/1", "DELETE, PUT"), ("/sessions", "POST")):
        for method in ("TRACE", "OPTIONS", "PROPFIND"):
            answer = person.send(method, path)
            refused(answer, 405, "method_not_allowed")
            assert answer.headers["allow"] == allowed


# ── Not now ──
def test_every_too_soon_and_every_away_tells_when_to_come_back():
    request = RequestFactory().get("/api/me")
    waiting = [one for one in problem_texts.PROBLEMS if issubclass(one, errors.ComeBackLater)]
    assert errors.TargetTooSoon in waiting
    for kind in waiting:
        wait = timedelta(seconds=1.2)
        answer = problems.refused(request, kind("sms", wait) if kind is errors.CaptchaRequired else kind(wait))
        expected = 503 if kind is errors.SendingPaused else 429
        assert (answer.status_code, answer["Retry-After"]) == (expected, "2")
    assert problems.refused(request, errors.NoGateway())["Retry-After"] == "30"
    assert problems.unavailable(request)["Retry-After"] == "2"
    counted = {kind for kind, said in problem_texts.PROBLEMS.items() if said.status in (429, 503)}
    later = (errors.ComeBackLater, errors.NoGateway, errors.SocialAway)
    assert counted == {kind for kind in problem_texts.PROBLEMS if issubclass(kind, later)} | {errors.Unavailable}


def test_a_store_that_is_away_is_503(stranger, person, monkeypatch):
    def away(*_arguments, **_named):
        raise errors.StoreUnavailable

    monkeypatch.setattr(type(store()), "count", away)
    refused(stranger.post("/registrations/code", mobile=a_mobile()), 503, "unavailable")
    refused(stranger.post("/recovery/code", target=a_mobile()), 503, "unavailable")
    ok(person.get("/me"))


def test_a_database_that_is_away_is_503_and_the_cookie_stays(browser, monkeypatch):
    def away(*_arguments):
        raise OperationalError("secret host")

    monkeypatch.setattr(tokens, "select_session", away)
    answer = browser.get("/me/sessions")
    refused(answer, 503, "unavailable")
    assert "secret" not in answer.text and "set-cookie" not in answer.headers


def test_a_fault_of_ours_is_a_500_without_its_text(person, monkeypatch, caplog):
    def broken(customer_id):
        raise RuntimeError(f"customer {customer_id}")

    monkeypatch.setattr(address_book, "list_archived", broken)
    answer = person.get("/me/addresses/set-aside")
    refused(answer, 500, "fault")
    assert "fault" in caplog.text and not re.search("customer [0-9]", caplog.text + answer.text)


# ── HS256 (decisions.md 20) ──
@pytest.fixture
def shared(settings):
    settings.MENPAI_TOKEN_ALGORITHM, settings.MENPAI_TOKEN_SHARED_KEY = "HS256", "k" * 32
    return settings


def test_a_token_of_the_published_contract_opens_this_one_if_no_sibling_could_have_made_it(http, settings):
    assert Caller(http, authorization=somebody(http).token).is_signed_in()
    settings.MENPAI_TOKEN_ALGORITHM, settings.MENPAI_TOKEN_SHARED_KEY = "HS256", "k" * 32
    dada = somebody(http)
    assert dada.is_signed_in()
    refused(Caller(http, authorization=f"Bearer {dada.token}").get("/me"), 401, "not_signed_in")


def test_a_forged_hs256_token_of_an_app_session_is_refused(http, mailbox, shared):
    person = newcomer(http, mailbox)
    assert jwt.get_unverified_header(person.access)["alg"] == "EdDSA"
    assert person.is_signed_in()
    claims = jwt.decode(person.access, options={"verify_signature": False})
    del claims["aud"]
    forged = jwt.encode(claims, "k" * 32, "HS256")
    refused(Caller(http, authorization=f"Bearer {forged}").get("/me"), 401, "not_signed_in")


def test_an_access_token_opens_the_published_book_with_either_algorithm(http, person, settings):
    def reads_the_book(token):
        answer = http.get(f"/v1/users/{person.mobile}/address", headers={"authorization": token})
        return answer.json()["code"] == 200

    assert reads_the_book(person.access)
    settings.MENPAI_TOKEN_ALGORITHM, settings.MENPAI_TOKEN_SHARED_KEY = "HS256", "k" * 32
    assert reads_the_book(signed_in(http, person.mobile).access)


# ── The document ──
def test_the_document_names_every_operation_once(document):
    found = operations(document)
    names = [one["operationId"] for _, _, one in found]
    assert len(names) == len(set(names)) == 53
    assert document["openapi"].startswith("3.1")
    assert all(path.startswith("/api/") and not path.endswith("/") for path in document["paths"])


def test_the_document_tells_every_no_as_a_problem(document):
    for path, method, one in operations(document):
        for status, response in one["responses"].items():
            if int(status) < 400:
                continue
            assert list(response["content"]) == [PROBLEM], (path, status)
            assert response["content"][PROBLEM]["schema"] == {"$ref": "#/components/schemas/Problem"}
            assert ("headers" in response) is (status in ("429", "503")), (path, method, status)
        assert "503" in one["responses"]


def test_the_document_tells_who_must_be_signed_in(document, stranger):
    private = [(path, method, one) for path, method, one in operations(document) if one.get("security")]
    of_the_customer = {path for path, _, _ in operations(document) if path.startswith("/api/me")}
    assert of_the_customer and of_the_customer <= {path for path, _, _ in private}
    for path, method, one in private:
        assert "401" in one["responses"]
        place = re.sub(r"\{.*id\}", "0" if "addresses" in path else "0" * 8 + "-0000" * 3 + "-" + "0" * 12, path)
        answer = stranger.send(method.upper(), place.removeprefix("/api"), json={} if method != "get" else None)
        refused(answer, 401, "not_signed_in")


BY_KEY = ("addresses", "addresses/{address_id}/snapshots")


def test_the_codes_of_the_document_are_those_of_the_table_and_the_key_stands_where_it_is_heard(document):
    known = {said.code for said in problem_texts.PROBLEMS.values()}
    told = set(re.findall("`([a-z_0-9]+)`", json.dumps([one["responses"] for _, _, one in operations(document)])))
    assert told == known
    heard = [
        f"{method.upper()} {path}"
        for path, method, one in operations(document)
        if any(parameter["name"] == "Idempotency-Key" for parameter in one.get("parameters", []))
    ]
    assert heard == [
        "POST /api/registrations",
        "POST /api/sessions/by-code",
        *(f"POST /api/me/{path}" for path in BY_KEY),
    ]


def test_the_docs_page_loads_what_is_there_and_nothing_from_elsewhere(http):
    answer = http.get("/api/docs")
    assert answer.status_code == 200
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
    assert (policy["default-src"], policy["script-src"], policy["connect-src"]) == ("'none'", "'self'", "'self'")
    assert "unsafe-inline" not in policy["script-src"] and policy["frame-ancestors"] == "'none'"
    sources = re.findall(r'(?:src|href)="([^"]+)"', answer.text)
    assert sources and all(one.startswith("/") for one in sources), sources
    files = [one for one in sources if one.startswith("/static/")]
    assert files and all(http.get(one).status_code == 200 for one in files)
    assert not re.search(r"<script(?![^>]*\b(?:src|type=\"application/json\"))[^>]*>[^<]*\S", answer.text)
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_the_document_and_its_page_cannot_be_written(http):
    for path in ("/api/openapi.json", "/api/docs"):
        for method in ("POST", "PUT", "DELETE"):
            answer = http.request(method, path)
            assert answer.status_code == 405
            assert (answer.headers["allow"], answer.json()["code"]) == ("GET, HEAD", "method_not_allowed")


def test_cross_origin_apps_of_configured_origins_may_use_tokens(http, person, settings):
    settings.CORS_ALLOWED_ORIGINS = ["https://shop.example"]
    headers = {
        "origin": "https://shop.example",
        "access-control-request-method": "PATCH",
        "access-control-request-headers": "authorization, content-type, idempotency-key",
    }
    answer = http.options("/api/me", headers=headers)
    assert answer.headers["access-control-allow-origin"] == "https://shop.example"
    assert "PATCH" in answer.headers["access-control-allow-methods"]
    assert "idempotency-key" in answer.headers["access-control-allow-headers"]
    assert "access-control-allow-credentials" not in answer.headers
    answer = person.get("/me", origin="https://shop.example")
    assert answer.headers["access-control-expose-headers"] == "retry-after"
    assert "access-control-allow-origin" not in person.get("/me", origin=f"{ORIGIN}1").headers
    shop = Caller(http, origin="https://shop.example", **{"sec-fetch-site": "cross-site"})
    answer = shop.post("/sessions", name=person.mobile, password=PASSWORD)  # tokens, and no cookie
    assert App(http, ok(answer, 201)).is_signed_in() and "set-cookie" not in answer.headers
