"""Signing in with another account does not go through: cancelled, forged, used, too old, taken, or nobody answers."""

import re
from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Request, expect

from tests.customers import Person, a_mobile
from tests.e2e.mishaps import AWAY, Failure, answer_lost, much_later, slow
from tests.e2e.walker import Walker
from tests.rig.children import free_port
from tests.rig.service import Service

WEIBO = {"zh": "微博", "en": "Weibo"}


def is_told(walker: Walker, which: str) -> None:
    title = walker.text(f"social_{which}_title", provider=WEIBO[walker.language])
    expect(walker.page.get_by_role("heading", level=1)).to_have_text(title)
    walker.sees(f"social_{which}", provider=WEIBO[walker.language]).is_signed_out()


def to_the_provider(walker: Walker) -> None:
    walker.open("/login").sets_out("weibo")


def test_whoever_cancels_is_led_back(walker: Walker) -> None:
    to_the_provider(walker)
    walker.denies()
    is_told(walker, "cancelled")
    walker.press("social_again").is_asked("weibo")
    walker.denies().follow("social_other_way").sees_title("title_login")


WITHOUT_A_CODE = {
    "error=access_denied&error_code=21330&state=x": "cancelled",
    "usercancel=1&state=x": "cancelled",
    "state=x": "cancelled",
    "error=invalid_request": "refused",
    "error=temporarily_unavailable&state=x": "away",
    "code=x": "state",
    "": "state",
}


def test_what_providers_send_without_a_code(walker: Walker) -> None:
    for query, told in WITHOUT_A_CODE.items():
        walker.open(f"/social/weibo/callback?{query}")
        is_told(walker, told)
        walker.is_at("/social/weibo/callback")
        assert "?" not in walker.page.url


def test_a_forged_state_opens_nothing(walker: Walker) -> None:
    to_the_provider(walker)
    code = walker.way_back().partition("&state=")[0]
    walker.open(f"{code}&state=forged")
    is_told(walker, "state")
    walker.press("social_again").is_asked("weibo")


def test_an_answer_is_good_for_the_browser_that_asked(walker: Walker, arrive: Callable[..., Walker]) -> None:
    """Somebody lured to an attacker's link would be signed in as the attacker."""
    to_the_provider(walker)
    link = walker.way_back()
    lured = arrive()
    lured.open("/login").sees_title("title_login")
    lured.open(link)
    is_told(lured, "state")


def test_an_answer_is_good_once(walker: Walker) -> None:
    to_the_provider(walker)
    link = walker.way_back()
    walker.open(link).sees_title("title_bind")
    walker.open(link)
    is_told(walker, "state")


@pytest.mark.parametrize("at_once", [False, True], ids=["one after the other", "at once"])
def test_the_same_way_back_in_two_tabs_ends_signed_in_in_both(at_once: bool, walker: Walker, person: Person) -> None:
    walker.open("/login").sets_out("weibo").consents()
    walker.goes_on_by_password(person.name, person.password).is_signed_in(person.name)
    walker.press("sign_out").is_signed_out()
    walker.open("/login").sets_out("weibo")
    back = walker.way_back()
    if at_once:
        with slow(walker, "/api/social/weibo/callback") as held:
            walker.open(back).sees("social_working_lead")
            second = walker.tab(back)  # which is the first to arrive
            second.is_at("/account").is_signed_in(person.name)
            held.go()
            walker.is_at("/account").is_signed_in(person.name)
    else:
        walker.open(back).is_at("/account").is_signed_in(person.name)
        second = walker.tab(back)
        second.is_at("/account").is_signed_in(person.name)
    walker.reload().is_signed_in(person.name)
    second.reload().is_signed_in(person.name)


def test_a_tab_that_came_second_follows_when_the_first_has_become_a_customer(walker: Walker) -> None:
    walker.open("/login").sets_out("weibo")
    back, mobile = walker.way_back(), a_mobile()
    walker.open(back).sees_title("title_bind")
    second = walker.tab(back).sees("social_state", provider=walker.text("social_weibo"))
    walker.goes_on_by_mobile(mobile).is_signed_in(mobile)
    second.is_at("/account").is_signed_in(mobile)


def test_the_callback_page_of_somebody_new_goes_on_where_the_tab_was(walker: Walker) -> None:
    walker.open("/login").sets_out("weibo").consents()
    walker.sees_title("title_bind").open("/social/weibo/callback").sees_title("title_bind")


def test_a_reload_on_the_way_back_sends_nothing_twice(walker: Walker) -> None:
    to_the_provider(walker)
    asked: list[Request] = []
    walker.page.on("request", lambda one: asked.append(one))
    with slow(walker, "/api/social/weibo/callback") as held:
        walker.consents().sees("social_working_lead")
        assert len(held) == 1
        assert "?" not in walker.page.url
        walker.reload()
        is_told(walker, "state")
    walker.press("social_again").consents().sees_title("title_bind")
    sent = [one for one in asked if (one.method, one.url.partition("/api/")[2]) == ("POST", "social/weibo/callback")]
    assert len(sent) == 2  # once each time that somebody came back


def test_a_reload_when_all_was_done_goes_on(walker: Walker, person: Person) -> None:
    walker.signs_in_as(person).open("/social/weibo/callback").is_at("/account")


@pytest.fixture
def with_keys(service: Callable[..., Service]) -> Iterator[Service]:
    """The product with keys for Weibo, and nobody there."""
    keys = {"MENPAI_WEIBO_CLIENT_ID": "3141592653", "MENPAI_WEIBO_CLIENT_SECRET": "a secret of tests"}
    found = service("run", MENPAI_WEIBO_BASE_URL=f"http://127.0.0.1:{free_port()}", **keys)
    yield found
    found.stop()


def test_a_provider_that_is_away(walker: Walker, with_keys: Service) -> None:
    here = with_keys.url
    walker.guard.expect("elsewhere: ", *AWAY)
    walker.open(f"{here}/login").sees_title("title_login")
    given = {"purpose": "sign-in"}
    asked = walker.context.request.post(f"{here}/api/social/weibo/authorization", data=given, headers={"Origin": here})
    state = parse_qs(urlsplit(asked.json()["url"]).query)["state"][0]
    walker.open(f"{here}/social/weibo/callback?code=x&state={state}")
    is_told(walker, "away")
    walker.follow("social_other_way").sees_title("title_login")


def test_no_way_to_the_server(walker: Walker, failure: Failure) -> None:
    walker.open("/login")
    with failure.happens(walker, "/api/social"):
        walker.press("social_with", provider=WEIBO[walker.language]).sees(failure.words)
    walker.sets_out("weibo")
    with failure.happens(walker, "/api/social"):
        walker.consents().sees_title("social_failed_title").sees(failure.words)
    walker.press("social_again").consents().sees_title("title_bind")


def test_a_ticket_that_is_over_says_so(walker: Walker) -> None:
    to_the_provider(walker)
    walker.consents().sees_title("title_bind")
    much_later(601)
    mobile = a_mobile()
    walker.goes_on_by_mobile(mobile).sees("social_expired").is_signed_out()
    walker.press("social_again").consents().sees_title("title_bind")


def test_without_a_ticket_one_starts_again(walker: Walker) -> None:
    walker.open("/social/bind").sees("social_expired")
    walker.follow("to_login").sees_title("title_login")


def test_an_answer_that_was_lost_is_made_up_for_by_starting_again(walker: Walker) -> None:
    mobile = a_mobile()
    to_the_provider(walker)
    walker.consents().sees_title("title_bind")
    with answer_lost(walker, "/api/social/registrations") as statuses:
        walker.goes_on_by_mobile(mobile).sees("offline")
    assert statuses == [201]
    walker.press("social_continue").sees("social_expired")
    walker.press("social_again").consents().is_signed_in(mobile)


def test_an_account_that_somebody_else_has_linked(
    walker: Walker, arrive: Callable[..., Walker], person: Person
) -> None:
    first = arrive()
    to_the_provider(first)
    first.consents().goes_on_by_mobile(a_mobile())
    first.sees("social_registered", provider=WEIBO[first.language])
    walker.signs_in_as(person).open("/account/security")
    walker.press("social_link_of", provider=WEIBO[walker.language]).consents()
    walker.sees("social_taken", provider=WEIBO[walker.language])
    walker.follow("social_to_security").sees_title("title_security")
    assert walker.text("social_none") in walker.provider_row("weibo")


def test_signed_out_on_the_way(walker: Walker, person: Person) -> None:
    walker.signs_in_as(person).open("/account/security")
    walker.press("social_link_of", provider=WEIBO[walker.language]).is_asked("weibo")
    walker.context.clear_cookies(name="menpai_session")
    walker.consents()
    expect(walker.page.get_by_role("heading", level=1)).to_have_text(re.compile(r"\S"))
    walker.is_signed_out()


def test_the_only_way_in_stays(walker: Walker) -> None:
    from menpai.models import Customer

    to_the_provider(walker)
    walker.consents()
    mobile = a_mobile()
    walker.goes_on_by_mobile(mobile).is_signed_in(mobile)
    assert Customer.objects.filter(mobile=mobile).update(
        mobile_verified_at=None, username="only_way", username_key="only_way"
    )
    walker.open("/account/security").sees("social_last")
    unlink = walker.button("social_unlink_of", provider=WEIBO[walker.language])
    expect(unlink).to_have_attribute("aria-disabled", "true")
    walker.touch(unlink, force=True)
    expect(walker.page.get_by_role("dialog")).to_have_count(0)
