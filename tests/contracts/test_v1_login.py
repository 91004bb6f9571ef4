"""dada.md, sign-in: POST /tokens, /users/login, the Authorization header, password change, the cart hook, tokens."""

import json

import jwt
import pytest

from menpai import rules
from menpai.integrations import cart as integration_cart
from menpai.models import Customer
from tests.customers import PASSWORD, activate, body, somebody, somebody_by_sms
from tests.rig.receiver import Receiver, is_signed


@pytest.mark.parametrize("path", ["/v1/tokens", "/v1/tokens/", "/v1/users/login", "/v1/users/login/"])
def test_post_tokens_signs_in_by_name(http, path):
    person = somebody(http)
    answer = body(http.post(path, json={"username": person.name.upper(), "password": PASSWORD, "cart": None}))
    token = answer["token"]
    assert answer == {
        "code": 200,
        "username": person.name,
        "token": token,
        "email_verified": False,
        "len": 0,
        "carts_count": 0,
        "data": {"token": token, "len": 0},
    }


@pytest.mark.parametrize("name", ["nobody", "13900000001", "nobody@example.com", "a b", "x" * 500, "\u202e", "地址"])
def test_10104_unknown_name_and_wrong_password_are_the_same_answer(http, name):
    person = somebody(http)
    unknown = http.post("/v1/tokens", json={"username": name, "password": PASSWORD})
    wrong = http.post("/v1/tokens", json={"username": person.name, "password": "wrong password"})
    assert unknown.content == wrong.content
    assert body(unknown)["error"] == "用户查询出错"


@pytest.mark.parametrize("sent", [{}, {"username": "a"}, {"password": "b"}, {"username": None, "password": "b"}])
def test_10100_a_missing_login_field(http, sent):
    assert body(http.post("/v1/tokens", json=sent))["code"] == 10100


def test_the_token_is_understood_raw_and_after_jwt_and_bearer_and_10101_without_a_living_one(http):
    person = somebody(http)
    for scheme in ("", "jwt ", "JWT ", "Bearer ", "bearer "):
        assert body(http.get(person.book, headers={"authorization": scheme + person.token}))["code"] == 200
    header, claims, signature = person.token.split(".")
    for token in ("", "x", "a.b.c", "Basic abc", "jwt", "x" * 5000, f"{header}.{claims}.{signature[::-1]}"):
        answer = body(http.get(person.book, headers={"authorization": token} if token else {}))
        assert (answer["code"], answer["error"]) == (10101, "无法获取用户名，需要登陆。")


def test_10101_comes_before_the_passwords_and_may_be_another_number_for_the_older_pages(http, settings):
    person = somebody(http)
    answer = body(http.post(f"/v1/users/{person.name}/password", json={"oldpassword": "x", "password1": "y"}))
    assert answer["code"] == 10101
    settings.MENPAI_DADA_LOGIN_REQUIRED_CODE = 403
    assert body(http.get("/v1/users/somebody/address"))["code"] == 403


def test_10101_for_a_path_that_names_somebody_else_existing_or_not(http):
    person, other = somebody(http), somebody(http)
    answers = [http.get(f"/v1/users/{name}/address", headers=person.auth) for name in (other.name, "nobody_here")]
    assert answers[0].content == answers[1].content
    assert body(answers[0])["code"] == 10101


def test_a_token_is_dead_after_24_hours(http, mailbox, clock):
    person, by_sms = somebody(http), somebody_by_sms(http, mailbox)
    assert by_sms.addresses() == []  # without a user name the mobile is the name
    clock.advance(24 * 3600 - 60)
    assert person.is_signed_in()
    clock.advance(120)
    assert not person.is_signed_in()


# ── Tokens for sibling services (ruling 7) ──
def test_ruling_7_siblings_verify_the_token_with_the_published_key_set(http, mailbox):
    person = somebody(http)
    activate(http, mailbox, person)
    person.sign_in()
    published = jwt.PyJWKSet.from_dict(http.get("/.well-known/jwks.json").json())
    key = published[jwt.get_unverified_header(person.token)["kid"]]
    claims = jwt.decode(person.token, key, algorithms=["EdDSA"], audience="menpai", issuer="http://127.0.0.1:8000")
    assert claims["username"] == person.name
    assert claims["id"] == claims["user_id"] == Customer.objects.get(username=person.name).pk
    assert claims["email_verified"] is True
    assert claims["exp"] - claims["iat"] == 24 * 3600


def test_ruling_7_with_a_shared_key_siblings_verify_by_it(http, settings):
    settings.MENPAI_TOKEN_ALGORITHM, settings.MENPAI_TOKEN_SHARED_KEY = "HS256", "k" * 32
    person = somebody(http)
    claims = jwt.decode(person.token, "k" * 32, algorithms=["HS256"])
    assert {"username", "id", "user_id", "exp", "email_verified"} <= set(claims)
    assert person.is_signed_in()


@pytest.mark.parametrize("path", ["/v1/tokens", "/v1/users/login"])
def test_10104_after_five_wrong_passwords_the_wait_is_told_and_is_no_longer_than_that(http, clock, path):
    person, answers = somebody(http), {}
    for name in (person.name, "nobody_here"):
        for _ in range(rules.LOGIN_FAILURES_PER_PAIR[0].many):
            wrong = body(http.post(path, json={"username": name, "password": "wrong horse 1"}))
            assert (wrong["code"], wrong["error"]) == (10104, "用户查询出错")
        answers[name] = http.post(path, json={"username": name, "password": PASSWORD})
    told = {
        "code": 10104,
        "error": "登录次数过多，请在15分钟后再试",
        "reason": "Too many tries, try again in 15 min",
    }
    assert [(answer.status_code, answer.json()) for answer in answers.values()] == [(200, told)] * 2
    clock.advance(int(answers[person.name].headers["retry-after"]))
    assert person.sign_in()["code"] == 200


# ── Password change ──
@pytest.mark.parametrize("path", ["/v1/users/{}/password", "/v1/user/{}/password", "/v1/users/{}/password/"])
def test_post_password_changes_it_and_ends_every_session(http, path):
    person = somebody(http)
    other_device = body(http.post("/v1/tokens", json={"username": person.name, "password": PASSWORD}))["token"]
    new = {"oldpassword": PASSWORD, "password1": "another horse 8", "password2": "another horse 8"}
    assert person.post(path.format(person.name), **new) == {"code": 200, "data": "修改成功"}
    for token in (person.token, other_device):
        assert body(http.get(person.book, headers={"authorization": token}))["code"] == 10101
    assert person.sign_in()["code"] == 10104
    assert person.sign_in("another horse 8")["code"] == 200


def test_the_owner_is_told_of_a_changed_password(http, mailbox):
    person = somebody(http)
    activate(http, mailbox, person)
    new = {"oldpasword": PASSWORD, "Password1": "another horse 8", "Password2": "another horse 8"}
    assert person.post(f"/v1/users/{person.name}/password", **new)["code"] == 200
    notice = mailbox.last(person.email)
    assert notice.code is None
    assert "密码" in notice.text


@pytest.mark.parametrize(
    ("code", "changed"),
    [
        (10100, {"oldpassword": None}),
        (10108, {"password1": None}),
        (10108, {"password1": "short", "password2": "short"}),
        (10109, {"password2": None}),
        (10102, {"password2": "something else 1"}),
        (10103, {"oldpassword": "wrong password"}),
        (10133, {"password1": PASSWORD, "password2": PASSWORD}),
    ],
)
def test_ruling_4_password_change(http, code, changed):
    person = somebody(http)
    sent = {"oldpassword": PASSWORD, "password1": "another horse 8", "password2": "another horse 8"} | changed
    assert person.post(f"/v1/users/{person.name}/password", **sent)["code"] == code
    assert person.is_signed_in()


# ── Cart hook (ruling 6) ──
@pytest.fixture
def cart(settings, monkeypatch):
    with Receiver(b'{"count": 3}').running() as found:
        settings.MENPAI_CART_MERGE_URL = f"{found.url}/merge"
        monkeypatch.setattr(integration_cart, "_rest_until", 0.0)
        yield found


def test_ruling_6_the_cart_service_is_called_signed_and_its_count_answered(http, cart):
    person = somebody(http)
    items = [{"sku": 1, "count": 2}]
    answer = body(http.post("/v1/tokens", json={"username": person.name, "password": PASSWORD, "carts": items}))
    assert (answer["len"], answer["carts_count"], answer["data"]["len"]) == (3, 3, 3)
    headers, content = cart.seen[0]
    assert json.loads(content) == {"user": person.name, "items": items}
    assert is_signed(headers, content)


@pytest.mark.parametrize(
    "answer", [(500, b""), (200, b"[]"), (200, b"not json"), (200, b'{"count": "3"}'), (200, b'{"count": -1}')]
)
def test_ruling_6_a_failing_cart_service_costs_nobody_the_login(http, cart, answer):
    person = somebody(http)
    cart.status, cart.content = answer
    signed_in = person.sign_in()
    assert (signed_in["code"], signed_in["len"]) == (200, 0)


@pytest.mark.parametrize("cart_field", [{"cart": "x"}, {"carts": {}}, {"cart": [1], "carts": [2]}])
def test_10100_a_cart_that_is_no_array(http, cart_field):
    person = somebody(http)
    sent = {"username": person.name, "password": PASSWORD} | cart_field
    assert body(http.post("/v1/tokens", json=sent))["code"] == 10100
