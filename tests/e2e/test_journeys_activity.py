"""Looking at what happened to one's account, and being told of a device that is new."""

from collections.abc import Callable
from typing import Any

import httpx
from playwright.sync_api import Locator, expect

from menpai import rules
from tests.customers import Person
from tests.e2e.mishaps import away
from tests.e2e.walker import Walker


def events(walker: Walker) -> Locator:
    return walker.main.get_by_role("list", name=walker.text("title_activity")).get_by_role("listitem")


def test_somebody_sees_what_happened_and_goes_on_to_a_new_password(
    walker: Walker, person: Person, mailbox: Any, http: httpx.Client
) -> None:
    walker.signs_in_as(person).open("/account/security").turns_to("nav_activity")
    walker.sees_title("title_activity").is_at("/account/activity")
    newest = events(walker).first
    expect(newest).to_contain_text(walker.text("activity_signed_in"))
    expect(newest).to_contain_text(walker.text("activity_this"))
    expect(newest).to_contain_text("Chrome")
    expect(events(walker).last).to_contain_text(walker.text("activity_registered"))
    assert any("new device" in mail.subject or "新设备" in mail.subject for mail in mailbox.all(person.email))
    walker.follow("activity_change_password").is_at("/account/security")


def test_somebody_goes_back_to_the_beginning_page_by_page(walker: Walker, person: Person, http: httpx.Client) -> None:
    for _ in range(rules.ACTIVITY_PAGE + 3):
        http.post("/api/sessions", json={"name": person.name, "password": person.password})
    walker.signs_in_as(person).open("/account/activity")
    expect(events(walker)).to_have_count(rules.ACTIVITY_PAGE)
    with away(walker, "/api/me/activity"):
        walker.press("activity_more").sees("fault")
    walker.press("activity_more")
    expect(events(walker).last).to_contain_text(walker.text("activity_registered"))
    expect(walker.button("activity_more")).to_have_count(0)
    expect(events(walker).nth(rules.ACTIVITY_PAGE)).to_be_focused()


def test_a_page_that_did_not_load_is_asked_for_again(
    walker: Walker, arrive: Callable[..., Walker], person: Person
) -> None:
    walker.signs_in_as(person)
    with away(walker, "/api/me/activity"):
        walker.open("/account/activity").sees("loading_failed")
    walker.press("try_again")
    expect(events(walker).first).to_contain_text(walker.text("activity_signed_in"))
