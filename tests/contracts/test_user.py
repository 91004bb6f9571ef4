"""luffy.md: every endpoint, every text, every ruling."""

import pytest

from menpai import rules
from menpai.codes import one_time
from menpai.models import Customer, Message
from tests.customers import PASSWORD, a_mobile, activate, ask_for_code, somebody, somebody_by_sms, wrong

pytestmark = pytest.mark.parametrize("root", ["/user", "/users"])


def registered(http, root, **fields):
    return http.post(f"{root}/register/", json={"password": PASSWORD} | fields)


@pytest.mark.parametrize("path", ["/register/", "/register", "/reg/", "/reg", "/", ""])
def test_post_register_makes_a_customer_and_signs_in(http, mailbox, root, path):
    mobile = a_mobile()
    sent = {"mobile": mobile, "password": PASSWORD, "sms_code": ask_for_code(http, mailbox, mobile)}
    answer = http.post(root + path, json=sent)
    assert answer.status_code == 201
    made = answer.json()
    who = {"id": Customer.objects.get(mobile=mobile).pk, "username": mobile, "mobile": mobile}
    assert made == {**who, "token": made["token"], "email_verified": False}
    book = http.get(f"/v1/users/{mobile}/address", headers={"authorization": f"jwt {made['token']}"})
    assert book.json()["code"] == 200


def too_many_wrong(http, root, name, password=PASSWORD):
    """The answer to a right password after five wrong ones."""
    for _ in range(rules.LOGIN_FAILURES_PER_PAIR[0].many):
        answer = http.post(f"{root}/login/", json={"username": name, "password": "wrong horse 1"})
        assert answer.json() == {"non_field_errors": ["用户名或密码错误!"]}
    return http.post(f"{root}/login/", json={"username": name, "password": password})


@pytest.mark.parametrize("when", ["auto", "never"])
def test_after_five_wrong_passwords_the_wait_is_told_and_is_no_longer_than_that(http, settings, clock, root, when):
    settings.MENPAI_CAPTCHA_BEFORE_LOGIN = when
    person = somebody(http)
    known, unknown = too_many_wrong(http, root, person.name), too_many_wrong(http, root, "nobody_here")
    told = {"non_field_errors": ["登录次数过多，请在15分钟后再试!"]}
    assert [(answer.status_code, answer.json()) for answer in (known, unknown)] == [(400, told)] * 2
    wait = int(known.headers["retry-after"])
    assert 14 * 60 < wait <= 15 * 60
    clock.advance(wait)
    assert http.post(f"{root}/login/", json={"username": person.name, "password": PASSWORD}).status_code == 200


def test_with_geetest_the_way_without_a_wait_is_told_too(http, monkeypatch, root):
    for name, value in {"ID": "1" * 32, "KEY": "2" * 32}.items():
        monkeypatch.setenv(f"MENPAI_GEETEST_{name}", value)
    answer = too_many_wrong(http, root, somebody(http).name)
    told = {"non_field_errors": ["请先完成安全验证，或在15分钟后再试!"]}
    assert (answer.status_code, answer.json()) == (400, told)


@pytest.mark.parametrize("repeat", ["password2", "re_password"])
def test_the_repeated_password_is_optional_and_checked(http, mailbox, root, repeat):
    mobile = a_mobile()
    code = ask_for_code(http, mailbox, mobile)
    differs = registered(http, root, mobile=mobile, sms_code=code, **{repeat: "something else"})
    assert (differs.status_code, differs.json()) == (400, {"password2": ["密码和确认密码不一致!"]})
    assert registered(http, root, mobile=mobile, sms_code=code, **{repeat: PASSWORD}).status_code == 201


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"mobile": "123"}, {"mobile": ["手机号码格式有误!"]}),
        ({"password": "short"}, {"password": ["密码长度必须在8-128位之间!"]}),
        ({"password": "x" * 129}, {"password": ["密码长度必须在8-128位之间!"]}),
        ({"password": "12345678"}, {"password": ["密码过于简单，请换一个!"]}),
        ({"sms_code": "000"}, {"sms_code": ["验证码不存在,或错误!"]}),
        ({"sms_code": "0" * 500}, {"sms_code": ["验证码不存在,或错误!"]}),
        ({"mobile": None}, {"mobile": ["该字段是必填项。"]}),
        ({"password": None}, {"password": ["该字段是必填项。"]}),
        ({"sms_code": None}, {"sms_code": ["该字段是必填项。"]}),
    ],
)
def test_registration_failures_by_field_and_none_of_them_burns_the_code(http, mailbox, root, fields, expected):
    mobile = a_mobile()
    code = ask_for_code(http, mailbox, mobile)
    answer = registered(http, root, **({"mobile": mobile, "sms_code": code} | fields))
    assert (answer.status_code, answer.json()) == (400, expected)
    assert registered(http, root, mobile=mobile, sms_code=code).status_code == 201


def test_the_text_states_the_configured_bounds_and_a_missing_body_names_every_field(http, root, settings):
    settings.MENPAI_PASSWORD_MIN_LENGTH = 6
    answer = registered(http, root, mobile=a_mobile(), password="a", sms_code="000000")
    assert answer.json() == {"password": ["密码长度必须在6-128位之间!"]}
    required = {name: ["该字段是必填项。"] for name in ("mobile", "password", "sms_code")}
    assert http.post(f"{root}/register/", json={}).json() == required


def test_ruling_1_a_code_lives_five_minutes_and_is_good_for_one_registration(http, mailbox, root, clock):
    mobile, gone = a_mobile(), {"sms_code": ["验证码不存在,或已经过期!"]}
    assert registered(http, root, mobile=mobile, sms_code="123456").json() == gone
    code = ask_for_code(http, mailbox, mobile)
    asked = {"mobile": mobile, "sms_code": code}
    clock.advance(295)
    assert http.get(f"{root}/sms/valid/", params=asked).status_code == 200
    clock.advance(6)
    assert http.get(f"{root}/sms/valid/", params=asked).status_code == 400
    assert registered(http, root, **asked).json() == gone
    code = ask_for_code(http, mailbox, mobile)
    assert registered(http, root, mobile=mobile, sms_code=code).status_code == 201
    clock.advance(61)  # at once it would be a repeat
    assert list(registered(http, root, mobile=mobile, sms_code=code).json()) == ["sms_code"]
    answer = registered(http, root, mobile=mobile, sms_code=ask_for_code(http, mailbox, mobile))
    assert (answer.status_code, answer.json()) == (400, {"mobile": ["当前手机号码已经被注册!"]})


# ── Mobile check ──
def test_get_mobile_says_whether_it_is_taken(http, mailbox, root):
    person = somebody_by_sms(http, mailbox)
    assert http.get(f"{root}/mobile/{somebody(http).phone}/").status_code == 200  # ruling 4: not proven, not taken
    free = http.get(f"{root}/mobile/{a_mobile()}/")
    assert (free.status_code, free.json()) == (200, {"message": "ok", "result": "ok", "status": True})
    taken = http.get(f"{root}/mobile/{person.phone}/")
    assert taken.status_code == 400
    assert taken.json()["message"] == taken.json()["result"] == "手机号已经被注册过！"


@pytest.mark.parametrize(
    "mobile", ["123", "12800138000", "138001380001", "１３８00138000", "13800138000%0A", "+8613800138000"]
)
def test_a_malformed_mobile_in_the_path(http, root, mobile):
    for path in ("mobile", "sms"):
        answer = http.get(f"{root}/{path}/{mobile}/")
        assert answer.status_code == 400
        assert answer.json()["message"] == answer.json()["result"] == "手机号码格式有误!"


def test_ruling_4_the_mobile_check_is_limited_per_client_address(http, root, client_from, clock):
    answers = [http.get(f"{root}/mobile/{a_mobile()}/") for _ in range(21)]
    assert [one.status_code for one in answers] == [200] * 20 + [429]
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 60
    assert client_from("198.51.100.7").get(f"{root}/mobile/{a_mobile()}/").status_code == 200
    clock.advance(61)
    assert http.get(f"{root}/mobile/{a_mobile()}/").status_code == 200


# ── SMS ──
def said_of_sms(answer):
    """Status, the published status, and the text, which stands there twice."""
    assert answer.json()["result"] == answer.json()["message"] and len(answer.json()) == 3
    return answer.status_code, answer.json()["status"], answer.json()["message"]


def test_get_sms_sends_a_code_and_once_more_after_60_seconds(http, mailbox, root, clock):
    mobile = a_mobile()
    assert said_of_sms(http.get(f"{root}/sms/{mobile}/")) == (200, "1", "短信发送成功！")
    assert Message.objects.get(recipient=mobile).state == "queued"  # ruling 3: it does not wait for the gateway
    assert len(mailbox.last(mobile).code) == rules.SMS_CODE_DIGITS
    again = http.get(f"{root}/sms/{mobile}/")
    assert said_of_sms(again) == (400, "0", "对不起~手机短信发送间隔不足1分钟!")
    assert 1 <= int(again.headers["retry-after"]) <= 60
    clock.advance(61)
    assert http.get(f"{root}/sms/{mobile}/").status_code == 200


def test_ruling_2_at_most_five_an_hour_and_ten_a_day_for_a_number(http, root, clock):
    mobile = a_mobile()
    statuses = []
    for pause in [61] * 7 + [3600] * 12:
        statuses.append(http.get(f"{root}/sms/{mobile}/").status_code)
        clock.advance(pause)
    assert statuses == [200] * 5 + [400] * 3 + [200] * 5 + [400] * 6
    clock.advance(12 * 3600)
    assert http.get(f"{root}/sms/{mobile}/").status_code == 200


def test_500_when_no_gateway_is_usable(http, root, settings):
    settings.MENPAI_SMS_GATEWAYS = []
    assert said_of_sms(http.get(f"{root}/sms/{a_mobile()}/")) == (500, "0", "短信发送失败！")


def test_head_and_options_never_send(http, root):
    assert http.head(f"{root}/sms/{a_mobile()}/").status_code == 405
    assert http.options(f"{root}/sms/{a_mobile()}/").status_code == 405
    assert not Message.objects.exists()


def test_get_sms_valid_counts_tries_and_consumes_nothing(http, mailbox, root):
    mobile = a_mobile()
    code = ask_for_code(http, mailbox, mobile)
    ask = {"mobile": mobile, "sms_code": code}
    for _ in range(7):
        answer = http.get(f"{root}/sms/valid/", params=ask)
        assert (answer.status_code, answer.json()["message"]) == (200, "ok")
    texts = [http.get(f"{root}/sms/valid/", params=ask | {"sms_code": wrong(code)}).json()["message"] for _ in range(6)]
    assert texts == ["验证码不存在,或错误!"] * 5 + ["验证码不存在,或已经过期!"]
    assert registered(http, root, mobile=mobile, sms_code=code).status_code == 400


def test_the_address_that_checks_a_code_sends_one_when_asked_with_a_template(http, mailbox, root):
    mobile = a_mobile()
    asked = {"mobile": mobile, "template": "register"}
    answer = http.get(f"{root}/sms/valid/", params=asked)
    assert (answer.status_code, answer.json()["result"]) == (200, "短信发送成功！")
    again = http.get(f"{root}/sms/valid/", params=asked)
    assert (again.status_code, again.json()["result"]) == (400, "对不起~手机短信发送间隔不足1分钟!")
    code = mailbox.last(mobile).code
    assert http.get(f"{root}/sms/valid/", params=asked | {"sms_code": code}).json()["message"] == "ok"
    malformed = http.get(f"{root}/sms/valid/", params=asked | {"mobile": "123"})
    assert (malformed.status_code, malformed.json()["message"]) == (400, "手机号码格式有误!")


def test_json_integers_are_the_digits_of_a_mobile_and_a_code(http, root):
    """A page that computes `Number("012345")` sends 12345."""
    mobile, code = a_mobile(), "1"
    while not code.startswith("0"):
        code = one_time.issue(rules.REGISTRATION, mobile)
    assert registered(http, root, mobile=int(mobile), sms_code=-1).status_code == 400
    assert registered(http, root, mobile=int(mobile), sms_code=int(code)).json()["mobile"] == mobile


# ── Sign-in ──
@pytest.mark.parametrize("path", ["login", "authorizations"])
def test_post_login_by_name_mobile_and_email(http, mailbox, root, path):
    mobile = a_mobile()
    person = somebody(http, phone=mobile, verify=ask_for_code(http, mailbox, mobile))
    activate(http, mailbox, person)
    for name in (person.name, mobile, person.email):
        answer = http.post(f"{root}/{path}/", json={"username": name, "password": PASSWORD})
        assert answer.status_code == 200
        made = answer.json()
        assert made.pop("token") and made.pop("email_verified") is True
        assert {made.pop("username"), made.pop("user_name")} == {person.name}
        assert {made.pop("id"), made.pop("user_id")} == {Customer.objects.get(mobile=mobile).pk}
        assert made == {"cart_length": 0, "cart_count": 0}


def test_a_wrong_login_is_one_answer_and_a_missing_field_is_named(http, root):
    for name in ("nobody", "13900000001", "x@example.com", "\u202e"):
        answer = http.post(f"{root}/login/", json={"username": name, "password": "wrong password"})
        assert (answer.status_code, answer.json()) == (400, {"non_field_errors": ["用户名或密码错误!"]})
    assert http.post(f"{root}/login/", json={"username": "a"}).json() == {"password": ["该字段是必填项。"]}
