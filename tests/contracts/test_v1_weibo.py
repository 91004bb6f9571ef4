"""Weibo at `/v1` (dada.md rulings 3 and 4), against a Weibo on loopback."""

from collections.abc import Iterator

import httpx
import pytest

from menpai import rules
from menpai.models import Customer, Session, SocialLink
from tests.customers import PASSWORD, a_mobile, activate, body, recover, somebody
from tests.rig.providers import Weibo

DEVICE = {"cookie": f"menpai_device={'A' * 22}"}


@pytest.fixture
def weibo(monkeypatch: pytest.MonkeyPatch) -> Iterator[Weibo]:
    with Weibo().in_use(monkeypatch) as vendor:
        yield vendor


def leave(http, **headers):
    answer = body(http.get("/v1/users/weibo/authorization", headers=headers))
    assert set(answer) == {"code", "oauth_url"} and answer["code"] == 200
    return answer["oauth_url"]


def come_back(http, weibo, url, person="wang", headers=None, **changed):
    brought = weibo.consent(url, person) | changed
    return body(http.get("/v1/users/weibo/users", params=brought, headers=headers))


def arrive(http, weibo, person="wang"):
    return come_back(http, weibo, leave(http), person)


def ticket(http, weibo, person="wang"):
    answer = arrive(http, weibo, person)
    assert answer["code"] == 201, answer
    return answer["uid"]


def newcomer(**fields):
    who = {"username": "weibo_wang", "password": PASSWORD, "phone": a_mobile(), "email": "weibo@example.com"}
    return who | fields


def register(http, uid, **fields):
    return body(http.post("/v1/users/weibo/users", json={"uid": uid} | newcomer(**fields)))


def bind(http, uid, name, password=PASSWORD, **fields):
    sent = {"uid": uid, "username": name, "password": password} | fields
    return http.post("/v1/users/weibo/users/binduser", json={k: v for k, v in sent.items() if v is not None})


def code_of(answer: httpx.Response) -> int:
    return int(body(answer)["code"])


def said(answer):
    return answer["code"], answer["error"]


# ── The published way ──
def test_201_somebody_new_gets_a_bind_ticket_and_never_sees_the_real_uid(http, weibo):
    answer = arrive(http, weibo)
    assert set(answer) == {"code", "uid"} and answer["code"] == 201
    assert weibo.openid_of("wang") not in answer["uid"] and len(answer["uid"]) > 40


def test_a_new_local_user_bound_to_weibo_with_the_activation_mail(http, mailbox, weibo):
    answer = register(http, ticket(http, weibo))
    assert answer["code"] == 200 and answer["username"] == "weibo_wang"
    assert answer["data"] == {"token": answer["token"]} and answer["email_verified"] is False
    assert mailbox.last("weibo@example.com").link
    assert Customer.objects.get().mobile_verified_at is None  # as in register_named
    again = arrive(http, weibo)
    assert (again["code"], again["username"]) == (200, "weibo_wang") and again["token"]


def test_an_existing_user_is_bound(http, weibo):
    person = somebody(http)
    answer = body(bind(http, ticket(http, weibo), person.name))
    assert (answer["code"], answer["username"], answer["carts_count"]) == (200, person.name, 0)
    assert arrive(http, weibo)["username"] == person.name
    person.token = answer["token"]
    assert person.is_signed_in()


def test_a_browser_that_has_a_cookie_must_be_the_one_that_comes_back(http, weibo):
    url = leave(http, **DEVICE)
    assert come_back(http, weibo, url)["code"] == 10125
    assert come_back(http, weibo, url, headers={"cookie": f"menpai_device={'B' * 22}"})["code"] == 10125
    assert come_back(http, weibo, url, headers=DEVICE)["code"] == 201
    assert come_back(http, weibo, leave(http), headers=DEVICE)["code"] == 10125  # a stranger's state
    assert come_back(http, weibo, leave(http))["code"] == 201  # without a cookie the state alone decides


def test_a_page_of_our_own_gets_the_cookie_on_its_way_out(http, weibo):
    same_origin = {"sec-fetch-site": "same-origin"}
    answer = http.get("/v1/users/weibo/authorization", headers=same_origin)
    cookie = answer.headers["set-cookie"].strip().partition(";")[0]
    url = answer.json()["oauth_url"]
    assert come_back(http, weibo, url, headers=same_origin)["code"] == 10125  # the cookie was lost
    assert come_back(http, weibo, url, headers=same_origin | {"cookie": cookie})["code"] == 201


# ── Each number ──
def test_10124_without_weibo_or_half_of_its_keys(http, weibo, settings, monkeypatch):
    monkeypatch.delenv("MENPAI_WEIBO_CLIENT_SECRET")
    assert code_of(http.get("/v1/users/weibo/authorization")) == 10124
    settings.MENPAI_SOCIAL_PROVIDERS = []
    for path in ("/v1/users/weibo/authorization", "/v1/users/weibo/users?code=1&state=2"):
        assert said(body(http.get(path))) == (10124, "无法获取微博登陆页")


@pytest.mark.parametrize("mood", ["http 500", "garbage", "drop"])
def test_10125_weibo_is_away_and_nothing_is_half_bound(http, weibo, mood):
    weibo.mood = mood
    assert said(arrive(http, weibo)) == (10125, "无法获取微博token")
    assert not SocialLink.objects.exists() and not Session.objects.exists()


def test_10125_without_the_state_that_was_given_out_a_yes_or_a_code_that_weibo_knows(http, weibo):
    for state in ({}, {"state": ""}, {"state": "0" * 80}):
        brought = {"code": weibo.new_code("wang")} | state
        assert code_of(http.get("/v1/users/weibo/users", params=brought)) == 10125
    refusal = {"error": "access_denied", "error_code": "21330", "state": "1"}
    assert code_of(http.get("/v1/users/weibo/users", params=refusal)) == 10125
    assert weibo.requests == []  # nobody was asked
    assert come_back(http, weibo, leave(http), code="made-up")["code"] == 10125


def test_10125_a_state_is_good_once_and_for_ten_minutes(http, weibo, clock):
    url = leave(http)
    assert [come_back(http, weibo, url)["code"] for _ in range(2)] == [201, 10125]
    url = leave(http)
    clock.advance(rules.SOCIAL_STATE_LIFE.total_seconds() + 1)
    assert come_back(http, weibo, url)["code"] == 10125


@pytest.mark.parametrize("token", [{}, {"access_token": "t", "uid": ""}, {"error": "e", "error_code": 21327}])
def test_10129_a_token_that_names_nobody(http, weibo, token):
    weibo.says = token
    assert said(arrive(http, weibo)) == (10129, "无效的微博token")


def test_10130_a_ticket_that_was_never_made_or_is_used_or_over(http, weibo, clock):
    for uid in ("", "5057766658", "made.up"):
        assert said(register(http, uid)) == (10130, "关联微博失败")
    good = ticket(http, weibo)
    assert register(http, good)["code"] == 200
    assert register(http, good, username="another", email="other@example.com")["code"] == 10130
    good = ticket(http, weibo, "li")
    clock.advance(rules.SOCIAL_TICKET_LIFE.total_seconds() + 1)
    assert register(http, good, username="another", email="other@example.com")["code"] == 10130
    assert Customer.objects.count() == 1


def test_10130_weibos_own_uid_binds_nobody(http, weibo):
    person = somebody(http)
    arrive(http, weibo)
    for uid in (weibo.openid_of("wang"), "", None):
        assert code_of(bind(http, uid, person.name)) == 10130
    assert not SocialLink.objects.exists()


def test_10130_an_account_has_one_user_and_a_user_one_account(http, weibo):
    first, second = ticket(http, weibo), ticket(http, weibo)
    person, other = somebody(http), somebody(http)
    assert code_of(bind(http, first, person.name)) == 200
    assert code_of(bind(http, second, other.name)) == 10130
    assert code_of(bind(http, ticket(http, weibo, "li"), person.name)) == 10130
    assert SocialLink.objects.count() == 1


# ── Ruling 4: the order ──
@pytest.mark.parametrize(
    ("code", "changed"),
    [
        (10100, {"uid": 1, "username": "x"}),
        (10127, {"username": "x", "email": "x", "phone": "x", "password": ""}),
        (10127, {"username": "WEIBO"}),
        (10126, {"email": "x", "phone": "x", "password": ""}),
        (10131, {"phone": "x", "password": ""}),
        (10108, {"password": ""}),
        (10108, {"password": "123456"}),
        (10128, {"username": "taken"}),
        (10130, {}),
    ],
)
def test_ruling_4_the_fields_come_before_the_ticket(http, weibo, code, changed):
    somebody(http, uname="taken")
    sent = {"uid": "made.up"} | newcomer() | changed
    assert code_of(http.post("/v1/users/weibo/users", json=sent)) == code


def test_ruling_4_the_password_and_the_name_come_before_the_ticket(http, weibo):
    person = somebody(http, uname="taken")
    assert code_of(bind(http, "made.up", person.name, None)) == 10100
    assert code_of(bind(http, "made.up", None)) == 10100
    assert code_of(bind(http, "made.up", person.name, "wrong horse 1")) == 10104
    assert code_of(bind(http, "made.up", "nobody_here", "wrong horse 1")) == 10104
    assert code_of(bind(http, "made.up", person.name)) == 10130
    good = ticket(http, weibo)
    assert register(http, good, username="taken")["code"] == 10128  # costs the ticket nothing
    assert register(http, good)["code"] == 200


def test_binding_counts_wrong_passwords_as_the_sign_in_does(http, weibo):
    """No way around the throttle."""
    person, good = somebody(http), ticket(http, weibo)
    for _ in range(rules.LOGIN_FAILURES_PER_PAIR[0].many):
        assert code_of(bind(http, good, person.name, "wrong horse 1")) == 10104
    answer = bind(http, good, person.name)
    told = {
        "code": 10104,
        "error": "登录次数过多，请在15分钟后再试",
        "reason": "Too many tries, try again in 15 min",
    }
    assert (answer.status_code, answer.json()) == (200, told) and answer.headers["retry-after"]
    assert http.post("/v1/tokens", json={"username": person.name, "password": PASSWORD}).json() == told


def test_a_disabled_customer_is_answered_as_at_the_sign_in(http, weibo):
    person = somebody(http)
    assert code_of(bind(http, ticket(http, weibo), person.name)) == 200
    Customer.objects.update(disabled_at="2026-01-01T00:00Z")
    assert arrive(http, weibo)["code"] == 10104
    assert code_of(bind(http, ticket(http, weibo, "li"), person.name)) == 10104


def test_setting_out_too_often_is_429(http, weibo):
    for _ in range(rules.SOCIAL_PER_CLIENT[0].many):
        leave(http)
    answer = http.get("/v1/users/weibo/authorization")
    assert (answer.status_code, answer.json()["error"]) == (429, "重复请求")


# ── Ruling 1 ──
def test_recovery_of_a_mailbox_that_nobody_had_proven_ends_the_planted_link(http, mailbox, weibo):
    """Somebody registers with another person's mailbox and binds their own Weibo: it signs nobody in afterwards."""
    planted = register(http, ticket(http, weibo))
    assert planted["code"] == 200
    assert recover(http, mailbox, "weibo@example.com", "staple battery 7")["code"] == 200
    assert arrive(http, weibo)["code"] == 201
    assert SocialLink.objects.get().set_aside_at is not None
    owner = body(bind(http, ticket(http, weibo, "li"), "weibo_wang", "staple battery 7"))
    assert owner["code"] == 200  # the owner has their own


def test_recovery_of_a_proven_mailbox_leaves_the_link(http, mailbox, weibo, clock):
    person = somebody(http)
    activate(http, mailbox, person)
    assert code_of(bind(http, ticket(http, weibo), person.name)) == 200
    clock.advance(61)
    assert recover(http, mailbox, person.email, "staple battery 7")["code"] == 200
    assert arrive(http, weibo)["code"] == 200
