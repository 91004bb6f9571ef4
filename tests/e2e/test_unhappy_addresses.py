"""The address book when something goes wrong: nothing typed is lost, and nothing is there twice."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

import menpai
from menpai import rules
from tests.customers import Person
from tests.e2e import mishaps
from tests.e2e.book import DETAIL
from tests.e2e.mishaps import Failure, fails_then_works, loses_the_answer
from tests.e2e.states import save_address
from tests.e2e.walker import Walker


def open_book(walker: Walker, person: Person) -> Walker:
    walker.signs_in_as(person).open("/account/addresses")
    expect(walker.button("address_add")).to_be_visible()
    return walker


def test_adding(failure: Failure, walker: Walker, person: Person) -> None:
    open_book(walker, person)
    walker.press("address_add").fills_in_address()
    fails_then_works(walker, failure, "address_save", address_receiver="小王", address_detail=DETAIL)
    walker.sees("address_added").has_addresses(1)


def test_loading_and_deleting(failure: Failure, walker: Walker, person: Person) -> None:
    open_book(walker, person)
    save_address(walker, "小王", {"address": "北京市东城区"})
    with failure.happens(walker, "/api/me/addresses"):
        walker.reload().sees("loading_failed").sees(failure.words)
    walker.press("try_again").has_addresses(1)
    with failure.happens(walker, "/api/me/addresses"):
        walker.acts("address_delete").sees(failure.words)
    walker.has_addresses(1)
    walker.acts("address_delete").has_addresses(0)
    walker.press("address_undo").has_addresses(1)


def test_an_address_whose_answer_was_lost_is_there_once(walker: Walker, person: Person) -> None:
    open_book(walker, person)
    walker.press("address_add").fills_in_address()
    loses_the_answer(walker, "address_save", "/api/me/addresses", 201)
    walker.press("address_save").sees("address_added").has_addresses(1)
    walker.reload().has_addresses(1)


def test_a_double_click_adds_one(walker: Walker, person: Person) -> None:
    open_book(walker, person)
    walker.press("address_add").fills_in_address()
    walker.button("address_save").dblclick()
    walker.sees("address_added")
    walker.reload().has_addresses(1)


def test_the_regions_do_not_load(failure: Failure, walker: Walker, person: Person) -> None:
    """The address can be written as a whole."""
    open_book(walker, person)
    with failure.happens(walker, "/api/regions"):
        walker.press("address_add").touch(walker.region_field).sees("address_regions_failed")
        walker.page.keyboard.press("Escape")
        walker.fill("address_receiver", "小王").fill("address_mobile", "18667018590")
        walker.fill("address_detail", f"北京市东城区{DETAIL}").press("address_save").sees("address_added")
    walker.first_reads(f"北京市东城区{DETAIL}")


def test_the_towns_do_not_load(failure: Failure, walker: Walker, person: Person) -> None:
    """They are optional, and can be tried again."""
    open_book(walker, person).press("address_add")
    walker.touch(walker.region_field)
    with failure.happens(walker, "/api/regions/330110/"):
        walker.finds_regions("hzyh", "余杭区").touch(walker.option("浙江省 杭州市 余杭区")).sees("region_towns_failed")
        walker.reads_region("浙江省 杭州市 余杭区")
    walker.press("try_again").touch(walker.option("良渚街道")).reads_region("浙江省 杭州市 余杭区 良渚街道")


def test_a_text_that_cannot_be_read_now_is_kept(failure: Failure, walker: Walker, person: Person) -> None:
    text = "小王 18667018590 北京市东城区珍贝大厦2楼"
    open_book(walker, person).press("address_add").fill("address_receiver", "小李")
    with failure.happens(walker, "/api/addresses/parse"):
        walker.fill("paste_label", text).press("paste_do").sees(failure.words)
    walker.holds("paste_label", text).holds("address_receiver", "小李")
    walker.press("paste_do").sees("paste_check").holds("address_receiver", "小王")


def test_what_was_typed_when_the_session_ended_is_there_after_signing_in(walker: Walker, person: Person) -> None:
    open_book(walker, person).press("address_add").fills_in_address("小李")
    walker.context.request.delete("/api/sessions/current", headers={"Origin": walker.guard.url})
    walker.press("address_save").is_at("/login?next=/account/addresses").sees("login_expired")
    walker.signs_in(person.name, person.password).sees("address_draft_kept").holds("address_receiver", "小李")
    walker.reads_region("广东省 深圳市 南山区").press("address_save").sees("address_added").has_addresses(1)


def test_the_form_does_not_load(walker: Walker, person: Person) -> None:
    walker.guard.expect(mishaps.NO_ANSWER)
    pattern = file_of("AddressForm.vue")
    walker.page.route(pattern, lambda route: route.abort())
    open_book(walker, person)
    walker.press("address_add").sees("page_failed")
    walker.page.unroute(pattern)
    walker.press("address_add").shows("address_receiver")


def file_of(source: str) -> str:
    """The address of what the build has made of it."""
    built = json.loads((Path(menpai.__file__).parent / "static/menpai/app/manifest.json").read_text(encoding="utf-8"))
    found = next(entry["file"] for name, entry in built.items() if source in name)
    return f"**/{found}"


def test_what_the_server_does_not_take_is_said_beside_the_field(walker: Walker, person: Person) -> None:
    open_book(walker, person)
    walker.press("address_add").fills_in_address("<b>小王</b>").press("address_save")
    field = walker.field("address_receiver")
    expect(field).to_have_accessible_description(re.compile(re.escape(walker.text("address_markup"))))
    expect(field).to_be_focused()
    for markup in ("&lt;b&gt;", "{{7*7}}${1}"):
        walker.fill("address_receiver", markup[:10]).press("address_save").sees("address_added")
        expect(walker.cards.filter(has_text=markup[:10])).to_be_visible()
        walker.press("address_add").fills_in_address()


# ── Another tab ──
@pytest.fixture
def other(walker: Walker, person: Person) -> Walker:
    """A second tab; both show one address."""
    walker.signs_in_as(person)
    save_address(walker, "小王", {"province": "北京市", "county": "东城区", "detail": DETAIL})
    walker.open("/account/addresses")
    found = walker.tab("/account/addresses")
    for tab in (walker, found):
        tab.has_addresses(1)
    return found


def test_an_address_that_was_deleted_in_the_other_tab(walker: Walker, other: Walker) -> None:
    other.acts("address_delete").has_addresses(0)
    walker.acts("address_delete").sees("address_not_found").has_addresses(0)


def test_what_was_typed_about_it_becomes_a_new_address(walker: Walker, other: Walker) -> None:
    walker.acts("address_edit").fill("address_receiver", "小李")
    other.acts("address_delete").has_addresses(0)
    walker.press("address_save").sees("address_not_found_kept").holds("address_receiver", "小李")
    walker.holds("address_detail", DETAIL)
    walker.press("address_save").sees("address_added").first_reads("小李")


def test_signed_out_in_the_other_tab(walker: Walker, other: Walker, person: Person) -> None:
    walker.acts("address_edit")
    other.press("sign_out")
    walker.is_at("/login?next=/account/addresses").sees("login_expired")
    walker.signs_in(person.name, person.password).is_at("/account/addresses").has_addresses(1)


def test_a_full_book_asks_to_delete_one_first(walker: Walker, person: Person) -> None:
    open_book(walker, person)
    for number in range(rules.LIVE_ADDRESSES):
        save_address(walker, f"小王{number}", {"address": "北京市东城区"})
    walker.reload().sees("address_full", limit=rules.LIVE_ADDRESSES)
    expect(walker.button("address_add")).to_have_attribute("aria-disabled", "true")
    walker.touch(walker.on_card("address_delete").last).sees("address_undo")
    walker.press("address_add").fills_in_address()
    save_address(walker, "小赵", {"address": "北京市东城区"})  # on another device
    walker.press("address_save")
    expect(walker.main.locator(".failure")).to_be_visible()
    walker.holds("address_detail", DETAIL)
