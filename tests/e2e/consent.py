"""A provider as the development run plays it: a page that asks who comes back (menpai/pages/dev_consent.py)."""

from typing import TYPE_CHECKING, TypeVar
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import expect

if TYPE_CHECKING:
    from tests.e2e.walker import Walker

W = TypeVar("W", bound="Walker")
KNOWN, OTHER, NEW = "小王", "小李", "新朋友"
PROVIDERS = ("weibo", "wechat", "qq", "alipay")


class ProviderSteps:
    """What a walker does at a provider, and on the way there and back."""

    def sets_out(self: W, provider: str) -> W:
        """From the page where the buttons are to the provider's."""
        return self.press("social_with", provider=self.text(f"social_{provider}")).is_asked(provider)

    def is_asked(self: W, provider: str) -> W:
        self.is_at("/dev/consent")
        assert parse_qs(urlsplit(self.page.url).query)["provider"] == [provider]
        return self

    def consents(self: W, who: str = KNOWN) -> W:
        return self.touch(self.page.get_by_role("link", name=who))

    def denies(self: W) -> W:
        return self.touch(self.page.get_by_role("link", name="Deny"))

    def way_back(self: "Walker", who: str = KNOWN) -> str:
        """Where consenting leads: path and query string."""
        href = self.page.get_by_role("link", name=who).get_attribute("href") or ""
        parts = urlsplit(href)
        return f"{parts.path}?{parts.query}"

    def goes_on_by_mobile(self: W, mobile: str, accepts_terms: bool = True) -> W:
        self.sees_title("title_bind").sends_sms(mobile, "login_mobile").fill("code_label", self.code_sent_to(mobile))
        if accepts_terms:
            self.tick("consent_before")
        return self.press("social_continue")

    def goes_on_by_password(self: W, name: str, password: str) -> W:
        self.sees_title("title_bind").choose("social_by_account").fill("login_name", name)
        return self.fill("login_password", password).press("social_bind")

    def provider_row(self: "Walker", provider: str) -> str:
        """The text of the provider's row on the security page."""
        name = self.text(f"social_{provider}")
        item = self.main.get_by_role("listitem").filter(has=self.page.get_by_role("heading", name=name, exact=True))
        expect(item).to_be_visible()
        return item.inner_text()
