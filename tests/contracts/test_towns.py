"""The town of an address, the extension of its number and its longer text, back and forth between the generations.

/v1 has no fields for them: the town stands in front of the detail there, the extension behind the number.
"""

import pytest

from menpai.models import Address
from tests.customers import an_address_in_parts, an_address_v1, somebody

TOWN = {"town": "余杭街道", "region_code": "330110", "town_code": "330110001"}
YUHANG = an_address_in_parts(province="浙江省", city="杭州市", county="余杭区", detail="文一西路969号", **TOWN)
PARTS = ("province", "city", "county", "detail")


@pytest.fixture
def person(http):
    return somebody(http)


def send(person, method, path="", **fields):
    answer = person.http.request(method, f"/api/me/addresses{path}", json=fields, headers=person.auth)
    assert answer.status_code < 300, answer.text
    [row] = answer.json()["addresses"]
    del row["warnings"]
    return row


@pytest.fixture
def row(person):
    return send(person, "POST", **YUHANG, extension="0123")


def read(person):
    return send(person, "GET")


def edit_v1(person, row, **changes):
    """An edit by a published page, which sends back what it was shown."""
    shown = person.addresses()[0]
    names = ("receiver", "receiver_mobile", "tag", *changes.pop("sent", ("address",)))
    sent = {name: shown[name] for name in names} | changes
    answer = person.put(f"{person.book}/{row['id']}", **sent)
    assert answer["code"] == 200, answer
    return read(person)


def test_an_address_has_a_town_with_its_code_and_an_extension(person, row):
    assert row | YUHANG | {"extension": "0123"} == row
    assert row["address"] == "浙江省杭州市余杭区余杭街道文一西路969号"
    assert send(person, "PUT", f"/{row['id']}", **row) == row, "sent back as it was answered"
    nine = an_address_in_parts(town="前门街道", region_code="110101002")
    assert send(person, "PUT", f"/{row['id']}", **nine) | {"region_code": "110101", "town_code": "110101002"} == read(
        person
    )


def test_v1_shows_the_town_in_front_of_the_detail_and_the_extension_behind_the_number(person, row):
    [shown] = person.addresses()
    assert shown["detail"] == "余杭街道文一西路969号"
    assert shown["address"] == "".join(shown[name] for name in PARTS)
    assert shown["receiver_mobile"] == "18667018590-0123"


@pytest.mark.parametrize("sent", [("address",), PARTS], ids=["first generation", "second generation"])
def test_a_published_page_that_sends_back_what_it_was_shown_changes_nothing_else(person, row, sent):
    assert edit_v1(person, row, receiver="小李", sent=sent) == row | {"receiver": "小李"}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"detail": "余杭街道文二西路1号"}, {"detail": "文二西路1号"}),
        ({"detail": "文二西路1号"}, {"town": "", "town_code": None, "detail": "文二西路1号"}),
        ({"detail": "余杭街道"}, {"town": "", "town_code": None, "detail": "余杭街道"}),
        (
            {"county": "西湖区", "detail": "文二西路1号"},
            {"county": "西湖区", "town": "", "town_code": None, "region_code": None, "detail": "文二西路1号"},
        ),
        ({"receiver_mobile": "18667018590"}, {"extension": ""}),
        ({"receiver_mobile": "13800138000"}, {"mobile": "13800138000", "extension": ""}),
    ],
)
def test_a_published_page_that_changes_a_part_changes_that_part(person, row, changes, expected):
    changed = edit_v1(person, row, sent=PARTS, **changes)
    text = "".join(changed[name] for name in ("province", "city", "county", "town", "detail"))
    assert changed == row | expected | {"address": text}


def test_a_published_page_that_writes_another_text_leaves_no_part_behind(person, row):
    changed = edit_v1(person, row, address="上海市黄浦区1号")
    assert changed["address"] == "上海市黄浦区1号"
    assert [changed[name] for name in (*PARTS, "town")] == [""] * 5
    assert (changed["region_code"], changed["town_code"], changed["extension"]) == (None, None, "0123")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, {}),
        ({"detail": "余杭街道文二西路1号"}, {"detail": "文二西路1号"}),
        ({"detail": "文二西路1号"}, {"detail": "文二西路1号"}),
        ({"town": ""}, {"town": "", "town_code": None}),
        ({"town": "仓前街道"}, {"town": "仓前街道", "town_code": None}),
        ({"extension": ""}, {"extension": ""}),
        ({"mobile": "13800138000"}, {"mobile": "13800138000", "extension": ""}),
        ({"mobile": "18667018590 转 45"}, {"extension": "45"}),
    ],
)
def test_a_page_of_ours_that_knows_neither_keeps_them(person, row, changes, expected):
    sent = {name: row[name] for name in ("receiver", "mobile", "tag", *PARTS)} | changes
    changed = send(person, "PUT", f"/{row['id']}", **sent)
    text = "".join(changed[name] for name in ("province", "city", "county", "town", "detail"))
    assert changed == row | expected | {"address": text}


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ({"detail": "余杭街道文二西路1号"}, {"detail": "文二西路1号"}),
        ({"detail": "文二西路1号"}, {"town": "", "town_code": None, "detail": "文二西路1号"}),
        (
            {"county": "西湖区", "region_code": "330106"},
            {"county": "西湖区", "region_code": "330106", "town_code": None},
        ),
        ({"mobile": "13800138000"}, {"mobile": "13800138000", "extension": ""}),
    ],
)
def test_what_the_version_before_writes_into_the_row_is_read_as_it_was_meant(person, row, written, expected):
    """It writes the columns that it knows, and leaves the town's as they were."""
    Address.objects.filter(pk=row["id"]).update(**written)
    assert read(person) == row | expected


@pytest.mark.parametrize("code", ["330106001", "33011000", "3301100011", "x", "", None])
def test_a_code_that_is_of_no_town_in_the_county_is_left_out(person, code):
    row = send(person, "POST", **(YUHANG | {"town_code": code}))
    assert (row["town"], row["region_code"], row["town_code"]) == ("余杭街道", "330110", None)


def test_v1_answers_long_addresses_whole_and_takes_back_what_it_was_shown(person):
    row = send(person, "POST", **(YUHANG | {"detail": "文" * 180}))
    assert len(person.addresses()[0]["address"]) == 193
    assert edit_v1(person, row, receiver="小李", sent=PARTS)["detail"] == row["detail"]
    assert edit_v1(person, row, receiver="小张")["detail"] == row["detail"]
    new = {name: value for name, value in an_address_v1().items() if name != "address"}
    for place in ({"address": "x" * 101}, dict.fromkeys(PARTS, "x" * 26)):
        assert person.put(f"{person.book}/{row['id']}", **new, **place)["code"] == 10116
        assert person.post(person.book, **new, **place)["code"] == 10116


def test_staff_read_the_town_and_the_extension(staff, row):
    page = staff.get(f"/admin/menpai/address/{row['id']}/change/").content.decode()
    assert row["address"] in page and "18667018590-0123" in page
    listed = staff.get("/admin/menpai/address/").content.decode()
    assert "186****8590" in listed and "0123" not in listed
