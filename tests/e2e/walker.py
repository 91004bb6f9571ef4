"""A customer with a browser, who knows the pages by the words on them. `key` is a key of web/src/texts."""

import re
from typing import Any, Self
from urllib.parse import quote, urlsplit

import httpx
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.api.clients import ok, proven
from tests.customers import PASSWORD, Person, a_mobile
from tests.e2e import texts
from tests.e2e.book import BookSteps
from tests.e2e.consent import ProviderSteps
from tests.e2e.guard import Guard
from tests.e2e.ways import Way
from tests.rig.children import until
from tests.store_clock import age_redis

SESSION = "menpai_session"


class Walker(ProviderSteps, BookSteps):
    def __init__(self, page: Page, way: Way, guard: Guard) -> None:
        self.page, self.way, self.guard = page, way, guard
        self.language = way.language

    @property
    def context(self) -> BrowserContext:
        return self.page.context

    def text(self, key: str, **values: object) -> str:
        return texts.text(self.language, key, **values)

    # ── Going somewhere ──
    def open(self, path: str) -> Self:
        self.page.goto(path)
        return self

    def tab(self, path: str = "/") -> "Walker":
        """Another tab of the same browser."""
        other = Walker(self.context.new_page(), self.way, self.guard)
        other.language = self.language
        return other.open(path)

    def reload(self) -> Self:
        self.page.reload()
        return self

    def is_at(self, address: str) -> Self:
        """The path, with its query string if it has one here."""
        end = "" if "?" in address else r"(\?.*)?"
        expect(self.page).to_have_url(re.compile(re.escape(self.guard.url + address) + end + "$"))
        return self

    # ── Finding what stands there ──
    @property
    def main(self) -> Locator:
        return self.page.locator("main")

    @property
    def header(self) -> Locator:
        return self.page.locator("header").first

    def field(self, key: str) -> Locator:
        label = re.compile(rf"^\s*{re.escape(self.text(key))}(\s*{re.escape(self.text('optional'))})?\s*$")
        inputs = self.page.locator("input, textarea, select")
        return inputs.and_(self.page.get_by_label(label)).filter(visible=True)

    def button(self, key: str, within: Locator | None = None, **values: object) -> Locator:
        return self._named("button", key, within, values)

    def link(self, key: str, within: Locator | None = None, **values: object) -> Locator:
        return self._named("link", key, within or self.main, values)

    def _named(self, role: Any, key: str, within: Locator | None, values: dict[str, object]) -> Locator:
        place = within or self.page
        return place.get_by_role(role, name=self.text(key, **values), exact=True).filter(visible=True)

    def box(self, key: str) -> Locator:
        """The check box that says so."""
        return self.page.get_by_role("checkbox", name=re.compile(re.escape(self.text(key)))).filter(visible=True)

    # ── Doing something ──
    def fill(self, key: str, value: str) -> Self:
        self.field(key).fill(value)
        return self

    def press(self, key: str, within: Locator | None = None, **values: object) -> Self:
        return self.touch(self.button(key, within, **values))

    def follow(self, key: str, within: Locator | None = None, **values: object) -> Self:
        return self.touch(self.link(key, within, **values))

    def turns_to(self, key: str) -> Self:
        """Another page of the account."""
        return self.follow(key, self.page.get_by_role("navigation", name=self.text("account_menu")))

    def choose(self, key: str) -> Self:
        """A tab of a list of tabs."""
        return self.touch(self._named("tab", key, None, {}))

    def tick(self, key: str) -> Self:
        self.box(key).check()
        return self

    def touch(self, what: Locator, force: bool = False) -> Self:
        """With the finger or with the mouse; `force`: although it says that it is disabled."""
        if self.way.device == "phone":
            what.tap(force=force)
        else:
            what.click(force=force)
        return self

    def paste(self, key: str, words: str) -> Self:
        """As somebody does who has copied it from the message."""
        self.context.grant_permissions(["clipboard-read", "clipboard-write"])
        self.page.evaluate("words => navigator.clipboard.writeText(words)", words)
        self.field(key).press("Control+V")
        return self

    def signs_in(self, name: str, password: str, remember: bool = False) -> Self:
        """On the sign-in page."""
        self.fill("login_name", name).fill("login_password", password)
        if remember:
            self.tick("login_remember")
        return self.press("login_button")

    # ── Seeing something ──
    def sees(self, key: str, **values: object) -> Self:
        return self.reads(self.text(key, **values))

    def sees_not(self, key: str, **values: object) -> Self:
        expect(self.page.get_by_text(self.text(key, **values)).filter(visible=True)).to_have_count(0)
        return self

    def reads(self, words: str) -> Self:
        expect(self.page.get_by_text(words).filter(visible=True).first).to_be_visible()
        return self

    def sees_title(self, key: str) -> Self:
        expect(self.page.get_by_role("heading", level=1)).to_have_text(self.text(key))
        return self

    def shows(self, key: str) -> Self:
        """The field is there and visible."""
        expect(self.field(key)).to_be_visible()
        return self

    def holds(self, key: str, value: str) -> Self:
        """The field has this value."""
        expect(self.field(key)).to_have_value(value)
        return self

    def has_focus(self, key: str) -> Self:
        expect(self.field(key)).to_be_focused()
        return self

    def describes(self, key: str, words: str) -> Self:
        """The words stand beside the field."""
        expect(self.field(key)).to_have_accessible_description(re.compile(re.escape(words)))
        return self

    def is_refused(self, field: str | Locator) -> Self:
        """Marked as wrong, with words beside it."""
        place = self.field(field) if isinstance(field, str) else field
        expect(place).to_have_attribute("aria-invalid", "true")
        expect(place).to_have_accessible_description(re.compile(r"\S"))
        return self

    def is_signed_in(self, name: str) -> Self:
        """The header shows the name; a mobile with its spaces."""
        spaced = re.sub(r"^(\d{3})(\d{4})(\d{4})$", r"\1 \2 \3", name)
        expect(self.header.get_by_role("link", name=spaced, exact=True)).to_be_visible()
        return self

    def is_told(self, field: str | Locator, words: str) -> Self:
        """Beside the field, which is marked as wrong and has the focus."""
        place = self.field(field) if isinstance(field, str) else field
        expect(place).to_have_attribute("aria-invalid", "true")
        expect(place).to_have_accessible_description(re.compile(re.escape(words)))
        expect(place).to_be_focused()
        return self

    def alerts(self, key: str) -> Self:
        """An alert on the page says so."""
        expect(self.main.get_by_role("alert").filter(has_text=self.text(key))).to_be_visible()
        return self

    def is_signed_out(self) -> Self:
        expect(self.header.get_by_role("link", name=self.text("to_login"), exact=True)).to_be_visible()
        return self

    # ── Reading one's phone and mail ──
    def code_sent_to(self, to: str) -> str:
        return self._newest(to, ".code").strip()

    def sms_sent_to(self, to: str) -> str:
        """The whole of it."""
        return self._newest(to, ".bubble")

    def link_sent_to(self, to: str) -> str:
        """Its path and query string."""
        parts = urlsplit(self._newest(to, "a[href*='?code=']").strip())
        return f"{parts.path}?{parts.query}"

    def _newest(self, to: str, what: str) -> str:
        mailbox = self.context.new_page()
        newest = mailbox.locator("article").filter(has=mailbox.locator(what)).first.locator(what).first

        def arrived() -> int:
            mailbox.goto(f"/dev/mailbox?to={quote(to)}")
            return newest.count()

        until(arrived, 15, f"a message to {to} with {what}")
        words = newest.inner_text()
        mailbox.close()
        return words

    # ── Short ways, for what a journey is not about ──
    def sends_sms(self, mobile: str, field: str = "register_mobile") -> Self:
        """Has a code sent to this mobile."""
        return self.fill(field, mobile).press("send_sms").sees("send_sms_done")

    def fills_in_registration(self, mobile: str, **more: str) -> Self:
        """The registration form with a good code, ready to be sent; `more`: what is optional."""
        self.open("/register").sends_sms(mobile).fill("code_label", self.code_sent_to(mobile))
        self.fill("register_password", PASSWORD).touch(self.page.get_by_text(self.text("register_more")))
        for key, value in more.items():
            self.fill(key, value)
        return self.tick("consent_before")

    def asks_for_a_sign_in_code(self, mobile: str) -> Self:
        """Opens the page of signing in by code, has a code sent to this mobile and types it."""
        self.open("/login").choose("login_by_code").sends_sms(mobile, "login_mobile")
        return self.fill("code_label", self.code_sent_to(mobile))

    def asks_for_recovery(self, target: str) -> Self:
        """Opens the page of a forgotten password and asks for a code."""
        self.open("/recover").fill("recover_target", target).press("recover_send")
        return self.has_focus("code_label")  # what comes before is an older message

    def redeems_a_recovery_code(self, target: str) -> Self:
        """Opens the page of a forgotten password and goes on as far as the new password."""
        return self.asks_for_recovery(target).fill("code_label", self.code_sent_to(target)).press("recover_next")

    def types_twice(self, key: str, password: str) -> Self:
        """A new password into the field and the one that repeats it."""
        return self.fill(key, password).fill(f"{key}2", password)

    def opens_security(self, what: str, action: str = "change") -> Self:
        """The form for changing it, on the page about security."""
        return self.press("security_of", action=self.text(f"security_{action}"), what=self.text(f"security_{what}"))

    def signs_in_as(self, person: Person, remember: bool = False) -> Self:
        """Without the pages."""
        sent = {"name": person.name, "password": person.password, "session": "cookie", "remember": remember}
        answer = self.context.request.post("/api/sessions", data=sent, headers={"Origin": self.guard.url})
        assert answer.status == 201, answer.text()
        return self

    def settled(self) -> Self:
        """Nothing is on its way any more."""
        self.page.wait_for_load_state("networkidle")
        return self

    def cookie(self, name: str = SESSION) -> Any:
        return next((cookie for cookie in self.context.cookies() if cookie["name"] == name), None)


def later(seconds: float) -> None:
    """As if so many seconds had passed for the limits of the server: how often a code may be sent, and the like."""
    from django.conf import settings
    from django.db.models import F

    from menpai.models import EphemeralEvent

    EphemeralEvent.objects.update(at=F("at") - seconds)
    if settings.MENPAI_REDIS_URL:
        age_redis(settings.MENPAI_REDIS_URL, seconds)


def grow_stale() -> None:
    """The sign-ins of everybody are longer ago than ten minutes."""
    from django.utils import timezone

    from menpai import rules
    from menpai.models import Session

    later(61)
    Session.objects.update(authenticated_at=timezone.now() - rules.STEP_UP_LIFE)


def a_customer(http: httpx.Client, mailbox: Any) -> Person:
    """User name, mobile and e-mail, both proven; signed in nowhere, and nothing was sent in the last minute."""
    mobile = a_mobile()
    name, email = f"li_{mobile[-6:]}", f"li_{mobile[-6:]}@example.com"
    app = proven(http, mailbox, mobile=mobile, username=name, email=email)
    ok(app.delete("/sessions/current"), 204)
    later(61)
    return Person(http, name, email, mobile, token="")
