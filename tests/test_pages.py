"""The shell of every page, as a browser gets it: what fills it is tried in a real browser."""

import json
import re
from html.parser import HTMLParser
from typing import Any

import httpx
import pytest

from menpai import brand
from menpai.models import Customer
from menpai.pages import build
from menpai.pages import shell as page_shell
from tests.customers import PASSWORD, activation_code, somebody

UNKNOWN = ("/nothing/here", "/html/templates/nothing.html", "/static/app/manifest.json", "/account/nothing")
EVERY = (*page_shell.PAGES, "/activate?code=YWJj", *UNKNOWN)


class Shell(HTMLParser):
    """The parts of a page that its policy is about, and what it gives the scripts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.inline: list[str] = []
        self.loads: list[str] = []
        self.root: dict[str, str | None] = {}
        self.boot: dict[str, Any] = {}
        self.title = ""
        self._in: tuple[str, str | None] = ("", None)
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self._in = (tag, given.get("id"))
        self.inline += [name for name in given if name == "style" or name.startswith("on")]
        if tag == "html":
            self.root = given
        elif tag in ("link", "img") or (tag == "script" and given.get("type") != "application/json"):
            self.loads.append(given.get("src") or given.get("href") or "inline")

    def handle_endtag(self, tag: str) -> None:
        self._in = ("", None)

    def handle_data(self, data: str) -> None:
        if self._in == ("script", "boot"):
            self.boot = json.loads(data)
        elif self._in[0] in ("script", "style"):
            self.inline.append(data)
        elif self._in[0] == "title":
            self.title += data


def shell(http: httpx.Client, path: str, **headers: str) -> Shell:
    return Shell(http.get(path, headers=headers).text)


@pytest.mark.parametrize("path", [*EVERY, "/user/login", "/html/templates/login.html"])
def test_every_page_has_the_strict_headers(path: str, http: httpx.Client) -> None:
    headers = http.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert "strict-transport-security" not in headers
    assert "set-cookie" not in headers


def test_an_answer_over_https_asks_to_stay_there(http: httpx.Client, settings: Any) -> None:
    settings.SECURE = True
    for path in ("/", "/v1/users/x/address", "/user/mobile/13800138000/", "/api/me", "/livez"):
        assert http.get(path).headers["strict-transport-security"] == "max-age=31536000"


def test_the_admin_is_found_without_its_last_slash(http: httpx.Client) -> None:
    answer = http.get("/admin")
    assert (answer.status_code, answer.headers["location"]) == (302, "/admin/")


@pytest.mark.parametrize("path", EVERY)
def test_nothing_is_inline_and_every_file_is_there(path: str, http: httpx.Client) -> None:
    page = shell(http, path)
    assert page.inline == []
    assert page.loads
    for address in page.loads:
        if address.startswith(build.URL):
            assert http.get(address).status_code == 200, address
        else:
            assert re.fullmatch(r"/static/menpai/plate\.svg\?[0-9a-f]{8}", address), address


@pytest.mark.parametrize("path", page_shell.PAGES)
def test_a_page_is_there_with_and_without_its_last_slash(path: str, http: httpx.Client) -> None:
    for address in (path, path.rstrip("/") + "/"):
        answer = http.get(address)
        assert answer.status_code == 200
        assert Shell(answer.text).boot["status"] == 200
        assert http.head(address).status_code == 200


@pytest.mark.parametrize("path", UNKNOWN)
def test_an_unknown_address_is_a_page_and_a_404(path: str, http: httpx.Client) -> None:
    answer = http.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert Shell(answer.text).boot["status"] == 404
    assert http.get("/dev/mailbox", headers={"host": "elsewhere.example"}).status_code == 404


@pytest.mark.parametrize("path", ["/", "/login", "/html/templates/login.html", "/static/app/x.js"])
def test_pages_are_only_read(path: str, http: httpx.Client) -> None:
    answer = http.post(path)
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize("folder", ["html", "dadashop"])
@pytest.mark.parametrize(
    ("name", "page"),
    [
        ("register", "/register"),
        ("test_register", "/register"),
        ("login", "/login"),
        ("findPass", "/recover"),
        ("personal_password", "/account/security"),
        ("active", "/activate"),
        ("addressAdmin", "/account/addresses"),
        ("callback", "/social/weibo/callback"),
        ("index", "/"),
    ],
)
@pytest.mark.parametrize("query", ["", "?code=a%26b%22c&lang=en"])
def test_published_addresses_lead_to_the_page_of_today(
    folder: str, name: str, page: str, query: str, http: httpx.Client
) -> None:
    answer = http.get(f"/{folder}/templates/{name}.html{query}")
    assert (answer.status_code, answer.headers["location"]) == (302, page + query)


@pytest.mark.parametrize("path", ["/user/login", "/users/login", "/user/login/"])
def test_the_sign_in_address_of_the_documents_is_a_page_to_a_browser(path: str, http: httpx.Client) -> None:
    """GET is the page, POST stays the call of the contract."""
    answer = http.get(path, params={"next": "/account"})
    assert (answer.status_code, answer.headers["location"]) == (302, "/login?next=%2Faccount")
    assert http.post(path, json={}).headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("asked", "chosen", "accepts", "language"),
    [
        ("", "", "", "zh-CN"),
        ("", "", "en-US,en;q=0.9,zh;q=0.8", "en"),
        ("", "", "en;q=0.5,zh-CN;q=0.9", "zh-CN"),
        ("", "", "fr-FR,de;q=0.5", "zh-CN"),
        ("", "", "en;q=0", "zh-CN"),
        ("", "", "en;q=x,;;,", "zh-CN"),
        ("", "en", "zh-CN", "en"),
        ("", "zh-CN", "en", "zh-CN"),
        ("", "fr", "en", "en"),
        ("?lang=en", "zh-CN", "zh-CN", "en"),
        ("?lang=zh-CN", "en", "en", "zh-CN"),
        ("?lang=xx", "", "en", "en"),
    ],
)
def test_the_address_decides_the_language_then_the_choice_then_the_browser(
    asked: str, chosen: str, accepts: str, language: str, http: httpx.Client
) -> None:
    answer = http.get(f"/login{asked}", headers={"accept-language": accepts, "cookie": f"menpai_language={chosen}"})
    page = Shell(answer.text)
    assert page.root["lang"] == page.boot["language"] == language
    assert page.title == {"zh-CN": "登录 · 门牌", "en": "Sign in · 门牌"}[language]
    assert answer.headers["vary"] == "Accept-Language, Cookie"


@pytest.mark.parametrize(("cookie", "theme"), [("dark", "dark"), ("light", "light"), ("", None), ('"><b>', None)])
def test_the_theme_is_the_choice_else_the_devices_own(cookie: str, theme: str | None, http: httpx.Client) -> None:
    answer = http.get("/", headers={"cookie": f"menpai_theme={cookie}"})
    assert Shell(answer.text).root.get("data-theme") == theme
    assert f'name="color-scheme" content="{theme or "light dark"}"' in answer.text


def test_a_page_loads_only_its_own_language(http: httpx.Client) -> None:
    chunks = build.build().chunks
    chinese, english = (build.URL + chunks[f"src/texts/{name}/index.ts"]["file"] for name in ("zh", "en"))
    assert chinese in shell(http, "/login?lang=zh").loads
    assert english not in shell(http, "/login?lang=zh").loads
    assert chinese not in shell(http, "/login?lang=en").loads


def test_whatever_the_shops_name_it_ends_no_script(http: httpx.Client, settings: Any) -> None:
    settings.MENPAI_BRAND_NAME = "</script><b>某某"
    settings.MENPAI_BRAND_ICP = "京ICP备12345678号"
    answer = http.get("/")
    assert "<b>" not in answer.text
    page = Shell(answer.text)
    assert page.title == "账户中心 · </script><b>某某"
    assert page.boot["brand"] == {"name": "</script><b>某某", "logo": "", "icp": "京ICP备12345678号"}


def test_the_scripts_are_told_the_rules_of_the_server(http: httpx.Client, settings: Any) -> None:
    settings.MENPAI_PASSWORD_MIN_LENGTH, settings.MENPAI_TERMS_VERSION = 10, "2030-01"
    boot = shell(http, "/register").boot
    assert boot["rules"] == {
        "resend_after": 60,
        "password_min": 10,
        "password_max": 128,
        "sms_digits": 6,
        "mail_digits": 8,
        "addresses": 50,
    }
    assert boot["terms"] == {"version": "2030-01", "url": "/terms", "privacy_url": "/privacy"}
    assert boot["me"] is None
    assert (boot["mailbox"], boot["abroad"]) == (True, False)
    settings.MENPAI_DEV_MAILBOX, settings.MENPAI_MOBILE_REGIONS = False, ["CN", "HK"]
    boot = shell(http, "/register").boot
    assert (boot["mailbox"], boot["abroad"]) == (False, True)


def test_only_a_logo_of_the_shop_may_come_from_elsewhere(http: httpx.Client, settings: Any) -> None:
    settings.MENPAI_BRAND_LOGO_URL = "https://img.example.com/a/logo.svg"
    answer = http.get("/")
    assert "img-src 'self' https://img.example.com;" in answer.headers["content-security-policy"]
    assert Shell(answer.text).boot["brand"]["logo"] == "https://img.example.com/a/logo.svg"
    settings.MENPAI_BRAND_LOGO_URL = "/logo.svg"
    assert "img-src 'self';" in http.get("/").headers["content-security-policy"]


def test_looking_at_the_activation_page_activates_nothing(http: httpx.Client, mailbox: Any) -> None:
    person = somebody(http)
    link = httpx.URL(mailbox.last(person.email).link)
    assert link.path == "/activate"
    for _ in range(2):
        page = http.get("/activate", params=link.params)
        assert page.status_code == 200
        http.head("/activate", params=link.params)
    assert not Customer.objects.filter(email_verified_at__isnull=False).exists()
    assert activation_code(mailbox, person.email) not in page.text


def test_a_file_of_the_build_is_kept_for_ever_and_compressed_for_whom_that_suits(http: httpx.Client) -> None:
    script = build.build().needed(()).script
    plain = http.get(script, headers={"accept-encoding": "gzip;q=0, br"})
    small = http.get(script, headers={"accept-encoding": "br, gzip"})
    for answer in (plain, small):
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["content-type"] == "text/javascript"
        assert answer.headers["vary"] == "Accept-Encoding"
    assert plain.content == small.content
    assert "content-encoding" not in plain.headers
    assert small.num_bytes_downloaded < plain.num_bytes_downloaded / 2


def test_without_a_build_the_page_says_how_to_make_one(
    http: httpx.Client, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "MANIFEST", tmp_path / "manifest.json")
    answer = http.get("/login")
    assert answer.status_code == 503
    assert "make run" in answer.text
    assert "content-security-policy" in answer.headers


@pytest.mark.parametrize("color", ["#0b57a4", "#ffdd00", "#000000", "#ffffff", "#e4007f", "red;}body{", ""])
def test_whatever_the_shops_colour_everything_stays_readable(color: str, http: httpx.Client, settings: Any) -> None:
    settings.MENPAI_BRAND_COLOR = color
    style = http.get("/brand.css")
    assert style.headers["content-type"].startswith("text/css")
    values = re.findall(r"--([a-z-]+):(#[0-9a-f]{6})[;}]", style.text)
    light, dark = dict(values[:5]), dict(values[5:])
    assert brand.contrast(light["brand"], light["on-brand"]) >= 4.5
    assert brand.contrast(light["link"], "#f5f7fa") >= 4.5
    assert brand.contrast(dark["link"], "#1a212b") >= 4.5
    for theme in (light, dark):
        assert brand.contrast(theme["button"], theme["on-button"]) >= 4.5
    assert "body" not in style.text


def test_the_shops_colour_follows_the_chosen_theme(http: httpx.Client, settings: Any) -> None:
    assert not [address for address in shell(http, "/").loads if "brand.css" in address]
    settings.MENPAI_BRAND_COLOR = "#e4007f"
    address = next(address for address in shell(http, "/").loads if address.startswith("/brand.css?"))
    by_device, by_choice = http.get(address).text.splitlines()[1:]
    assert by_device.startswith("@media (prefers-color-scheme:dark){:root:not([data-theme=light]){")
    assert by_choice.startswith(":root[data-theme=dark]{")
    assert by_choice.removeprefix(":root[data-theme=dark]") in by_device


def test_a_page_knows_who_looks_at_it(http: httpx.Client, statements: Any) -> None:
    person = somebody(http)
    who = {"name": person.name, "password": PASSWORD, "session": "cookie"}
    answer = http.post("/api/sessions", json=who, headers={"sec-fetch-site": "same-origin"})
    cookie = {"cookie": answer.headers["set-cookie"].partition(";")[0]}
    with statements() as sql:
        page = http.get("/account", headers=cookie)
    assert len(sql) == 1  # the session with the customer
    assert Shell(page.text).boot["me"] == http.get("/api/me", headers=cookie).json()
    with statements() as sql:
        assert Shell(http.get("/account").text).boot["me"] is None
    assert len(sql) == 0
    dead = {"cookie": cookie["cookie"][:-1] + ("A" if cookie["cookie"][-1] != "A" else "B")}
    assert Shell(http.get("/account", headers=dead).text).boot["me"] is None
