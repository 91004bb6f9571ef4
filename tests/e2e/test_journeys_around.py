"""What stands around every page: published addresses, language, colours, a page that is not there."""

import re

import httpx
import pytest
from playwright.sync_api import Route, expect

from tests.customers import a_mobile, somebody, wrong
from tests.e2e.states import switch_language
from tests.e2e.walker import Walker

QUERY = "from=mail&code=x%20y"
LED = {
    "index.html": "/",
    "register.html": "/register",
    "test_register.html": "/register",
    "login.html": "/login",
    "findPass.html": "/recover",
    "active.html": "/activate",
}
LED_SIGNED_IN = {"personal_password.html": "/account/security", "addressAdmin.html": "/account/addresses"}
CODE_WRONG = {"zh": "验证码不正确。", "en": "Incorrect code."}
NOBODY = {"zh": "账号或密码不正确。", "en": "Incorrect account or password."}
PAPER = {"light": "rgb(245, 247, 250)", "dark": "rgb(17, 22, 29)"}


@pytest.mark.parametrize("folder", ["html", "dadashop"])
def test_published_addresses_lead_to_the_pages_of_today(folder: str, walker: Walker, http: httpx.Client) -> None:
    def lead(addresses: dict[str, str]) -> None:
        for name, path in addresses.items():
            walker.open(f"/{folder}/templates/{name}?{QUERY}").is_at(f"{path}?{QUERY}")
            expect(walker.page.get_by_role("heading", level=1)).to_be_visible()

    lead(LED)
    walker.signs_in_as(somebody(http))
    lead(LED_SIGNED_IN)


def test_the_published_sign_in_address_leads_there(walker: Walker) -> None:
    walker.open("/user/login?next=/account").is_at("/login?next=/account").sees_title("title_login")


def test_what_stands_there_follows_the_language(walker: Walker) -> None:
    """Also what the server has said before."""
    mobile = a_mobile()
    walker.asks_for_a_sign_in_code(mobile).fill("code_label", wrong(walker.code_sent_to(mobile)))
    walker.tick("consent_before").press("login_button").reads(CODE_WRONG[walker.language])
    walker.choose("login_by_password").signs_in("nobody_of_this_name", "not my password 1")
    walker.reads(NOBODY[walker.language])
    switch_language(walker)
    walker.reads(NOBODY[walker.language])
    walker.choose("login_by_code").reads(CODE_WRONG[walker.language]).sees("send_sms_done")


def test_the_chosen_language_is_remembered(walker: Walker) -> None:
    other = {"zh": "en", "en": "zh"}[walker.language]
    walker.open("/login").sees_title("title_login")
    walker.fill("login_name", "kept_while_it_switches")
    walker.press({"zh": "to_english_label", "en": "to_chinese_label"}[walker.language])
    walker.language = other
    walker.sees_title("title_login")
    expect(walker.page.locator("html")).to_have_attribute("lang", {"zh": "zh-CN", "en": "en"}[other])
    walker.holds("login_name", "kept_while_it_switches")
    walker.reload().sees_title("title_login")
    walker.tab("/register").sees_title("title_register")


def test_the_chosen_colours_are_remembered(walker: Walker) -> None:
    body = walker.open("/login").page.locator("body")
    expect(body).to_have_css("background-color", PAPER[walker.way.theme])
    walker.press("theme_auto")
    expect(body).to_have_css("background-color", PAPER["light"])
    walker.press("theme_light")
    expect(body).to_have_css("background-color", PAPER["dark"])
    for seen in (walker, walker.tab("/register")):
        seen.reload()
        expect(seen.button("theme_dark")).to_be_visible()
        expect(seen.page.locator("body")).to_have_css("background-color", PAPER["dark"])
    walker.press("theme_dark").reload()
    expect(body).to_have_css("background-color", PAPER[walker.way.theme])


def test_an_address_that_is_not_there_says_so_and_leads_home(walker: Walker) -> None:
    walker.guard.expect(r"console: Failed to load resource: .* 404 ")
    walker.open("/no/such/page").sees_title("title_not_found")
    walker.follow("not_found_home").is_at("/")


def test_the_terms_are_read_in_a_window_of_their_own(walker: Walker) -> None:
    walker.open("/register").fill("register_mobile", "13900000000")
    with walker.context.expect_page() as opened:
        walker.touch(walker.box("consent_before").locator("..").get_by_role("link").first)
    terms = Walker(opened.value, walker.way, walker.guard)
    terms.is_at("/terms").sees_title("terms")
    walker.holds("register_mobile", "13900000000")
    expect(walker.box("consent_before")).not_to_be_checked()


def test_words_that_arrive_out_of_order_are_all_there(walker: Walker, http: httpx.Client) -> None:
    """Those of the account come in a file of their own; here before the others."""
    walker.signs_in_as(somebody(http))
    held: list[Route] = []
    walker.page.route(re.compile(r"/(zh|en)-[\w-]+\.js"), lambda route: held.append(route))
    with walker.page.expect_request_finished(lambda request: "/inside-" in request.url) as inside:
        walker.page.goto("/account/security", wait_until="domcontentloaded")
    walker.page.evaluate("url => import(url).then(() => {})", inside.value.url)
    assert held
    for route in held:
        route.continue_()
    walker.sees_title("title_security")
    expect(walker.main).not_to_contain_text("security_")
