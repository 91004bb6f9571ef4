"""What the front ends of the two families send, from another origin, in a browser (dada.md, luffy.md)."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.customers import PASSWORD, a_mobile, activation_code, an_address, an_address_v1
from tests.originals.conftest import Original
from tests.rig.geetest import fail_back
from tests.rig.service import Service

pytestmark = pytest.mark.once("pages know no engine")

NEW = "another horse 7"
FORM = "application/x-www-form-urlencoded; charset=UTF-8"
PARTS = {"province": "北京市", "city": "市辖区", "county": "东城区", "detail": "珠市口大街2楼"}
FIRST = {
    "register": "/v1/users",
    "name": "uname",
    "sign_in": "/v1/tokens",
    "cart": {"carts": None},
    "address": an_address_v1(),
    "default": "/v1/users/{}/address/default",
    "old": "oldpassword",
    "speech": {"label": FORM},  # JSON labelled as a form: no preflight
}
SECOND = {
    "register": "/v1/users/register",
    "name": "username",
    "sign_in": "/v1/users/login",
    "cart": {"cart": [{"sku": 1, "count": 2}]},
    "address": {"receiver": "小王", "receiver_mobile": "18667018590", "tag": "公司", "postcode": "100062", **PARTS},
    "default": "/v1/users/address/{}/default",
    "old": "oldpasword",
    "speech": {"label": "application/json"},
}
THIRD = FIRST | {
    "register": "/v1/users/",
    "sign_in": "/v1/tokens/",
    "address": {"Address": an_address()["address"], "receiver": "小王", "receiver_phone": 18667018590, "tag": "家"}
    | {"postcode": "100062"},
    "default": "/v1/users/{}/address/default/",
    "speech": {"way": "axios", "scheme": "Bearer "},
}
DADA = pytest.mark.parametrize("pages", [FIRST, SECOND, THIRD], ids=["first", "second", "third"])


def registered(page: Original, pages: dict[str, Any], mailbox: Any) -> dict[str, str]:
    """Registers by SMS as a page of this generation does; returns what was typed in."""
    mobile = a_mobile()
    assert page.post("/v1/users/sms/code", phone=mobile) == {"code": 200, "data": {"message": "OK"}}
    assert page.post("/v1/users/sms/code", phone=mobile)["code"] == 10131
    name = f"wang_{mobile}"
    typed = {pages["name"]: name, "password": PASSWORD, "email": f"{name}@example.com", "phone": mobile}
    assert page.post(pages["register"], **typed, verify="000000")["code"] == 10132
    answer = page.post(pages["register"], **typed, verify=mailbox.last(mobile).code)
    assert (answer["code"], answer["username"], answer["carts_count"], answer["carts"]) == (200, name, 0, 0)
    assert answer["data"]["token"] == answer["token"] == page.kept["token"]
    code = activation_code(mailbox, typed["email"])
    assert page.get(f"/v1/users/activation?code={code}&username={name}") == {"code": 200, "data": "激活成功"}
    return {"name": name, "email": typed["email"], "mobile": mobile}


def sign_in(page: Original, pages: dict[str, Any], name: str, password: str) -> int:
    answer = page.post(pages["sign_in"], username=name, password=password, **pages["cart"])
    if answer["code"] == 200:
        assert (answer["username"], answer["data"]) == (page.kept["username"], {"token": page.kept["token"], "len": 0})
    code: int = answer["code"]
    return code


@DADA
def test_a_dada_page_registers_signs_in_and_keeps_addresses(
    visit: Callable[..., Original], mailbox: Any, pages: dict[str, Any]
) -> None:
    page = visit(**pages["speech"])
    person = registered(page, pages, mailbox)
    book = f"/v1/users/{person['name']}/address"
    assert {sign_in(page, pages, way, PASSWORD) for way in person.values()} == {200}
    assert page.post(book, **pages["address"])["data"] == "新增地址成功！"
    listed = page.post(book, **pages["address"] | {"receiver": "小李"})["addresslist"]
    assert [(row["receiver"], row["is_default"]) for row in listed] == [("小王", True), ("小李", False)]
    assert page.get(book)["addresslist"] == listed
    edited = {name: value for name, value in pages["address"].items() if name != "postcode"} | {"receiver": "小张"}
    listed = page.ask("PUT", f"{book}/{listed[1]['id']}", **edited)["addresslist"]
    assert listed[1].items() >= {"receiver": "小张", "postcode": "100062", "receiver_mobile": "18667018590"}.items()
    listed = page.post(pages["default"].format(person["name"]), id=listed[1]["id"])["addresslist"]
    assert [(row["receiver"], row["is_default"]) for row in listed] == [("小张", True), ("小王", False)]
    deleted = page.ask("DELETE", f"{book}/{listed[0]['id']}", id=listed[0]["id"], username=person["name"])
    assert [(row["receiver"], row["is_default"]) for row in deleted["addresslist"]] == [("小王", True)]


@DADA
def test_a_dada_page_changes_the_password_and_signs_in_anew(
    visit: Callable[..., Original], mailbox: Any, pages: dict[str, Any]
) -> None:
    page = visit(**pages["speech"])
    person = registered(page, pages, mailbox)
    change = {pages["old"]: PASSWORD, "password1": NEW, "password2": NEW}
    path = f"/v1/users/{person['name']}/password"
    assert page.post(path, **change | {pages["old"]: "wrong horse 1"})["code"] == 10103
    assert page.post(path, **change) == {"code": 200, "data": "修改成功"}
    assert page.get(f"/v1/users/{person['name']}/address")["code"] == 10101
    assert [sign_in(page, pages, person["name"], password) for password in (PASSWORD, NEW)] == [10104, 200]
    assert page.get(f"/v1/users/{person['name']}/address") == {"code": 200, "addresslist": []}


# ── Recovery ──
def recover(page: Original, mailbox: Any, email: str, *, with_ticket: bool) -> int:
    assert page.post("/v1/users/password/sms", email=email) == {"code": 200, "data": "邮件发送成功"}
    step = page.post("/v1/users/password/verification", email=email, code=mailbox.last(email).code)
    assert (step["code"], step["data"], step["email"]) == (200, "验证码通过", email)
    ticket = {"ticket": step["ticket"]} if with_ticket else {}
    code: int = page.post("/v1/users/password/new", email=email, password1=NEW, password2=NEW, **ticket)["code"]
    return code


@pytest.mark.parametrize(("compat", "with_ticket", "code"), [("0", False, 10106), ("0", True, 200), ("1", False, 200)])
def test_a_page_of_another_origin_recovers_with_the_ticket_or_by_the_switch(
    service: Callable[..., Service],
    site: Service,
    origin: str,
    visit: Callable[..., Original],
    mailbox: Any,
    compat: str,
    with_ticket: bool,
    code: int,
) -> None:
    """Their browser keeps the ticket's cookie from them; published pages know no other ticket."""
    if compat == "1":
        site = service("web", MENPAI_CORS_ORIGINS=origin, MENPAI_WORKERS="1", MENPAI_RECOVERY_COMPAT="1")
    page, before = visit(site), visit(site)
    person = registered(before, FIRST, mailbox)
    assert recover(page, mailbox, person["email"], with_ticket=with_ticket) == code
    ended = code == 200
    assert before.get(f"/v1/users/{person['name']}/address")["code"] == (10101 if ended else 200)
    expected = [10104, 200] if ended else [200, 10104]
    assert [sign_in(page, FIRST, person["name"], password) for password in (PASSWORD, NEW)] == expected
    if compat == "1":
        site.stop()


def test_a_page_hears_the_same_of_an_address_that_nobody_has(visit: Callable[..., Original]) -> None:
    page = visit()
    assert page.post("/v1/users/password/sms", email="nobody@example.com")["data"] == "邮件发送成功"
    wrong = page.post("/v1/users/password/verification", email="nobody@example.com", code="00000000")
    assert wrong["code"] == 10132


# ── luffy ──
PUBLISHED = {
    "register": "/user/register/",
    "repeat": "password2",
    "send": "/user/sms/{}/",
    "sign_in": "/user/login/",
    "captcha": "/user/captcha/",
}
USERS = {name: text.replace("/user/", "/users/") for name, text in PUBLISHED.items()} | {"repeat": "re_password"}
FORK = PUBLISHED | {
    "register": "/user/",
    "send": "/user/sms/valid/?mobile={}&template=1",
    "sign_in": "/user/authorizations/",
}


@pytest.mark.parametrize("pages", [PUBLISHED, USERS, FORK], ids=["published", "users", "fork"])
def test_a_luffy_page_can_show_how_long_to_wait_after_five_wrong_passwords(
    visit: Callable[..., Original], pages: dict[str, str]
) -> None:
    page, name = visit(way="axios", scheme="jwt "), f"wang_{a_mobile()}"
    for _ in range(5):
        assert page.post(pages["sign_in"], username=name, password="wrong horse 1").keys() == {"non_field_errors"}
    told = page.post(pages["sign_in"], username=name, password=PASSWORD)
    assert (page.status, told) == (400, {"non_field_errors": ["登录次数过多，请在15分钟后再试!"]})


@pytest.mark.parametrize("pages", [PUBLISHED, USERS, FORK], ids=["published", "users", "fork"])
def test_a_luffy_page_registers_by_sms_and_signs_in_after_the_captcha(
    visit: Callable[..., Original], mailbox: Any, pages: dict[str, str]
) -> None:
    page, mobile = visit(way="axios", scheme="jwt "), a_mobile()
    assert page.get(f"/user/mobile/{mobile}/").items() >= {"message": "ok", "status": True}.items()
    sent = page.get(pages["send"].format(mobile))
    assert (sent["status"], sent["result"], sent["message"]) == ("1", "短信发送成功！", "短信发送成功！")
    again = page.get(pages["send"].format(mobile))
    assert (page.status, again["status"], again["result"]) == (400, "0", "对不起~手机短信发送间隔不足1分钟!")
    code = mailbox.last(mobile).code
    assert page.get(f"/user/sms/valid/?mobile={mobile}&sms_code={code}")["message"] == "ok"
    form = {"mobile": mobile, "password": PASSWORD, pages["repeat"]: PASSWORD}
    assert page.post(pages["register"], **form, sms_code="1") == {"sms_code": ["验证码不存在,或错误!"]}
    assert page.post(pages["register"], **form | {pages["repeat"]: NEW}, sms_code=code).keys() == {"password2"}
    welcome = page.post(pages["register"], **form, sms_code=code)
    assert (page.status, welcome["username"], welcome["mobile"]) == (201, mobile, mobile)
    assert page.get(f"/user/mobile/{mobile}/")["message"] == "手机号已经被注册过！"
    shown = json.loads(page.get(f"{pages['captcha']}?username={mobile}"))  # the page parses twice
    assert page.post(pages["captcha"], **fail_back(shown)) == {"status": "success"}
    assert page.post(pages["sign_in"], username=mobile, password="wrong horse 1").keys() == {"non_field_errors"}
    answer = page.post(pages["sign_in"], username=mobile, password=PASSWORD)
    assert (answer["id"], answer["user_id"], answer["user_name"]) == (welcome["id"], welcome["id"], mobile)
    assert page.kept["token"] == answer["token"] != welcome["token"]
    assert page.get(f"/v1/users/{mobile}/address") == {"code": 200, "addresslist": []}
