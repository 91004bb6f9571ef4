"""A dependency that is away is an honest 503 with Retry-After; what does not need it goes on."""

import contextlib

import pytest

from menpai import errors
from menpai.ephemeral import store
from tests.customers import PASSWORD, a_mobile, an_address_v1, ask_for_code, body, somebody
from tests.rig.children import until

needs_servers = pytest.mark.production_only("the embedded run has neither Redis nor PostgreSQL to lose")


@contextlib.contextmanager
def away(server):
    server.kill()
    try:
        yield
    finally:
        server.start()
        until(store_answers, 5, "the store is asked again")


def store_answers():
    """The breaker lets one request through a second after the last failure."""
    try:
        store().ping()
    except errors.StoreUnavailable:
        return False
    return True


@pytest.fixture
def no_redis(redis_server):
    with away(redis_server):
        yield


@needs_servers
def test_the_store_away_is_a_503_with_retry_after_in_the_contracts_shape(http, no_redis):
    for path, sent in {
        "/v1/users/sms/code": {"phone": a_mobile()},
        "/v1/users/password/sms": {"email": "a@example.com"},
        "/v1/users/password/verification": {"email": "a@example.com", "code": "12345678"},
    }.items():
        answer = http.post(path, json=sent)
        assert (answer.status_code, answer.json()["code"]) == (503, 10105), path
        assert int(answer.headers["retry-after"]) >= 1


@needs_servers
def test_luffy_keeps_its_507_when_a_code_cannot_be_stored(http, no_redis):
    answer = http.get(f"/user/sms/{a_mobile()}/")
    text = "服务器发送短信有误！"
    assert (answer.status_code, answer.json()) == (507, {"status": "0", "result": text, "message": text})
    sent = {"mobile": a_mobile(), "password": PASSWORD, "sms_code": "123456"}
    answer = http.post("/user/register/", json=sent)
    assert (answer.status_code, answer.json()) == (503, {"non_field_errors": ["服务器出错，请联系客服工作人员!"]})


@needs_servers
def test_without_the_store_reading_login_and_the_address_book_go_on(http, redis_server):
    person = somebody(http)
    with away(redis_server):
        assert person.sign_in()["code"] == 200
        assert person.post(person.book, **an_address_v1())["code"] == 200
        assert len(person.addresses()) == 1
    assert body(http.post("/v1/users/sms/code", json={"phone": a_mobile()}))["code"] == 200


@needs_servers
def test_the_database_away_is_a_503_with_retry_after_in_the_contracts_shape(http, postgres):
    person = somebody(http)
    with away(postgres):
        calls = {
            10121: lambda: http.get(person.book, headers=person.auth),
            10120: lambda: http.post(person.book, json=an_address_v1(), headers=person.auth),
            10104: lambda: http.post("/v1/tokens", json={"username": person.name, "password": PASSWORD}),
        }
        for code, call in calls.items():
            answer = call()
            assert (answer.status_code, answer.json()["code"]) == (503, code)
            assert int(answer.headers["retry-after"]) >= 1
        login = http.post("/user/login/", json={"username": person.name, "password": PASSWORD})
        assert (login.status_code, login.json()) == (503, {"non_field_errors": ["服务器出错，请联系客服工作人员!"]})
    assert person.is_signed_in()


@needs_servers
def test_a_code_survives_a_failure_of_ours(http, mailbox, postgres):
    mobile = a_mobile()
    code = ask_for_code(http, mailbox, mobile)
    sent = {"mobile": mobile, "password": PASSWORD, "sms_code": code}
    with away(postgres):
        assert http.post("/user/register/", json=sent).status_code == 503
    assert http.post("/user/register/", json=sent).status_code == 201


@needs_servers
def test_the_modern_api_and_its_pages_say_so_in_their_own_way(http, postgres):
    sent = {"name": somebody(http).name, "password": PASSWORD, "session": "cookie"}
    answer = http.post("/api/sessions", json=sent, headers={"sec-fetch-site": "same-origin"})
    cookie = {"cookie": answer.headers["set-cookie"].partition(";")[0]}
    with away(postgres):
        answer = http.get("/api/me", headers=cookie)
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        assert answer.headers["content-type"] == "application/problem+json"
        page = http.get("/account", headers=cookie)
        assert (page.status_code, int(answer.headers["retry-after"])) == (503, 2)
        assert page.headers["content-type"].startswith("text/html") and "本页会自动重试" in page.text
        assert http.get("/login").status_code == 200  # nobody has to be looked up for that
    assert http.get("/api/me", headers=cookie).status_code == 200


@needs_servers
def test_without_the_store_the_modern_api_sends_nothing_and_signs_in(http, redis_server):
    person = somebody(http)
    with away(redis_server):
        answer = http.post("/api/sessions/code", json={"mobile": a_mobile()})
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        assert int(answer.headers["retry-after"]) >= 1
        signed_in = http.post("/api/sessions", json={"name": person.name, "password": PASSWORD})
        assert signed_in.status_code == 201
