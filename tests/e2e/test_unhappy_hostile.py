"""Addresses and texts that somebody else has made up: they stay text, and nobody is led off the site."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from tests.customers import Person
from tests.e2e.walker import Walker
from tests.rig.service import Service

ELSEWHERE = [
    "//evil.example",
    "///evil.example/account",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/%09/evil.example",
    "/..//evil.example",
    "/.//evil.example",
    "/account/..//evil.example",
    "https://evil.example/account",
    "HTTPS:evil.example",
    "javascript:document.title='mine'",
    "/javascript:document.title='mine'",
    "data:text/html,<h1>mine</h1>",
    "evil.example",
    "@evil.example",
    "",
]
MARKUP = "<img src=x onerror=\"document.title='mine'\"><script>document.title='mine'</script>"


def is_only_text(walker: Walker) -> None:
    expect(walker.page.get_by_role("heading", level=1)).to_be_visible()
    assert walker.page.locator("img[src=x], script:not([src]):not([type='application/json'])").count() == 0
    assert "mine" not in walker.page.title().split("·")[-1]


def test_nobody_is_led_off_the_site(walker: Walker, person: Person) -> None:
    """Somebody who is signed in already goes on at once."""
    walker.guard.expect(r"console: Failed to load resource: .* 404 ")
    walker.signs_in_as(person)
    for page in ("login", "register"):
        for address in ELSEWHERE:
            walker.open(f"/{page}?next={quote(address)}")
            expect(walker.page.get_by_role("heading", level=1)).to_be_visible()
            assert walker.page.url.startswith(f"{walker.guard.url}/"), (address, walker.page.url)
            assert not walker.page.url.startswith(f"{walker.guard.url}//"), (address, walker.page.url)
            assert walker.page.title() != "mine", address


@pytest.mark.parametrize("address", ["//evil.example", "javascript:alert(1)"])
def test_nor_after_signing_in(address: str, walker: Walker, person: Person) -> None:
    walker.open(f"/login?next={quote(address)}").signs_in(person.name, person.password)
    walker.is_signed_in(person.name).is_at("/account")


def test_a_query_string_is_only_text(walker: Walker) -> None:
    for path in ("/login", "/register", "/recover"):
        walker.open(f"{path}?name={quote(MARKUP)}&next={quote('/' + MARKUP)}&lang={quote(MARKUP)}")
        is_only_text(walker)
    walker.open(f"/login?name={quote(MARKUP)}").holds("login_name", MARKUP)
    walker.open(f"/activate?code={quote(MARKUP)}").press("activate_yes")
    walker.sees_title("activate_malformed_title")
    is_only_text(walker)


def test_a_path_is_only_text(walker: Walker) -> None:
    walker.guard.expect(r"console: Failed to load resource: .* 404 ")
    for path in (quote(MARKUP), f"account/{quote(MARKUP)}", "%3C/script%3E%3Cscript%3Ealert(1)%3C/script%3E"):
        walker.open(f"/{path}")
        is_only_text(walker)


def test_what_was_typed_is_only_text(walker: Walker) -> None:
    """An e-mail address may hold more than letters, and comes back in sentences."""
    address = "o'neill&lt{brand}`${1}@example.com"
    walker.open("/recover").fill("recover_target", address).press("recover_send")
    walker.reads(walker.text("recover_sent", target="o***@example.com", n=10))
    walker.press("recover_other").holds("recover_target", address)
    is_only_text(walker)


def test_the_shops_name_is_only_text(
    arrive: Callable[..., Walker], guard: Any, service: Callable[..., Service], engine: str
) -> None:
    shop = service("web", MENPAI_BRAND_NAME="</script><b>A & B</b>", MENPAI_BRAND_ICP="<i>京ICP备1号</i>")
    guard.url = shop.url
    walker = arrive().open("/")
    expect(walker.header.get_by_role("link", name="</script><b>A & B</b>")).to_be_visible()
    expect(walker.page.locator("footer").get_by_text("<i>京ICP备1号</i>")).to_be_visible()
    assert walker.page.locator("main b, header b, footer i").count() == 0
    shop.stop()
