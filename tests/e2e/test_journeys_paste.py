"""Pasting an address: from a chat, an order page, a label. The server reads it, the form shows it, nothing is lost."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from menpai import rules
from tests.customers import Person
from tests.e2e import axe
from tests.e2e.mishaps import slow
from tests.e2e.walker import Walker

WHOLE = "小王 18667018590 北京市东城区珠市口大街珍贝大厦2楼 100062"
# Text: receiver, number, region, street, postcode.
PASTES = {
    "麻烦寄到：浙江省杭州市余杭区良渚街道古墩路 88 号 3 幢 501，林晓燕 13867412095，谢谢": (
        *("林晓燕", "13867412095", "浙江省 杭州市 余杭区 良渚街道", "古墩路 88 号 3 幢 501", ""),
    ),
    "收货人：周建国\n手机号码：138 0571 2233\n所在地区：江苏省 苏州市 昆山市 玉山镇\n"
    "详细地址：人民南路 12 号\n邮政编码：215300": (
        *("周建国", "13805712233", "江苏省 苏州市 昆山市 玉山镇", "人民南路 12 号", "215300"),
    ),
    "订单编号：3817265540021938\n收件人: 陈静[7839]\n电话: 18412345678-7839\n地址: 广东省东莞市南城街道鸿福路 200 号": (
        *("陈静", "18412345678-7839", "广东省 东莞市 南城街道", "鸿福路 200 号", ""),
    ),
    "马志远，010-65551234转802，北京朝阳区建国路 93 号万达广场 8 号楼": (
        *("马志远", "010-65551234-802", "北京市 朝阳区", "建国路 93 号万达广场 8 号楼", ""),
    ),
    "收件信息 阿卜杜热依木江·买买提艾力 15199001122 新疆喀什地区喀什市人民西路 6 号": (
        *("阿卜杜热依木江·买买提艾力", "15199001122", "新疆维吾尔自治区 喀什地区 喀什市", "人民西路 6 号", ""),
    ),
    "我搬家啦，新地址重庆市渝中区解放碑街道民权路 28 号 电话17723456789 何雨欣收": (
        *("何雨欣", "17723456789", "重庆市 渝中区 解放碑街道", "民权路 28 号", ""),
    ),
    "寄：湖北省仙桃市干河街道仙桃大道 9 号 刘洋 027-85551234": (
        *("刘洋", "027-85551234", "湖北省 仙桃市 干河街道", "仙桃大道 9 号", ""),
    ),
    "姓名 苏婉清 电话 +86 139 1234 5678 省市区 上海市浦东新区 地址 张杨路 500 号 12 楼 200122": (
        *("苏婉清", "13912345678", "上海市 浦东新区", "张杨路 500 号 12 楼", "200122"),
    ),
}


@pytest.fixture
def walker(walker: Walker, person: Person) -> Walker:
    """Already in front of a new address."""
    return walker.signs_in_as(person).open("/account/addresses").press("address_add").has_focus("paste_label")


def reads(walker: Walker, text: str) -> Walker:
    return walker.fill("paste_label", text).press("paste_do")


def test_eight_texts_one_after_the_other_leave_nothing_of_the_one_before(walker: Walker) -> None:
    for text, (receiver, number, region, detail, postcode) in PASTES.items():
        reads(walker, text).holds("address_receiver", receiver).holds("address_mobile", number)
        walker.reads_region(region).holds("address_detail", detail).holds("address_postcode", postcode)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_on_a_phone(theme: str, arrive: Callable[..., Walker], person: Person) -> None:
    size = {"width": 360, "height": 740}
    walker = arrive(viewport=size, has_touch=True, is_mobile=True, color_scheme=theme)
    walker.signs_in_as(person).open("/account/addresses").press("address_add").paste("paste_label", WHOLE)
    walker.sees("paste_check").holds("address_receiver", "小王").holds("address_mobile", "18667018590")
    walker.reads_region("北京市 东城区").holds("address_detail", "珠市口大街珍贝大厦2楼").holds(
        "address_postcode", "100062"
    )
    assert axe.violations(walker.page) == []
    walker.press("address_save").first_reads("北京市东城区 珠市口大街珍贝大厦2楼")


def test_what_is_left_out_is_named_and_emptied(walker: Walker) -> None:
    walker.paste("paste_label", WHOLE).sees("paste_check")
    walker.paste("paste_label", "小李 杭州市西湖区文三路100号")  # in the place of the first text
    walker.sees("paste_not_found", fields=walker.text("address_mobile")).holds("address_receiver", "小李")
    walker.holds("address_mobile", "").holds("address_postcode", "").holds(
        "paste_label", "小李 杭州市西湖区文三路100号"
    )


def test_a_text_without_an_address_takes_back_what_the_last_one_filled_in_and_nothing_else(walker: Walker) -> None:
    reads(walker, WHOLE).sees("paste_check").fill("address_detail", "珍贝大厦 3 楼")
    reads(walker, "你在吗").sees("paste_nothing").reads("你在吗")
    walker.holds("address_receiver", "").holds("address_mobile", "").holds("address_detail", "珍贝大厦 3 楼")


def test_what_no_rule_took_is_shown_and_goes_to_the_street_by_one_press(walker: Walker) -> None:
    reads(walker, "门口有狗小心 张三 13800138000 备用 010-65551234 浙江省杭州市西湖区文三路 1 号")
    walker.holds("address_receiver", "张三").reads("010-65551234").reads("门口有狗小心")
    walker.touch(walker.button("paste_append").last).holds("address_detail", "文三路 1 号 门口有狗小心")
    expect(walker.button("paste_append")).to_have_count(1)


def test_several_regions_fit_and_the_customer_chooses(walker: Walker) -> None:
    reads(walker, "朝阳区建国路 1 号 张三 13800138000").sees("warning_open", was="朝阳区")
    walker.reads_region(walker.text("region_choose")).press("address_save").is_refused(walker.region_field)
    walker.touch(walker.page.get_by_role("button", name="吉林省 长春市 朝阳区")).reads_region("吉林省 长春市 朝阳区")
    walker.press("address_save").first_reads("吉林省长春市朝阳区 建国路 1 号")


def test_warnings_say_what_to_do_and_stop_nothing(walker: Walker) -> None:
    reads(walker, "张三 13800138000 浙江省杭州市下城区朝晖路")
    walker.sees("warning_renamed", was="下城区", year=2021, region="拱墅区").sees("warning_house_number")
    walker.reads_region("浙江省 杭州市 拱墅区").press("address_save").sees("address_added")
    walker.first_reads("浙江省杭州市拱墅区 朝晖路")
    expect(walker.cards.first).not_to_contain_text(walker.text("warning_house_number"))  # it was told already


def test_a_long_text_is_neither_cut_nor_sent(walker: Walker) -> None:
    text = "很长" * (rules.PASTED_LENGTH // 2) + "的"
    reads(walker, text).sees("paste_long").holds("paste_label", text)


def test_a_long_name_and_a_landline_are_pasted_corrected_and_kept(walker: Walker) -> None:
    name = "阿卜杜热依木江·买买提艾力"
    walker.paste("paste_label", f"{name} (010)6555-1234转802 北京市东城区珠市口大街珍贝大厦2楼").sees("paste_check")
    walker.holds("address_receiver", name).holds("address_mobile", "010-65551234-802")
    for number, reason in (("65551234", "area_code"), ("1866701859", "digits")):
        walker.fill("address_mobile", number).press("address_save")
        walker.is_refused("address_mobile").sees(f"address_number_{reason}")
    walker.fill("address_mobile", "（010）6555 1234 转 802").press("address_save")
    walker.first_reads(name, walker.text("address_extension", number="010-65551234", extension="802"))
    walker.acts("address_edit").holds("address_mobile", "010-65551234-802").fill("address_detail", "2 号")
    walker.press("address_save").first_reads(name, "2 号")


def test_it_shows_that_it_is_reading(walker: Walker) -> None:
    with slow(walker, "/api/addresses/parse") as held:
        reads(walker, WHOLE)
        expect(walker.page.get_by_role("button", name=re.compile(re.escape(walker.text("paste_busy"))))).to_be_visible()
        held.go()
        walker.sees("paste_check").holds("address_receiver", "小王")
