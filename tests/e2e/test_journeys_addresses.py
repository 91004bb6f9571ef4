"""The address book."""

import pytest

from tests.customers import Person, an_address_v1
from tests.e2e.walker import Walker


@pytest.fixture
def walker(walker: Walker, person: Person) -> Walker:
    """Already in front of their book."""
    return walker.signs_in_as(person).open("/account/addresses")


def test_from_an_empty_book_to_two_addresses_and_a_default(walker: Walker) -> None:
    walker.sees("address_none")
    walker.adds_address("小王").sees("address_added").default_is("小王")
    walker.first_reads("广东省深圳市南山区 科技园 8 栋 1001").first_reads("138 0013 8000")
    walker.adds_address("小李").has_addresses(2).default_is("小王")
    walker.acts("address_make_default", "小李").default_is("小李")
    walker.reload().default_is("小李")


def test_editing(walker: Walker) -> None:
    walker.adds_address("小王").acts("address_edit", "小王")
    walker.reads_region("广东省 深圳市 南山区").holds("address_detail", "科技园 8 栋 1001")
    walker.fill("address_receiver", "王先生").chooses_region("福田区").press("address_save")
    walker.first_reads("王先生")
    walker.reload().has_addresses(1).first_reads("广东省深圳市福田区 科技园 8 栋 1001")


def test_cancelling_changes_nothing(walker: Walker) -> None:
    walker.adds_address("小王").acts("address_edit", "小王")
    walker.fill("address_receiver", "王先生").press("address_cancel").first_reads("小王")


def test_a_deletion_is_taken_back(walker: Walker) -> None:
    walker.adds_address("小王").adds_address("小李").acts("address_delete", "小王")
    walker.has_addresses(1).default_is("小李")
    walker.press("address_undo").has_addresses(2).default_is("小王")
    walker.reload().default_is("小王")


def test_a_deletion_that_is_not_taken_back_stays(walker: Walker) -> None:
    walker.adds_address("小王").acts("address_delete", "小王")
    walker.sees("address_deleted").sees("address_none")
    walker.reload().sees("address_none")


def test_a_tag_of_ones_own(walker: Walker) -> None:
    walker.press("address_add").fills_in_address()
    walker.page.get_by_role("radio", name=walker.text("address_tag_other")).check(force=True)
    walker.fill("address_tag_custom", "外婆家").press("address_save").first_reads("外婆家")


def test_a_municipality_has_districts_and_no_cities(walker: Walker) -> None:
    walker.press("address_add").fills_in_address().chooses_region("上海市 浦东新区")
    walker.press("address_save").first_reads("上海市浦东新区 科技园 8 栋 1001")


def test_an_address_of_the_first_generation_is_shown_and_edited(walker: Walker, person: Person) -> None:
    """It came through /v1, as one text without a region."""
    person.sign_in()
    person.add_address(**an_address_v1(address="老街 12 号，进门左转"))
    walker.reload().first_reads("老街 12 号，进门左转")
    walker.acts("address_edit", "小王").holds("address_detail", "老街 12 号，进门左转")
    walker.fill("address_detail", "老街 13 号").press("address_save").first_reads("老街 13 号")
    assert [one["address"] for one in person.addresses()] == ["老街 13 号"]


def test_a_first_generation_address_is_given_its_region(walker: Walker, person: Person) -> None:
    person.sign_in()
    person.add_address(**an_address_v1(address="老街 12 号"))
    walker.reload().acts("address_edit", "小王").chooses_region("浙江省 杭州市 西湖区")
    walker.press("address_save").first_reads("浙江省杭州市西湖区 老街 12 号")
    assert [one["address"] for one in person.addresses()] == ["浙江省杭州市西湖区老街 12 号"]


def test_the_region_in_an_address_of_one_text_is_moved_to_its_field(walker: Walker, person: Person) -> None:
    person.sign_in()
    person.add_address(**an_address_v1(address="浙江省杭州市西湖区文三路 12 号"))
    walker.reload().acts("address_edit", "小王").press("address_region_split").reads_region("浙江省 杭州市 西湖区")
    walker.holds("address_detail", "文三路 12 号").press("address_save")
    walker.first_reads("浙江省杭州市西湖区 文三路 12 号")
