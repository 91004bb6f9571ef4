"""Who receives a parcel: names of forty characters, landlines, 400 and 800, numbers of regions that the shop allows.

At /api they are new values; at /v1 they are what a row may hold already, and the published limits hold for the rest.
"""

import pytest

from menpai.models import Address
from tests.customers import Person, an_address, an_address_v1, somebody

UYGHUR, TIBETAN, FIRM = "阿卜杜热依木江·买买提艾力", "བསྟན་འཛིན་རྒྱ་མཚོ", "杭州某某网络科技有限公司（收货部）"
LANDLINE, HOTLINE, HONG_KONG = "010-65551234", "4008001234", "+85291234567"
NAMES = [UYGHUR, TIBETAN, FIRM, "Alexander Hamilton", "王" * 40, "\ufeff" + "王" * 40 + "\u200b"]
NUMBERS = {
    "010-65551234": LANDLINE,
    "０１０ ６５５５ １２３４": LANDLINE,
    "+86 10 6555-1234": LANDLINE,
    "(0571) 88886666 转 802": "0571-88886666-802",
    "400-800-1234": HOTLINE,
    "800 810 8888": "8008108888",
    "+86 138 0013 8000": "13800138000",
}
REFUSED = {  # what is sent: the reason that is told in both languages
    ("receiver", "王" * 41): ("收货人不能超过 40 个字。", "The recipient can have up to 40 characters."),
    ("receiver", " "): ("请填写此项。", "This field is required."),
    ("mobile", ""): ("请填写此项。", "This field is required."),
    ("mobile", "65551234"): ("座机号请加上区号，如 010-65551234。", "area code"),
    ("mobile", "1866701859"): ("手机号应为 11 位数字。", "11 digits"),
    ("mobile", "+852 9123 4567"): ("这里不能填写该国家或地区的号码。", "country or region"),
    ("mobile", "010-6555"): ("请填写手机号、带区号的座机号或 400/800 号码。", "landline"),
    ("tag", "x" * 11): ("标签不能超过 10 个字。", "up to 10 characters"),
    ("extension", "12345678"): ("分机号为 1 至 6 位数字。", "one to six digits"),
    ("extension", "转"): ("分机号为 1 至 6 位数字。", "one to six digits"),
    ("address", "x" * 201): ("地址不能超过 200 个字。", "up to 200 characters"),
}


@pytest.fixture
def person(http):
    return somebody(http)


def send(person: Person, method: str, path: str, **fields: str):
    return person.http.request(method, f"/api/me/addresses{path}", json=an_address(**fields), headers=person.auth)


def added(person: Person, **fields: str) -> dict:
    answer = send(person, "POST", "", **fields)
    assert answer.status_code == 201, answer.text
    return max(answer.json()["addresses"], key=lambda address: address["id"])


@pytest.mark.parametrize("name", NAMES)
def test_a_receiver_may_have_forty_characters(person, name):
    first = added(person)
    assert added(person, receiver=name)["receiver"] == name.strip("\ufeff\u200b")
    assert send(person, "PUT", f"/{first['id']}", receiver=name).status_code == 200
    assert {row["receiver"] for row in person.addresses()} == {name.strip("\ufeff\u200b")}  # whole at /v1 too


@pytest.mark.parametrize(("typed", "stored"), NUMBERS.items())
def test_a_receiver_may_have_a_landline_or_a_hotline(person, typed, stored):
    first = added(person)
    row = added(person, mobile=typed)
    number, extension = (stored.removesuffix("-802"), "802") if stored.endswith("-802") else (stored, "")
    assert (row["mobile"], row["extension"]) == (number, extension)
    assert send(person, "PUT", f"/{first['id']}", mobile=typed).status_code == 200
    assert {row["receiver_mobile"] for row in person.addresses()} == {stored}


@pytest.mark.parametrize("typed", ["+852 9123 4567", "+852 2345 6789"])
def test_a_receiver_may_have_a_number_of_a_region_that_the_shop_allows(person, settings, typed):
    settings.MENPAI_MOBILE_REGIONS = ["CN", "HK"]
    assert added(person, mobile=typed)["mobile"] == typed.replace(" ", "")
    assert added(person, mobile="13800138000")
    settings.MENPAI_MOBILE_REGIONS = ["HK"]
    assert added(person, mobile=LANDLINE), "the mainland's always"


@pytest.mark.parametrize(("sent", "reasons"), REFUSED.items())
def test_each_refusal_names_its_field_and_its_own_reason(person, sent, reasons):
    field, text = sent
    first = added(person)
    for method, path in (("POST", ""), ("PUT", f"/{first['id']}")):
        answer = send(person, method, path, **{field: text})
        assert answer.status_code == 422, answer.text
        [error] = answer.json()["errors"]
        assert (error["field"], error["details"]["zh-CN"]) == (field, reasons[0])
        assert reasons[1] in error["details"]["en"]
    assert Address.objects.count() == 1


# ── /v1 ──
@pytest.fixture
def held(person, settings):
    """A row that /v1 could not have made: in each field more than its limits allow."""
    row = added(person, receiver=UYGHUR, mobile=LANDLINE)
    Address.objects.filter(pk=row["id"]).update(tag="<家>", address="<1号>", postcode="<1>")
    return person.addresses()[0]


def edit(person: Person, row: dict, **changes: object) -> dict:
    fields = {name: row[name] for name in ("receiver", "receiver_mobile", "address", "tag", "postcode")}
    return person.put(f"{person.book}/{row['id']}", **fields | changes)


@pytest.mark.parametrize(
    ("field", "new"),
    [
        *[("receiver", "小李"), ("receiver_mobile", "13800138000"), ("tag", "家"), ("postcode", "200000")],
        *[("address", "上海市黄浦区1号"), ("receiver_mobile", "01065551234"), ("tag", "家")],
    ],
)
def test_v1_edits_each_field_by_itself_and_what_the_row_holds_passes(person, held, field, new):
    answer = edit(person, held, **{field: new})
    assert answer["code"] == 200, answer
    unchanged = {**held, field: LANDLINE if new == "01065551234" else new}
    assert answer["addresslist"] == [unchanged]


@pytest.mark.parametrize(
    ("field", "new", "code"),
    [
        *[("receiver", TIBETAN, 10115), ("receiver", UYGHUR + "x", 10115), ("receiver", "", 10115)],
        *[("receiver_mobile", "010-65551235", 10117), ("receiver_mobile", HOTLINE, 10117), ("tag", "x" * 11, 10119)],
        *[("address", "x" * 101, 10116), ("receiver_mobile", f"{LANDLINE}-8", 10117), ("postcode", "12345678", 10118)],
    ],
)
def test_v1_keeps_its_limits_for_values_that_the_row_does_not_hold(person, held, field, new, code):
    assert edit(person, held, **{field: new})["code"] == code
    fields = {"receiver_phone" if field == "receiver_mobile" else field: new}
    assert person.post(person.book, **an_address_v1(**fields))["code"] == code
    assert person.addresses() == [held]


def test_v1_judges_the_fields_before_it_says_that_an_address_is_unknown_or_its_id_unreadable(person, held):
    for number in (held["id"] + 1, "x"):
        assert edit(person, {**held, "id": number}, tag="家")["code"] == 10115
        short = {"receiver": "小李", "receiver_mobile": "13800138000", "address": "北京市"}
        assert edit(person, {**held, "id": number}, tag="家", postcode="", **short)["code"] == 10118
        code = 10122 if number == "x" else 10114
        assert edit(person, {**held, "id": number}, tag="家", postcode="1", **short)["code"] == code


def test_a_number_of_a_region_that_is_allowed_no_more_stays_editable(person, settings):
    settings.MENPAI_MOBILE_REGIONS = ["CN", "HK"]
    row = added(person, mobile=HONG_KONG)
    settings.MENPAI_MOBILE_REGIONS = ["CN"]
    assert send(person, "PUT", f"/{row['id']}", mobile=HONG_KONG, receiver="小李").status_code == 200
    assert edit(person, person.addresses()[0], receiver="小张")["code"] == 200
    assert send(person, "POST", "", mobile=HONG_KONG).status_code == 422


# ── Staff ──
def test_lists_of_staff_mask_landlines_too_and_the_page_shows_the_name_whole(staff, http):
    row = added(somebody(http), receiver=UYGHUR, mobile=LANDLINE)
    listed = staff.get("/admin/menpai/address/").content.decode()
    assert "010-****1234" in listed and "65551234" not in listed
    assert UYGHUR in staff.get(f"/admin/menpai/address/{row['id']}/change/").content.decode()
