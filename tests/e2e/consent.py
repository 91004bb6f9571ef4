"""A provider as the development run plays it: a page that asks who comes back (menpai/pages/dev_consent.py)."""

from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import expect

from tests.e2e.walker import Walker

KNOWN, OTHER, NEW = "小王", "小李", "新朋友"
PROVIDERS = ("weibo", "wechat", "qq", "alipay")


def sets_out(walker: Walker, provider: str) -> None:
    """From the page where the buttons are to the provider's."""
    walker.press("social_with", provider=walker.text(f"social_{provider}"))
    is_asked(walker, provider)


def is_asked(walker: Walker, provider: str) -> None:
    walker.is_at("/dev/consent")
    assert parse_qs(urlsplit(walker.page.url).query)["provider"] == [provider]


def answers(walker: Walker, who: str = KNOWN) -> None:
    walker.touch(walker.page.get_by_role("link", name=who))


def refuses(walker: Walker) -> None:
    walker.touch(walker.page.get_by_role("link", name="Deny"))


def address_of(walker: Walker, who: str = KNOWN) -> str:
    """Where that answer leads: path and query string."""
    href = walker.page.get_by_role("link", name=who).get_attribute("href") or ""
    parts = urlsplit(href)
    return f"{parts.path}?{parts.query}"


def goes_on_by_mobile(walker: Walker, mobile: str, consents: bool = True) -> None:
    walker.sees_title("title_bind")
    walker.sends_sms(mobile, "login_mobile").fill("code_label", walker.code_sent_to(mobile))
    if consents:
        walker.tick("consent_before")
    walker.press("social_continue")


def goes_on_by_password(walker: Walker, name: str, password: str) -> None:
    walker.sees_title("title_bind")
    walker.choose("social_by_account").fill("login_name", name).fill("login_password", password)
    walker.press("social_bind")


def row(walker: Walker, provider: str) -> str:
    """What the security page says of it."""
    name = walker.text(f"social_{provider}")
    item = walker.main.get_by_role("listitem").filter(has=walker.page.get_by_role("heading", name=name, exact=True))
    expect(item).to_be_visible()
    return item.inner_text()
