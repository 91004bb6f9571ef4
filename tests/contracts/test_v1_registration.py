"""dada.md, registration and activation: POST /users, /users/register, /users/sms/code, GET /users/activation."""

import base64
import dataclasses
from datetime import timedelta

import pytest

from menpai import rules
from tests.customers import PASSWORD, a_mobile, activate, activation_code, ask_for_code, body, somebody, wrong

NEW = {"uname": "小王_1", "password": PASSWORD, "email": "xw@example.com", "phone": "13800138000"}


@pytest.mark.parametrize("path", ["/v1/users", "/v1/users/", "/v1/users/register", "/v1/users/register/"])
def test_post_users_registers_and_signs_in(http, path):
    answer = body(http.post(path, json=NEW))
    token = answer["token"]
    assert answer == {
        "code": 200,
        "username": "小王_1",
        "token": token,
        "email_verified": False,
        "data": {"token": token},
        "carts_count": 0,
        "carts": 0,
    }
    assert body(http.get("/v1/users/小王_1/address", headers={"authorization": token}))["code"] == 200
    renamed = {"username": "小王_2", "password": PASSWORD, "email": "xw2@example.com", "phone": "13800138001"}
    assert body(http.post(path, json=renamed))["username"] == "小王_2"  # uname, as it is called elsewhere


def test_an_optional_sms_code_proves_the_mobile(http, mailbox):
    mobile = a_mobile()
    assert body(http.post("/v1/users/sms/code", json={"phone": mobile})) == {"code": 200, "data": {"message": "OK"}}
    somebody(http, phone=mobile, verify=mailbox.last(mobile).code)
    assert body(http.post("/v1/tokens", json={"username": mobile, "password": PASSWORD}))["code"] == 200


def test_a_mobile_without_a_code_is_stored_but_no_way_in_and_blocks_nobody(http, mailbox):
    first = somebody(http)
    assert body(http.post("/v1/tokens", json={"username": first.phone, "password": PASSWORD}))["code"] == 10104
    second = somebody(http, phone=first.phone, verify=ask_for_code(http, mailbox, first.phone))
    answer = body(http.post("/v1/tokens", json={"username": first.phone, "password": PASSWORD}))
    assert answer["username"] == second.name


def test_10128_a_user_name_and_a_proven_mobile_of_another_are_taken(http, mailbox):
    mobile = a_mobile()
    somebody(http, uname="Wang_Li")
    somebody(http, phone=mobile, verify=ask_for_code(http, mailbox, mobile))
    names = [{"uname": same} for same in ("Wang_Li", "wang_li", "ＷＡＮＧ_ＬＩ")]
    for taken in (*names, {"phone": mobile}):
        answer = body(http.post("/v1/users", json=NEW | taken))
        assert (answer["code"], answer["error"]) == (10128, "创建用户失败")


@pytest.mark.parametrize(
    ("code", "field", "values"),
    [
        (
            10127,
            "uname",
            [None, "", "ab", "x" * 33, "a b", "a-b", "wang@example.com", "13800138000", "＋8613800138000"],
        ),
        (10127, "uname", ["address", "Password", "WEIBO", "sms", "register", "login", "activation", "check"]),
        (10127, "uname", ["tokens", "users", "admin", "API", "me", "a\u202eb", "na\nme", "brand™1", "①②③"]),
        (
            10126,
            "email",
            [None, "", "x", "x@", "@example.com", "a b@example.com", "a@b@example.com", "a@example.com,b@x.cn"],
        ),
        (10126, "email", ["王@example.com", "a@" + "x" * 260 + ".com", "a@example.com\r\nBcc: b@x.cn"]),
        (
            10131,
            "phone",
            [None, "", "123", "12800138000", "138001380001", "1380013800x", "+852 2345 6789", "13800138000\n"],
        ),
        (10108, "password", [None, "", "short1!", "x" * 129, "12345678", "password", "小王_1", "xw@example.com"]),
    ],
)
def test_ruling_4_registration_fields(http, code, field, values):
    for value in values:
        answer = body(http.post("/v1/users", json=NEW | {field: value}))
        assert answer["code"] == code, (value, answer)


def test_ruling_4_the_checks_come_in_the_published_order(http, mailbox):
    somebody(http, uname="taken")
    wrong = {"uname": "no", "email": "no", "phone": "no", "password": "no", "verify": "000000"}
    right = {"uname": "taken", "email": "b@example.com", "phone": "13800138000", "password": PASSWORD}
    seen = []
    for field in ("uname", "email", "phone", "password", "verify"):
        seen.append(body(http.post("/v1/users", json=wrong))["code"])
        wrong[field] = right.get(field, "000000")
    assert seen == [10127, 10126, 10131, 10108, 10128]


def test_ruling_5_the_sample_passwords_of_the_document_are_refused_even_with_the_old_floor(http, settings):
    settings.MENPAI_PASSWORD_MIN_LENGTH = 6
    for sample in ("123456", "123321"):
        assert body(http.post("/v1/users", json=NEW | {"password": sample}))["code"] == 10108
    assert body(http.post("/v1/users", json=NEW | {"password": "hx9!qz"}))["code"] == 200


def test_10131_a_wrong_mobile_and_an_sms_asked_for_again_within_60_seconds(http, mailbox, clock):
    def ask(phone):
        answer = body(http.post("/v1/users/sms/code", json={"phone": phone}))
        return answer["code"], answer.get("error")

    assert ask("123") == (10131, "无效的手机号")  # ruling 9: with its own text
    assert ask("+86 １３８-0013-8000")[0] == 200
    assert mailbox.last("13800138000").code
    assert ask("13800138000") == (10131, "重复请求")
    clock.advance(61)
    assert ask("13800138000")[0] == 200


def test_10132_wrong_sms_code_while_tries_remain_then_10106(http, mailbox):
    mobile = a_mobile()
    right = ask_for_code(http, mailbox, mobile)
    sent = NEW | {"phone": mobile, "verify": wrong(right)}
    codes = [body(http.post("/v1/users", json=sent))["code"] for _ in range(6)]
    assert codes == [10132] * 5 + [10106]
    assert body(http.post("/v1/users", json=NEW | {"phone": mobile, "verify": right}))["code"] == 10106


# ── Activation ──
def test_get_activation_opens_the_email_as_a_way_in_and_keeps_sessions_and_password(http, mailbox):
    person = somebody(http)
    activate(http, mailbox, person)
    assert person.is_signed_in()
    assert person.sign_in()["code"] == 200
    answer = body(http.post("/v1/tokens", json={"username": person.email, "password": PASSWORD}))
    assert (answer["code"], answer["email_verified"]) == (200, True)


@pytest.mark.parametrize(
    "path", ["/v1/users/activation", "/v1/users/activation/", "/v1/user/active", "/v1/users/active"]
)
def test_activation_answers_on_its_published_addresses_and_ignores_username(http, mailbox, path):
    code = activation_code(mailbox, somebody(http).email)
    assert body(http.get(path, params={"code": code, "username": b"\xff"})) == {"code": 200, "data": "激活成功"}


def test_ruling_2_the_code_has_the_published_shape_around_256_random_bits(http, mailbox):
    person = somebody(http)
    code = activation_code(mailbox, person.email)
    random, slash, name = base64.urlsafe_b64decode(code + "=" * (-len(code) % 4)).decode().partition("/")
    assert slash and name == person.name
    assert len(random) >= 43


def test_ruling_2_the_link_leads_to_the_page_with_two_buttons_and_states_its_real_life(http, mailbox, settings):
    person = somebody(http)
    mail = mailbox.last(person.email)
    assert mail.link.startswith(settings.MENPAI_ACTIVATE_URL + "?code=")
    assert "3 天" in mail.text
    page = http.get(mail.link)
    assert page.status_code == 200
    assert body(http.post("/v1/tokens", json={"username": person.email, "password": PASSWORD}))["code"] == 10104


def test_ruling_2_10112_unknown_or_expired_link(http, mailbox, clock):
    code = activation_code(mailbox, somebody(http).email)
    unknown = base64.urlsafe_b64encode(b"0" * 32 + b"x" * 43 + b"/nobody").decode()
    assert body(http.get("/v1/users/activation", params={"code": unknown}))["error"] == "验证链接失效"
    clock.advance(3 * 86400 + 1)
    assert body(http.get("/v1/users/activation", params={"code": code}))["code"] == 10112


@pytest.mark.parametrize("code", [None, "", "x", "%%%", "MTIzNA==", "中文", "/", "YQ/", "A" * 5000, "a\x00b"])
def test_ruling_2_10113_missing_or_malformed_link(http, code):
    answer = body(http.get("/v1/users/activation", params={"code": code} if code is not None else {}))
    assert (answer["code"], answer["error"]) == (10113, "激活链接参数有误")


def test_10112_when_somebody_else_has_proven_the_mailbox_in_the_meantime(http, mailbox, clock):
    first = somebody(http)
    first_code = activation_code(mailbox, first.email)
    clock.advance(61)
    second = somebody(http, email=first.email)
    activate(http, mailbox, second)
    assert body(http.get("/v1/users/activation", params={"code": first_code}))["code"] == 10112


def test_activation_life_zero_means_for_ever_as_published(http, mailbox, clock, set_rule):
    set_rule("ACTIVATION_LIFE", timedelta(0))
    set_rule("ACTIVATION", dataclasses.replace(rules.ACTIVATION, life=timedelta(0)))
    person = somebody(http)
    code = activation_code(mailbox, person.email)
    clock.advance(400 * 86400)
    assert body(http.get("/v1/users/activation", params={"code": code}))["code"] == 200
