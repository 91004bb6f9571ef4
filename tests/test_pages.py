"""The pages that do without an account, as a browser gets them."""

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx
import pytest

from menpai import brand
from menpai.models import Customer
from menpai.page_texts import TEXTS
from tests.people import activation_code, somebody

PAGES = ("/", "/activate", "/activate?code=YWJj", "/nothing/here")


class Page(HTMLParser):
    """The parts of a page that its policy is about, and its words."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.inline: list[str] = []
        self.loads: list[str] = []
        self.words = ""
        self._in = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self._in = tag
        self.inline += [name for name in given if name == "style" or name.startswith("on")]
        if tag in ("script", "link", "img"):
            self.loads.append(given.get("src") or given.get("href") or "inline")

    def handle_data(self, data: str) -> None:
        if self._in == "style":
            self.inline.append(data)
        self.words += data


@pytest.mark.parametrize("path", PAGES)
def test_every_page_has_the_strict_headers(path: str, http: httpx.Client) -> None:
    headers = http.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert "strict-transport-security" not in headers
    assert "set-cookie" not in headers


def test_a_page_over_https_asks_to_stay_there(http: httpx.Client, settings: Any) -> None:
    settings.SECURE = True
    assert http.get("/").headers["strict-transport-security"] == "max-age=31536000"


@pytest.mark.parametrize("path", PAGES)
def test_nothing_is_inline_and_every_file_is_there(path: str, http: httpx.Client) -> None:
    page = Page(http.get(path).text)
    assert page.inline == []
    for address in page.loads:
        assert re.fullmatch(r"/static/menpai/[a-z]+\.(css|js|svg)\?[0-9a-f]{8}", address), address


@pytest.mark.parametrize(
    ("asked", "accepts", "language"),
    [
        ("", "", "zh-CN"),
        ("", "en-US,en;q=0.9,zh;q=0.8", "en"),
        ("", "en;q=0.5,zh-CN;q=0.9", "zh-CN"),
        ("", "fr-FR,de;q=0.5", "zh-CN"),
        ("", "en;q=0", "zh-CN"),
        ("", "en;q=x,;;,", "zh-CN"),
        ("?lang=en", "zh-CN", "en"),
        ("?lang=zh", "en", "zh-CN"),
        ("?lang=xx", "en", "en"),
    ],
)
def test_the_address_decides_the_language_then_the_browser(
    asked: str, accepts: str, language: str, http: httpx.Client
) -> None:
    answer = http.get(f"/{asked}", headers={"accept-language": accepts})
    assert f'<html lang="{language}">' in answer.text
    assert answer.headers["vary"] == "Accept-Language"


def test_both_languages_say_everything() -> None:
    assert TEXTS["zh"].keys() == TEXTS["en"].keys()
    assert all(re.search(r"[一-鿿]", text) for name, text in TEXTS["zh"].items() if not name.startswith("other"))
    assert not any(re.search(r"[一-鿿]", text) for name, text in TEXTS["en"].items() if not name.startswith("other"))


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_page_is_wholly_in_its_language(path: str, language: str, http: httpx.Client) -> None:
    page = Page(http.get(path, params={**httpx.URL(path).params, "lang": language}).text)
    others = set(TEXTS["en" if language == "zh" else "zh"].values()) - set(TEXTS[language].values())
    assert not [text for text in others if text in page.words and text not in ("EN", "中文")]
    assert "{{" not in page.words


def test_the_language_switch_keeps_the_code(http: httpx.Client) -> None:
    page = http.get("/activate", params={"code": 'a&b"c'}).text
    assert 'href="?code=a%26b%22c&amp;lang=en"' in page


def test_home_names_the_shop_and_points_where_things_are(http: httpx.Client, settings: Any) -> None:
    settings.MENPAI_BRAND_NAME, settings.MENPAI_BRAND_ICP = "<某某>商城", "京ICP备12345678号"
    page = http.get("/").text
    assert "&lt;某某&gt;商城" in page
    assert "京ICP备12345678号" in page
    for text in ("登录", "注册", "POST /v1/tokens", "POST /user/register", "/dev/mailbox"):
        assert text in page
    settings.MENPAI_DEV_MAILBOX = False
    assert "/dev/mailbox" not in http.get("/").text


def test_looking_at_the_activation_page_activates_nothing(http: httpx.Client, mailbox: Any) -> None:
    person = somebody(http)
    link = httpx.URL(mailbox.last(person.email).link)
    assert link.path == "/activate"
    for _ in range(2):
        page = http.get("/activate", params=link.params)
        assert page.status_code == 200
        http.head("/activate", params=link.params)
    assert not Customer.objects.filter(email_verified_at__isnull=False).exists()
    assert activation_code(mailbox, person.email) not in re.sub(r'href="\?[^"]*"', "", page.text)


@pytest.mark.parametrize(("button", "proven", "kept"), [("activated", True, True), ("refused", False, False)])
def test_the_two_buttons_call_what_they_say(
    button: str, proven: bool, kept: bool, http: httpx.Client, mailbox: Any
) -> None:
    person = somebody(http)
    code = activation_code(mailbox, person.email)
    page = http.get("/activate", params={"code": code}).text
    target = re.search(rf'data-to="([^"]+)" data-done="{button}"', page)
    assert target
    assert http.post(target[1], json={"code": code}).status_code == 204
    customer = Customer.objects.get(username=person.name)
    assert (customer.email_verified_at is not None, customer.email is not None) == (proven, kept)


def test_every_answer_of_the_two_calls_has_its_words_on_the_page(http: httpx.Client) -> None:
    page = http.get("/activate?code=YWJj").text
    script = Path(brand.__file__).with_name("static") / "menpai/activate.js"
    ends = dict(re.findall(r"(\d{3}): \"(\w+)\"", script.read_text(encoding="utf-8")))
    for body, status in (({"code": "YWJj"}, 400), ({"code": "x" * 20000}, 413)):
        answer = http.post("/api/activation", json=body)
        assert answer.status_code == status
        assert f'data-answer="{ends[str(status)]}"' in page
    assert f'data-answer="{ends["410"]}"' in page


@pytest.mark.parametrize("query", ["", "?code=", "?code=" + "x" * 401, "?code=激活"])
def test_an_incomplete_link_says_so_and_offers_no_button(query: str, http: httpx.Client) -> None:
    page = http.get(f"/activate{query}").text
    assert TEXTS["zh"]["malformed_title"] in page
    assert "<button" not in page


def test_an_unknown_path_is_a_page_that_leads_home(http: httpx.Client) -> None:
    answer = http.get("/nothing/here")
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert 'href="/"' in answer.text
    assert http.get("/dev/mailbox", headers={"host": "elsewhere.example"}).text == answer.text


@pytest.mark.parametrize("path", ["/", "/activate"])
def test_pages_are_only_read(path: str, http: httpx.Client) -> None:
    answer = http.post(path)
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


def test_the_admin_is_found_without_its_last_slash(http: httpx.Client) -> None:
    answer = http.get("/admin")
    assert (answer.status_code, answer.headers["location"]) == (302, "/admin/")


@pytest.mark.parametrize("color", ["#0b57a4", "#ffdd00", "#000000", "#ffffff", "#e4007f", "red;}body{", ""])
def test_whatever_the_shops_colour_everything_stays_readable(color: str, http: httpx.Client, settings: Any) -> None:
    settings.MENPAI_BRAND_COLOR = color
    style = http.get("/brand.css")
    assert style.headers["content-type"].startswith("text/css")
    values = re.findall(r"--([a-z-]+):(#[0-9a-f]{6})[;}]", style.text)
    light, dark = dict(values[:5]), dict(values[5:])
    assert brand.contrast(light["plate"], light["on-plate"]) >= 4.5
    assert brand.contrast(light["link"], "#f5f7fa") >= 4.5
    assert brand.contrast(dark["link"], "#1a212b") >= 4.5
    for theme in (light, dark):
        assert brand.contrast(theme["button"], theme["on-button"]) >= 4.5
    assert "body" not in style.text
