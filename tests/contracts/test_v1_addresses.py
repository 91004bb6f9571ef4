"""dada.md, the address book: list, add, edit, delete, default."""

import pytest

from menpai.models import Address
from tests.customers import an_address_v1, body, somebody

KEYS = {
    *("id", "address", "receiver", "receiver_mobile", "tag", "postcode", "is_default"),
    *("province", "city", "county", "detail"),
}


@pytest.fixture
def person(http):
    return somebody(http)


@pytest.mark.parametrize("slash", ["", "/"])
def test_get_address_lists_the_default_first_then_newest_first(person, slash):
    ids = [person.add_address(receiver=f"第{n}位")[-1 if n == 0 else 1]["id"] for n in range(3)]
    answer = person.get(person.book + slash)
    assert set(answer) == {"code", "addresslist"}
    assert [one["id"] for one in answer["addresslist"]] == [ids[0], ids[2], ids[1]]
    assert [one["is_default"] for one in answer["addresslist"]] == [True, False, False]
    assert set(answer["addresslist"][0]) == KEYS


def test_post_address_adds_and_answers_the_whole_book(person):
    answer = person.post(person.book, **an_address_v1())
    assert (answer["code"], answer["data"]) == (200, "新增地址成功！")
    one = answer["addresslist"][0]
    assert one | an_address_v1() | {"receiver_mobile": "18667018590", "is_default": True} == one | {
        "receiver_phone": "18667018590"
    }


def test_aliases_and_other_spellings_are_understood(person):
    sent = an_address_v1()
    sent["receiver_mobile"] = sent.pop("receiver_phone")
    sent["Address"] = sent.pop("address")
    assert person.post(person.book, **sent)["code"] == 200
    contradicted = an_address_v1(receiver_mobile="13800138000")
    assert person.post(person.book, **contradicted)["code"] == 10100


def test_a_first_generation_edit_that_leaves_the_text_alone_keeps_the_parts(person):
    parts = {"province": "广东省", "city": "东莞市", "county": "", "detail": "长安镇1号"}
    sent = {key: value for key, value in an_address_v1().items() if key != "address"} | parts
    one = person.post(person.book, **sent)["addresslist"][0]
    edit = {"receiver": "小李", "receiver_mobile": one["receiver_mobile"], "tag": "家"}
    kept = person.put(f"{person.book}/{one['id']}", address=one["address"], **edit)["addresslist"][0]
    assert (kept["receiver"], kept["province"], kept["detail"]) == ("小李", "广东省", "长安镇1号")
    gone = person.put(f"{person.book}/{one['id']}", address="上海市黄浦区1号", **edit)["addresslist"][0]
    assert (gone["address"], gone["province"], gone["detail"]) == ("上海市黄浦区1号", "", "")


@pytest.mark.parametrize(
    ("code", "field", "values"),
    [
        (
            10115,
            "receiver",
            [None, "", " ", "一二三四五六七八九十一", "<b>", "a>b", "王\x07小", "\u200b", "\t\n"],
        ),
        (10116, "address", [None, "", "x" * 101, "<script>", "北京\x1b市", "\u2066", "\ufdd0"]),
        (10117, "receiver_phone", [None, "", "123", "01012345678", "1866701859", "186670185901", "abc"]),
        (10118, "postcode", [None, "", "12345678", "１０００６２１１", "<100>", "邮编"]),
        (10119, "tag", [None, "", "一二三四五六七八九十一", "<i>", "公\x9b司"]),
    ],
)
def test_ruling_4_address_fields_on_post(person, code, field, values):
    for value in values:
        answer = person.post(person.book, **an_address_v1(**{field: value}))
        assert answer["code"] == code, (value, answer)
    assert Address.objects.count() == 0


def test_a_receiver_of_ten_characters_fits_on_post_and_put(person):
    one = person.post(person.book, **an_address_v1(receiver="一二三四五六七八九十"))["addresslist"][0]
    assert person.put(f"{person.book}/{one['id']}", **an_address_v1(receiver="十九八七六五四三二一"))["code"] == 200


def test_put_address_edits_and_a_missing_postcode_keeps_the_old_one(person):
    one = person.add_address()[0]
    sent = {"receiver": "小李", "receiver_mobile": "13800138000", "address": "上海市", "tag": "家", "id": one["id"]}
    answer = person.put(f"{person.book}/{one['id']}", **sent)
    assert (answer["code"], answer["data"]) == (200, "地址修改成功！")
    changed = answer["addresslist"][0]
    assert (changed["receiver"], changed["postcode"]) == ("小李", "100062")
    assert person.put(f"{person.book}/{one['id']}", **sent, postcode="200000")["addresslist"][0]["postcode"] == "200000"


def test_put_with_a_bad_field_or_10123_without_one_changes_nothing(person):
    one = person.add_address()[0]
    path = f"{person.book}/{one['id']}"
    numbers = {"receiver": 10115, "address": 10116, "receiver_phone": 10117, "postcode": 10118, "tag": 10119}
    for field, code in numbers.items():
        assert person.put(path, **an_address_v1(**{field: "<b>"}))["code"] == code
        if field != "postcode":
            answer = person.put(path, **an_address_v1(**{field: None}))
            assert (answer["code"], answer["error"]) == (10123, "修改地址参数有误")
    assert person.addresses() == [one]


def test_10122_an_id_in_the_body_that_contradicts_the_path(person):
    one = person.add_address()[0]
    for other in (one["id"] + 1, "x", "9" * 19):
        assert person.put(f"{person.book}/{one['id']}", **an_address_v1(id=other))["code"] == 10122
    assert person.put(f"{person.book}/{one['id']}", **an_address_v1(id=str(one["id"])))["code"] == 200


def test_delete_address_is_soft_and_ignores_a_body(http, person):
    one = person.add_address()[0]
    answer = body(http.request("DELETE", f"{person.book}/{one['id']}", content=b"not json", headers=person.auth))
    assert answer == {"code": 200, "data": "删除地址成功", "addresslist": []}
    assert Address.objects.get(pk=one["id"]).deleted_at is not None


@pytest.mark.parametrize("shape", ["/v1/users/{}/address/default", "/v1/users/address/{}/default"])
@pytest.mark.parametrize("kind", [int, str])
def test_post_default_leaves_exactly_one_default(person, shape, kind):
    person.add_address()
    other = person.add_address(receiver="另一位")[1]["id"]
    answer = person.post(shape.format(person.name), id=kind(other))
    assert (answer["code"], answer["data"]) == (200, "设为默认成功！")
    assert [one["is_default"] for one in answer["addresslist"]] == [True, False]
    assert answer["addresslist"][0]["id"] == other


def test_10122_without_a_readable_id(person):
    for number in (None, "", "x", "-1", "1.5", "9" * 19, "１", " 1"):
        answer = person.post(f"/v1/users/{person.name}/address/default", id=number)
        assert (answer["code"], answer["error"]) == (10122, "无法获取地址ID")
    for number in ("x", "1x", "9" * 19, "-1", "%20"):
        assert person.delete(f"{person.book}/{number}")["code"] == 10122
        assert person.put(f"{person.book}/{number}", **an_address_v1())["code"] == 10122


def test_10114_unknown_deleted_and_foreign_ids_are_one_answer_and_change_nothing(http, person):
    mine = person.add_address()[0]["id"]
    deleted = person.add_address()[1]["id"]
    person.delete(f"{person.book}/{deleted}")
    foreign = somebody(http).add_address()[0]["id"]
    before = list(Address.objects.order_by("pk").values())
    for address_id in (deleted, foreign, 999999999999999999):
        answers = [
            person.put(f"{person.book}/{address_id}", **an_address_v1()),
            person.delete(f"{person.book}/{address_id}"),
            person.post(f"/v1/users/{person.name}/address/default", id=address_id),
        ]
        assert [one["code"] for one in answers] == [10114] * 3
        assert answers[0]["error"] == "地址查询出错"
    assert list(Address.objects.order_by("pk").values()) == before
    assert person.addresses()[0]["id"] == mine


def test_10101_somebody_elses_book_in_every_method(http, person):
    other = somebody(http)
    theirs = other.add_address()[0]["id"]
    for name in (other.name, "nobody_here"):
        calls = [
            http.get(f"/v1/users/{name}/address", headers=person.auth),
            http.post(f"/v1/users/{name}/address", json=an_address_v1(), headers=person.auth),
            http.put(f"/v1/users/{name}/address/{theirs}", json=an_address_v1(), headers=person.auth),
            http.delete(f"/v1/users/{name}/address/{theirs}", headers=person.auth),
            http.post(f"/v1/users/{name}/address/default", json={"id": theirs}, headers=person.auth),
        ]
        assert [body(one)["code"] for one in calls] == [10101] * 5
    assert len(other.addresses()) == 1


def test_10120_more_than_fifty_live_addresses(person, set_rule):
    set_rule("LIVE_ADDRESSES", 3)
    for _ in range(3):
        person.add_address()
    answer = person.post(person.book, **an_address_v1())
    assert (answer["code"], answer["error"]) == (10120, "地址存储异常")
    person.delete(f"{person.book}/{person.addresses()[0]['id']}")
    assert person.post(person.book, **an_address_v1())["code"] == 200
