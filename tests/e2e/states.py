"""Walks past the pages and their states. Each is a generator: it stops at a state, names it, and is looked at there."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import httpx
from playwright.sync_api import expect

from menpai.audit import aggregation
from tests.customers import Person, a_mobile, activation_code, somebody
from tests.e2e.mishaps import away as failing
from tests.e2e.walker import Walker, a_customer, grow_stale, later

Stops = Iterator[str]
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
OTHER = {"zh": "en", "en": "zh"}


@dataclass
class Stage:
    walker: Walker
    http: httpx.Client
    mailbox: Any

    @cached_property
    def person(self) -> Person:
        return a_customer(self.http, self.mailbox)

    def signed_in(self) -> Walker:
        return self.walker.signs_in_as(self.person)


WALKS: dict[str, Callable[[Stage], Stops]] = {}


def walk(go: Callable[[Stage], Stops]) -> Callable[[Stage], Stops]:
    WALKS[go.__name__] = go
    return go


def switch_language(walker: Walker) -> None:
    """The state stays as it is. (The development mailbox speaks both, and a dialog lets nothing else be touched.)"""
    if walker.page.locator("#app").count() and not walker.page.locator("dialog[open]").count():
        walker.press({"zh": "to_english_label", "en": "to_chinese_label"}[walker.language])
        walker.language = OTHER[walker.language]
        expect(walker.page.locator("html")).to_have_attribute("lang", re.compile(f"^{walker.language}"))


@walk
def around(stage: Stage) -> Stops:
    walker = stage.walker
    walker.guard.expect(r"console: Failed to load resource: .* 404 ")
    for path, title in {"/": "title_home", "/terms": "title_terms", "/privacy": "title_privacy"}.items():
        walker.open(path).sees_title(title).settled()
        yield path.strip("/") or "home"
    walker.open("/no/such/page").sees_title("title_not_found")
    yield "not-found"
    stage.signed_in().open("/")
    walker.is_signed_in(stage.person.name)
    yield "home-signed-in"


@walk
def login(stage: Stage) -> Stops:
    walker = stage.walker
    walker.open("/login").sees_title("title_login")
    yield "login"
    walker.press("login_button").is_refused("login_name")
    yield "login-wrong"
    walker.signs_in(stage.person.name, "not my password 1")
    expect(walker.main.locator(".failure")).to_be_visible()
    yield "login-refused"
    walker.open("/account").sees("login_first")
    walker.choose("login_by_code")
    yield "login-by-code"
    walker.press("login_button").is_refused("login_mobile")
    yield "login-by-code-wrong"
    walker.sends_sms(a_mobile(), "login_mobile").fill("code_label", "123456")
    yield "login-by-code-sent"


@walk
def register(stage: Stage) -> Stops:
    walker, mobile = stage.walker, a_mobile()
    walker.open("/register").sees_title("title_register")
    yield "register"
    walker.press("register_submit").is_refused("register_mobile")
    walker.touch(walker.page.get_by_text(walker.text("register_more"))).fill("register_username", "x")
    walker.fill("register_email", "x@").press("register_submit").is_refused("register_email")
    yield "register-wrong"
    walker.fill("register_mobile", stage.person.phone)
    walker.field("register_password").focus()
    walker.sees("register_mobile_taken")
    yield "register-taken"
    walker.fills_in_registration(mobile, register_email=f"a.rather.long.name.{mobile}@mail.example.com")
    yield "register-filled"
    walker.press("register_submit").sees_title("register_done")
    yield "register-done"


@walk
def recover(stage: Stage) -> Stops:
    walker = stage.walker
    walker.open("/recover").press("recover_send").is_refused("recover_target")
    yield "recover-wrong"
    walker.asks_for_recovery(stage.person.email)
    yield "recover-code"
    walker.fill("code_label", walker.code_sent_to(stage.person.email)).press("recover_next")
    walker.fill("recover_password", "another horse 7").press("recover_save")
    walker.is_refused("recover_password2")
    yield "recover-password"
    walker.fill("recover_password2", "another horse 7")
    walker.context.clear_cookies(name="menpai_recovery_ticket")
    walker.press("recover_save").sees("recover_expired")
    yield "recover-again"


@walk
def activate(stage: Stage) -> Stops:
    walker = stage.walker
    person = somebody(stage.http)
    link = f"/activate?code={activation_code(stage.mailbox, person.email)}"
    walker.open(link).sees_title("title_activate")
    yield "activate"
    walker.press("activate_no").sees_title("activate_refused_title")
    yield "activate-refused"
    walker.open(link).press("activate_yes").sees_title("activate_expired_title")
    yield "activate-gone"
    walker.open("/activate").sees_title("activate_malformed_title")
    yield "activate-malformed"
    waiting = somebody(stage.http)
    later(61)
    walker.signs_in_as(waiting).open("/activate").press("activate_again")
    walker.sees("activate_again_sent", address=waiting.email)
    yield "activate-waiting"
    walker.open(f"/activate?code={activation_code(stage.mailbox, waiting.email)}").press("activate_yes")
    walker.sees_title("activate_activated_title")
    yield "activate-activated"


@walk
def account(stage: Stage) -> Stops:
    walker = stage.signed_in()
    walker.open("/account").sees_title("title_account")
    yield "account"
    walker.signs_in_as(somebody(stage.http)).open("/account").sees("account_email_lead")
    yield "account-waiting"
    walker.signs_in_as(stage.person)
    for browser in (FIREFOX, "curl/8"):
        sent = {"name": stage.person.name, "password": stage.person.password}
        stage.http.post("/api/sessions", json=sent, headers={"User-Agent": browser})
    walker.open("/account/devices")
    expect(walker.main.locator(".device")).to_have_count(3)
    yield "devices"
    with failing(walker, "/api/me/sessions"):
        walker.reload().sees("loading_failed")
        yield "devices-failed"
    stage.http.post("/api/sessions", json=sent | {"password": "not my password 1"})
    aggregation.flush()
    walker.open("/account/activity").sees("activity_sign_in_failed")
    yield "activity"


@walk
def security(stage: Stage) -> Stops:
    walker = stage.signed_in()
    walker.open("/account/security").sees_title("title_security")
    yield "security"
    walker.opens_security("password").fill("security_old_password", stage.person.password)
    walker.press("security_save_password").is_refused("security_new_password")
    yield "security-password-wrong"
    walker.reload().opens_security("email", "change_email")
    walker.fill("security_new_email", "a.rather.long.name.for.a.mailbox@mail.example.com")
    walker.fill("security_confirm_password", stage.person.password)
    yield "security-email"
    walker.press("security_get_code").fill("code_label", "12345678").press("security_confirm")
    walker.is_refused("code_label")
    yield "security-email-code"
    grow_stale()
    walker.reload().press("social_link_of", provider=walker.text("social_qq")).sees("step_up_title")
    walker.press("step_up_confirm").is_refused("step_up_password")
    yield "security-confirm"
    later(61)
    walker.press("step_up_by_sms").press(
        "step_up_send", to=f"{stage.person.phone[:3]}****{stage.person.phone[-4:]}"
    ).shows("code_label")
    yield "security-confirm-code"


@walk
def social(stage: Stage) -> Stops:
    walker = stage.walker
    walker.open("/social/weibo/callback?error=access_denied").sees_title("social_cancelled_title")
    yield "social-cancelled"
    walker.open("/login").sets_out("wechat").consents()
    walker.sees_title("title_bind")
    yield "social-bind"
    walker.choose("social_by_account").press("social_bind").is_refused("login_name")
    yield "social-bind-account"
    walker.goes_on_by_password(stage.person.name, stage.person.password).is_signed_in(stage.person.name)
    walker.open("/account/security")
    unlink = walker.button("social_unlink_of", provider=walker.text("social_wechat"))
    expect(unlink).to_be_visible()
    yield "social-linked"
    walker.touch(unlink).sees("social_keep")
    yield "social-unlink"


@walk
def addresses(stage: Stage) -> Stops:
    walker = stage.signed_in()
    walker.open("/account/addresses").sees("address_none")
    yield "addresses-empty"
    walker.press("address_add")
    walker.has_focus("paste_label")
    yield "addresses-form"
    walker.touch(walker.region_field).finds_regions("江干", "上城区", "钱塘区")
    yield "addresses-region-search"
    walker.reload().press("address_add").touch(walker.region_field).finds_regions("上城", "上城区")
    walker.touch(walker.option("浙江省 杭州市 上城区"))
    expect(walker.option("清波街道")).to_be_visible()
    yield "addresses-region-towns"
    walker.reload().press("address_add").has_focus("paste_label")
    walker.press("address_save").is_refused("address_receiver")
    yield "addresses-form-wrong"
    walker.fill("paste_label", "麻烦放门口，朝阳区建国路1号 张三 13800138000 备用 010-65551234").press("paste_do")
    walker.holds("address_receiver", "张三")
    yield "addresses-form-candidates"
    walker.fill("paste_label", "小王 18667018590 北京市东城区珠市口大街珍贝大厦2楼 100062").press("paste_do")
    walker.holds("address_receiver", "小王")
    yield "addresses-form-filled"
    walker.press("address_save").sees("address_added")
    long = "内蒙古自治区呼伦贝尔市莫力达瓦达斡尔族自治旗" + "很长的街道名称" * 8
    of_firm = {"address": long, "mobile": "0571-88886666-802"}
    save_address(walker, "阿卜杜热依木江·买买提艾力（" + "网络科技有限公司" * 3 + "）", of_firm, "自定义的标签十个字啊")
    walker.reload()
    expect(walker.main.locator(".address")).to_have_count(2)
    yield "addresses"
    walker.touch(walker.on_card("address_edit").first).has_focus("address_receiver")
    yield "addresses-edit"
    walker.press("address_cancel").touch(walker.on_card("address_delete").first).sees("address_undo")
    yield "addresses-undo"
    save_address(walker, "小赵", {"province": "浙江省", "city": "杭州市", "county": "江干区", "detail": "凯旋路"})
    for number in range(7):
        save_address(walker, f"小李{number}", {"address": "北京市东城区珍贝大厦 2 楼"}, tag="家")
    walker.reload().fill("book_search", "凯旋").has_addresses(1).sees("warning_dismiss")
    yield "addresses-found"
    put_aside()
    walker.reload().sees("address_archived")
    yield "addresses-aside"


def put_aside() -> None:
    """As a recovery does with what is not proven to be the customer's."""
    from menpai.addresses import book as address_book
    from menpai.models import Customer

    address_book.archive_all(Customer.objects.get())


def save_address(walker: Walker, receiver: str, where: dict[str, str], tag: str = "公司") -> None:
    """Without the pages."""
    sent = {"receiver": receiver, "mobile": "18667018590", "tag": tag, "postcode": "100062"} | where
    answer = walker.context.request.post("/api/me/addresses", data=sent, headers={"Origin": walker.guard.url})
    assert answer.status == 201, answer.text()


@walk
def mailbox(stage: Stage) -> Stops:
    page = stage.walker.page
    page.goto("/dev/mailbox?to=nobody@example.com")
    yield "mailbox-empty"
    somebody(stage.http)
    page.goto(f"/dev/mailbox?to={stage.person.phone}")
    expect(page.locator("article").first).to_be_visible()
    page.goto("/dev/mailbox")
    page.locator("summary").first.click()
    yield "mailbox"
