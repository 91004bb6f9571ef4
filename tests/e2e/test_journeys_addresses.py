"""The address book."""

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.customers import Person, an_address_v1
from tests.e2e.walker import Walker

WHOLE = "小王 18667018590 北京市东城区珠市口大街珍贝大厦2楼 100062"


@pytest.fixture
def walker(walker: Walker, person: Person) -> Walker:
    """Already in front of their book."""
    return walker.signs_in_as(person).open("/account/addresses")


def cards(walker: Walker) -> Locator:
    book = walker.main.get_by_role("listitem").filter(has=walker.page.get_by_role("button"))
    return book.filter(has_text=re.compile(r"\d{3} \d{4} \d{4}"))


def act(walker: Walker, key: str, receiver: str) -> None:
    """Press what stands on this receiver's card."""
    name = re.compile(f"^{re.escape(walker.text(key))}\\W+{re.escape(receiver)}\\W")
    walker.touch(walker.main.get_by_role("button", name=name))


def fill_in(walker: Walker, receiver: str) -> None:
    walker.fill("address_receiver", receiver).fill("address_mobile", "138 0013 8000")
    choose_region(walker, province="广东省", city="深圳市", county="南山区")
    walker.fill("address_detail", "科技园 8 栋 1001")


def choose_region(walker: Walker, **levels: str) -> None:
    for level, name in levels.items():
        walker.field(f"address_{level}").select_option(name)


def add(walker: Walker, receiver: str) -> None:
    walker.press("address_add")
    fill_in(walker, receiver)
    walker.press("address_save")
    expect(cards(walker).filter(has_text=receiver)).to_be_visible()


def is_default(walker: Walker, receiver: str) -> None:
    expect(cards(walker).first).to_contain_text(receiver)
    expect(cards(walker).first).to_contain_text(walker.text("address_default"))
    expect(cards(walker).filter(has_text=walker.text("address_default")).first).to_contain_text(receiver)


def test_from_an_empty_book_to_two_addresses_and_a_default(walker: Walker) -> None:
    walker.sees("address_none")
    add(walker, "小王")
    walker.sees("address_added")
    is_default(walker, "小王")
    expect(cards(walker).first).to_contain_text("广东省深圳市南山区 科技园 8 栋 1001")
    expect(cards(walker).first).to_contain_text("138 0013 8000")
    add(walker, "小李")
    expect(cards(walker)).to_have_count(2)
    is_default(walker, "小王")
    act(walker, "address_make_default", "小李")
    is_default(walker, "小李")
    walker.reload()
    is_default(walker, "小李")


def test_editing(walker: Walker) -> None:
    add(walker, "小王")
    act(walker, "address_edit", "小王")
    walker.holds("address_province", "440000").holds("address_detail", "科技园 8 栋 1001")
    walker.fill("address_receiver", "王先生")
    choose_region(walker, county="福田区")
    walker.press("address_save")
    expect(cards(walker).first).to_contain_text("王先生")
    walker.reload()
    expect(cards(walker)).to_have_count(1)
    expect(cards(walker).first).to_contain_text("广东省深圳市福田区 科技园 8 栋 1001")


def test_cancelling_changes_nothing(walker: Walker) -> None:
    add(walker, "小王")
    act(walker, "address_edit", "小王")
    walker.fill("address_receiver", "王先生").press("address_cancel")
    expect(cards(walker).first).to_contain_text("小王")


def test_a_deletion_is_taken_back(walker: Walker) -> None:
    add(walker, "小王")
    add(walker, "小李")
    act(walker, "address_delete", "小王")
    expect(cards(walker)).to_have_count(1)
    is_default(walker, "小李")
    walker.press("address_undo")
    expect(cards(walker)).to_have_count(2)
    is_default(walker, "小王")
    walker.reload()
    is_default(walker, "小王")


def test_a_deletion_that_is_not_taken_back_stays(walker: Walker) -> None:
    add(walker, "小王")
    act(walker, "address_delete", "小王")
    walker.sees("address_deleted").sees("address_none")
    walker.reload().sees("address_none")


def test_a_pasted_address_fills_the_form(walker: Walker) -> None:
    walker.press("address_add").touch(walker.page.get_by_text(walker.text("paste_open")))
    walker.paste("paste_label", WHOLE).sees("paste_check").holds("address_receiver", "小王")
    walker.holds("address_mobile", "18667018590").holds("address_detail", "珠市口大街珍贝大厦2楼")
    walker.holds("address_postcode", "100062")
    walker.press("address_save")
    expect(cards(walker).first).to_contain_text("北京市东城区 珠市口大街珍贝大厦2楼")


def test_what_is_left_out_of_a_pasted_address_is_named(walker: Walker) -> None:
    walker.press("address_add").touch(walker.page.get_by_text(walker.text("paste_open")))
    walker.fill("paste_label", "小王 杭州市西湖区文三路100号").press("paste_do")
    walker.sees("paste_not_found", fields=walker.text("address_mobile")).holds("address_mobile", "")


def test_a_tag_of_ones_own(walker: Walker) -> None:
    walker.press("address_add")
    fill_in(walker, "小王")
    walker.page.get_by_role("radio", name=walker.text("address_tag_other")).check(force=True)
    walker.fill("address_tag_custom", "外婆家").press("address_save")
    expect(cards(walker).first).to_contain_text("外婆家")


def test_a_municipality_has_districts_and_no_cities(walker: Walker) -> None:
    walker.press("address_add")
    fill_in(walker, "小王")
    choose_region(walker, province="上海市", county="浦东新区")
    walker.press("address_save")
    expect(cards(walker).first).to_contain_text("上海市浦东新区 科技园 8 栋 1001")


def test_an_address_of_the_first_generation_is_shown_and_edited(walker: Walker, person: Person) -> None:
    """It came through /v1, as one text without a region."""
    person.sign_in()
    person.add_address(**an_address_v1(address="老街 12 号，进门左转"))
    walker.reload()
    expect(cards(walker).first).to_contain_text("老街 12 号，进门左转")
    act(walker, "address_edit", "小王")
    walker.holds("address_detail", "老街 12 号，进门左转")
    walker.fill("address_detail", "老街 13 号").press("address_save")
    expect(cards(walker).first).to_contain_text("老街 13 号")
    assert [one["address"] for one in person.addresses()] == ["老街 13 号"]


def test_a_first_generation_address_is_given_its_region(walker: Walker, person: Person) -> None:
    person.sign_in()
    person.add_address(**an_address_v1(address="老街 12 号"))
    walker.reload()
    act(walker, "address_edit", "小王")
    choose_region(walker, province="浙江省", city="杭州市", county="西湖区")
    walker.press("address_save")
    expect(cards(walker).first).to_contain_text("浙江省杭州市西湖区 老街 12 号")
    assert [one["address"] for one in person.addresses()] == ["浙江省杭州市西湖区老街 12 号"]
