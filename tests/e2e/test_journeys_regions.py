"""Regions in the address book: the picker, regions that are no more, a long book."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from menpai import rules
from tests.customers import Person
from tests.e2e import axe, layout
from tests.e2e.states import save_address
from tests.e2e.walker import Walker

HANGZHOU = {"province": "浙江省", "city": "杭州市", "detail": "凯旋路 1 号", "postcode": "310000"}
# What is typed: what is found first.
TYPED = {
    "余杭": ("浙江省 杭州市 余杭区",),
    "杭州余杭": ("浙江省 杭州市 余杭区",),
    "yuhang": ("浙江省 杭州市 余杭区",),
    "hzyh": ("浙江省 杭州市 余杭区",),
    "330110": ("浙江省 杭州市 余杭区",),
    "江干": ("浙江省 杭州市 上城区", "浙江省 杭州市 钱塘区"),
    "东莞": ("广东省 东莞市",),
}
# Regions that lack a level.
SHORT = {
    "东莞": "广东省 东莞市",
    "zhongshan": "广东省 中山市",
    "儋州": "海南省 儋州市",
    "jyg": "甘肃省 嘉峪关市",
    "仙桃": "湖北省 仙桃市",
    "浦东": "上海市 浦东新区",
}


@pytest.fixture
def walker(walker: Walker, person: Person) -> Walker:
    return walker.signs_in_as(person)


def test_level_by_level_the_next_one_opens_by_itself(walker: Walker) -> None:
    walker.open("/account/addresses").press("address_add").touch(walker.region_field)
    for name in ("浙江省", "杭州市", "余杭区"):
        walker.touch(walker.option(name))
    walker.reads_region("浙江省 杭州市 余杭区").touch(walker.option("良渚街道"))
    expect(walker.page.get_by_role("dialog")).to_be_hidden()
    expect(walker.region_field).to_be_focused()
    walker.reads_region("浙江省 杭州市 余杭区 良渚街道")
    walker.fill("address_receiver", "小王").fill("address_mobile", "18667018590").fill("address_detail", "古墩路 8 号")
    walker.press("address_save").first_reads("浙江省杭州市余杭区 良渚街道古墩路 8 号")
    walker.acts("address_edit").reads_region("浙江省 杭州市 余杭区 良渚街道")
    walker.chooses_region("余杭区").press("address_save").first_reads("浙江省杭州市余杭区 古墩路 8 号")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_on_a_phone_the_regions_are_a_sheet(theme: str, arrive: Callable[..., Walker], person: Person) -> None:
    size = {"width": 360, "height": 740}
    walker = arrive(viewport=size, has_touch=True, is_mobile=True, color_scheme=theme).signs_in_as(person)
    walker.open("/account/addresses").press("address_add").touch(walker.region_field)
    expect(walker.option("北京市")).to_be_visible()
    box = walker.page.get_by_role("dialog").bounding_box()
    assert box
    assert (box["x"], box["width"], box["y"] + box["height"]) == (0, 360, 740)
    assert [*axe.violations(walker.page), *layout.faults(walker.page)] == []
    walker.touch(walker.option("浙江省")).touch(walker.option("杭州市")).touch(walker.option("余杭区"))
    expect(walker.option("良渚街道")).to_be_visible()
    assert [*axe.violations(walker.page), *layout.faults(walker.page)] == []
    walker.press("region_close").reads_region("浙江省 杭州市 余杭区")


def test_one_field_takes_characters_pinyin_initials_former_names_and_codes(walker: Walker) -> None:
    walker.open("/account/addresses").press("address_add").touch(walker.region_field)
    for typed, names in TYPED.items():
        walker.finds_regions(typed, *names)
    walker.finds_regions("江干", walker.text("region_former", name="江干区", year=2021))
    walker.finds_regions("没有这里").sees("region_no_match")


def test_levels_that_do_not_exist_are_skipped(walker: Walker) -> None:
    walker.open("/account/addresses").press("address_add")
    for typed, name in SHORT.items():
        walker.touch(walker.region_field).finds_regions(typed, name)
        walker.touch(walker.option(name)).touch(walker.option(walker.text("region_no_town"))).reads_region(name)
    walker.touch(walker.region_field).finds_regions("九龙", "香港特别行政区 九龙")
    walker.touch(walker.option("香港特别行政区 九龙").first)
    expect(walker.page.get_by_role("dialog").get_by_role("option").first).to_be_visible()


def test_the_last_used_comes_first(walker: Walker) -> None:
    save_address(walker, "小王", HANGZHOU | {"county": "余杭区", "region_code": "330110", "town": "良渚街道"})
    walker.open("/account/addresses").press("address_add").touch(walker.region_field)
    first = walker.page.get_by_role("dialog").get_by_role("option").first
    expect(first).to_contain_text(walker.text("region_recent"))
    walker.touch(first).reads_region("浙江省 杭州市 余杭区 良渚街道")


def test_a_region_that_is_another_now_is_told_once_and_taken_with_one_tap(walker: Walker, person: Person) -> None:
    for receiver in ("小王", "小李"):
        save_address(walker, receiver, HANGZHOU | {"county": "下城区"})
    walker.open("/account/addresses").sees("warning_renamed", was="下城区", year=2021, region="拱墅区")
    of_li = walker.cards.filter(has_text="小李")
    walker.press("warning_take", of_li, region="拱墅区").sees("address_added")
    expect(of_li).to_contain_text("浙江省杭州市拱墅区 凯旋路 1 号")
    expect(of_li).not_to_contain_text("下城区")
    text = walker.text("warning_renamed", was="下城区", year=2021, region="拱墅区")
    walker.press("warning_dismiss_of", text=text).sees_not("warning_dismiss")
    walker.reload().has_addresses(2).sees_not("warning_dismiss")
    expect(walker.cards.filter(has_text="小王")).to_contain_text("浙江省杭州市下城区 凯旋路 1 号")
    person.sign_in()
    assert {address["county"] for address in person.addresses()} == {"下城区", "拱墅区"}


def test_of_several_successors_the_customer_chooses(walker: Walker) -> None:
    save_address(walker, "小王", HANGZHOU | {"county": "江干区"})
    walker.open("/account/addresses").sees("warning_split", was="江干区", year=2021)
    walker.press("warning_take", region="浙江省杭州市钱塘区").first_reads("浙江省杭州市钱塘区 凯旋路 1 号")
    walker.sees_not("warning_split", was="江干区", year=2021)


def test_an_address_of_one_text_is_split_to_take_the_region_of_today(walker: Walker) -> None:
    save_address(walker, "小王", {"address": "浙江省杭州市下城区凯旋路 1 号", "postcode": ""})
    walker.open("/account/addresses").press("warning_take", region="拱墅区")
    walker.first_reads("浙江省杭州市拱墅区 凯旋路 1 号").sees_not("warning_dismiss")


def test_fifty_addresses_are_searched_and_filtered(walker: Walker) -> None:
    for number in range(rules.LIVE_ADDRESSES - 1):
        save_address(walker, f"小李{number}", {"address": f"北京市东城区珍贝大厦 {number} 号"}, tag="家")
        if number == 6:
            walker.open("/account/addresses").has_addresses(7)
            expect(walker.field("book_search")).to_have_count(0)
    walker.reload().has_addresses(rules.LIVE_ADDRESSES - 1)
    walker.page.mouse.wheel(0, 20_000)
    expect(walker.button("address_add")).to_be_in_viewport()
    walker.adds_address("小王").has_addresses(rules.LIVE_ADDRESSES)
    for typed, many in {"科技园": 1, "138 0013 8000": 1, "小李 48 号": 1, "小李": 49, "没有": 0}.items():
        walker.fill("book_search", typed).has_addresses(many)
    walker.sees("book_nothing").press("book_clear").has_focus("book_search").has_addresses(rules.LIVE_ADDRESSES)
    walker.fill("book_search", "小李1").field("book_tag").select_option("家")
    walker.has_addresses(11).sees("book_found", n=11)
