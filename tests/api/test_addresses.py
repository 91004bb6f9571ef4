"""/api: the address book."""

import pytest

from menpai.addresses import regions
from menpai.models import Address
from tests.api.clients import Caller, added, newcomer, ok, refused, signed_in
from tests.customers import PASSWORD, activation_code, an_address_in_parts, somebody

FIELDS = {
    *("id", "receiver", "mobile", "extension", "address", "province", "city", "county", "town", "detail"),
    *("region_code", "town_code", "postcode", "tag", "is_default", "warnings"),
}

NO_TOWN = {"extension": "", "town": "", "town_code": None, "warnings": []}


def book(person):
    return ok(person.get("/me/addresses"))["addresses"]


def defaults(person):
    return [one["id"] for one in book(person) if one["is_default"]]


# ── Adding ──
def test_an_address_of_parts_is_joined(person):
    said = ok(person.post("/me/addresses", **an_address_in_parts(region_code="110101", postcode="100062")), 201)
    (one,) = said["addresses"]
    assert set(one) == FIELDS
    assert one == an_address_in_parts() | {
        "id": said["changed"],
        "address": "北京市市辖区东城区珠市口大街2楼",
        "region_code": "110101",
        "postcode": "100062",
        "is_default": True,
        **NO_TOWN,
    }
    assert said["limit"] == 50


def test_an_address_of_one_text_has_no_parts(person):
    sent = {"receiver": "小王", "mobile": "+86 186-6701-8590", "tag": "家", "address": " 北京市东城区1号 "}
    (one,) = ok(person.post("/me/addresses", **sent), 201)["addresses"]
    assert (one["address"], one["mobile"]) == ("北京市东城区1号", "18667018590")
    assert [one[name] for name in ("province", "city", "county", "detail", "postcode")] == [""] * 5
    assert one["region_code"] is None


def test_some_parts_and_the_postcode_may_be_left_out_and_all_may_be_long(person):
    for left_out in (("city",), ("county",), ("city", "county")):
        sent = {name: text for name, text in an_address_in_parts().items() if name not in left_out}
        said = ok(person.post("/me/addresses", **sent), 201)
        (one,) = [one for one in said["addresses"] if one["id"] == said["changed"]]
        assert all(one[name] == "" for name in (*left_out, "postcode"))
    for postcode in (None, ""):
        assert added(person, postcode=postcode)
    assert {one["postcode"] for one in book(person)} == {""}
    place = {"address": "号" * 200, **dict.fromkeys(("province", "city", "county", "detail"))}
    assert added(person, receiver="一" * 40, tag="家" * 10, postcode="1000620", **place)


def test_the_first_address_is_the_default_and_the_newest_comes_next(person):
    ids = [added(person) for _ in range(3)]
    assert [one["id"] for one in book(person)] == [ids[0], ids[2], ids[1]]
    assert defaults(person) == [ids[0]]


@pytest.mark.parametrize(
    ("field", "changed"),
    [
        ("receiver", {"receiver": ""}),
        ("receiver", {"receiver": "王" * 41}),
        ("receiver", {"receiver": "王\x07小"}),
        ("mobile", {"mobile": ""}),
        ("mobile", {"mobile": "01012345678"}),
        ("tag", {"tag": ""}),
        ("tag", {"tag": "x" * 11}),
        ("tag", {"tag": "<b>"}),
        ("address", {"province": None}),
        ("address", {"detail": ""}),
        ("address", {"detail": "x" * 192}),
        ("address", {"town": "x" * 201}),
        ("address", {"town": "<b>"}),
        ("extension", {"extension": "1234567"}),
        ("address", {"county": "<script>"}),
        ("address", dict.fromkeys(("province", "city", "county", "detail"))),
        ("address", dict.fromkeys(("province", "city", "county", "detail")) | {"address": "x" * 201}),
        ("postcode", {"postcode": "12345678"}),
        ("postcode", {"postcode": "邮编"}),
    ],
)
def test_a_bad_field_is_named(person, field, changed):
    one = added(person)
    for answer in (
        person.post("/me/addresses", **an_address_in_parts(**changed)),
        person.put(f"/me/addresses/{one}", **an_address_in_parts(**changed)),
    ):
        said = refused(answer, 422, "address_field_invalid", field)
        assert said["errors"][0]["code"] == "address_field_invalid" and said["errors"][0]["detail"]
    assert len(book(person)) == 1


def test_a_full_book_says_so(person, set_rule):
    set_rule("LIVE_ADDRESSES", 2)
    added(person), added(person)
    refused(person.post("/me/addresses", **an_address_in_parts()), 409, "address_book_full")
    assert ok(person.get("/me/addresses"))["limit"] == 2


# ── Editing, the default ──
def test_an_edit_replaces_everything(person):
    one = added(person, postcode="100062", region_code="110101")
    new = {"receiver": "小李", "mobile": "13800138000", "tag": "家", "address": "上海市黄浦区1号"}
    said = ok(person.put(f"/me/addresses/{one}", **new))
    assert said["changed"] == one
    assert said["addresses"][0] == new | {
        "id": one,
        **dict.fromkeys(("province", "city", "county", "detail", "postcode"), ""),
        "region_code": None,
        "is_default": True,
        **NO_TOWN,
    }


def test_the_default_goes_from_one_to_another(person):
    first, second = added(person), added(person)
    said = ok(person.put("/me/addresses/default", id=second))
    assert (said["changed"], [one["id"] for one in said["addresses"]]) == (second, [second, first])
    assert defaults(person) == [second]
    assert ok(person.get("/me/addresses/default"))["id"] == second


def test_an_empty_book_has_no_default(person):
    refused(person.get("/me/addresses/default"), 404, "no_default_address")
    one = added(person)
    assert ok(person.get("/me/addresses/default")) == book(person)[0]
    assert ok(person.delete(f"/me/addresses/{one}"))["changed"] is None
    refused(person.get("/me/addresses/default"), 404, "no_default_address")


def test_what_is_no_id_or_never_was_one(person):
    for number in ("0", "999999999999999999", "9" * 18, "9" * 19, "9" * 40, "9" * 5000):
        unknown = "unknown_path" if len(number) > 4300 else "address_unknown"
        refused(person.put(f"/me/addresses/{number}", **an_address_in_parts()), 404, unknown)
        refused(person.delete(f"/me/addresses/{number}"), 404, unknown)
        refused(person.post(f"/me/addresses/{number}/restore"), 404, unknown)
    for number in ("x", "-1", "1.0", "１", "%00", "1%0A", "default/1"):
        refused(person.delete(f"/me/addresses/{number}"), 404, "unknown_path")
    for number in (-1, 2**63, "1", 1.5, True, None):
        refused(person.put("/me/addresses/default", id=number), 422, "invalid_request", "id")


def test_a_foreign_address_is_as_unknown_as_any(http, mailbox, person):
    other = newcomer(http, mailbox)
    foreign = added(other)
    own = added(person)
    for number in (foreign, foreign + 1000):
        refused(person.put(f"/me/addresses/{number}", **an_address_in_parts()), 404, "address_unknown")
        refused(person.delete(f"/me/addresses/{number}"), 404, "address_unknown")
        refused(person.post(f"/me/addresses/{number}/restore"), 404, "address_unknown")
        refused(person.put("/me/addresses/default", id=number), 404, "address_unknown")
    assert defaults(person) == [own] and defaults(other) == [foreign]


# ── Taking a deletion back ──
def test_a_deletion_is_taken_back_within_ten_minutes_and_not_later(person, clock):
    first, second = added(person), added(person)
    before = book(person)
    ok(person.delete(f"/me/addresses/{second}"))
    clock.advance(595)
    said = ok(person.post(f"/me/addresses/{second}/restore"))
    assert (said["changed"], said["addresses"]) == (second, before)
    assert defaults(person) == [first]
    refused(person.post(f"/me/addresses/{second}/restore"), 404, "address_unknown")
    ok(person.delete(f"/me/addresses/{second}"))
    person.take(person.renew().json())
    clock.advance(601)
    person.take(person.renew().json())
    refused(person.post(f"/me/addresses/{second}/restore"), 404, "address_unknown")


def test_the_default_comes_back_as_the_default_where_that_is_wanted_or_the_book_is_empty(person):
    first, second = added(person), added(person)
    ok(person.delete(f"/me/addresses/{first}"))
    assert defaults(person) == [second]
    ok(person.post(f"/me/addresses/{first}/restore", is_default=True))
    assert defaults(person) == [first]
    for one in (first, second):
        ok(person.delete(f"/me/addresses/{one}"))
    ok(person.post(f"/me/addresses/{second}/restore", is_default=False))
    assert defaults(person) == [second]


def test_a_foreign_deletion_is_not_taken_back(http, mailbox, person):
    other = newcomer(http, mailbox)
    one = added(other)
    ok(other.delete(f"/me/addresses/{one}"))
    refused(person.post(f"/me/addresses/{one}/restore"), 404, "address_unknown")
    assert not Address.objects.filter(deleted_at__isnull=True).exists()


def test_into_a_full_book_nothing_comes_back(person, set_rule):
    set_rule("LIVE_ADDRESSES", 2)
    first, _ = added(person), added(person)
    ok(person.delete(f"/me/addresses/{first}"))
    third = added(person)
    refused(person.post(f"/me/addresses/{first}/restore", is_default=True), 409, "address_book_full")
    ok(person.delete(f"/me/addresses/{third}"))
    ok(person.post(f"/me/addresses/{first}/restore", is_default=True))
    assert defaults(person) == [first]


# ── Set aside by a recovery ──
@pytest.fixture
def recovered(http, mailbox, stranger, clock):
    """Whose e-mail a recovery has proven, and who has proven the number of before; two addresses stood in the book."""
    unproven = somebody(http)
    clock.advance(61)
    person = signed_in(http, unproven.name)
    before = [added(person, tag="家"), added(person, tag="公司")]
    ok(stranger.post("/recovery/code", target=person.email), 202)
    sent = {"target": person.email, "code": mailbox.last(person.email).code}
    ticket = ok(stranger.post("/recovery/ticket", **sent))["ticket"]
    passwords = {"password": "another horse 8", "password2": "another horse 8"}
    ok(stranger.post("/recovery/password", target=person.email, ticket=ticket, **passwords), 204)
    found = signed_in(http, unproven.name, "another horse 8")
    ok(found.post("/me/mobile/code", mobile=unproven.phone, password="another horse 8"), 202)
    ok(found.put("/me/mobile", mobile=unproven.phone, code=mailbox.last(unproven.phone).code))
    found.before = before
    return found


def test_a_recovery_puts_addresses_aside_and_one_tap_brings_them_back(recovered, clock):
    first, second = recovered.before
    assert book(recovered) == []
    aside = ok(recovered.get("/me/addresses/set-aside"))["addresses"]
    assert [(one["id"], one["tag"]) for one in aside] == [(second, "公司"), (first, "家")]
    clock.advance(300 * 24 * 3600)
    recovered = signed_in(recovered.http, recovered.me["username"], "another horse 8")
    ok(recovered.post(f"/me/addresses/{first}/restore"))
    assert defaults(recovered) == [first]
    assert [one["id"] for one in ok(recovered.get("/me/addresses/set-aside"))["addresses"]] == [second]


def test_what_came_back_and_was_deleted_again_is_an_ordinary_deletion(recovered, clock):
    first, _ = recovered.before
    ok(recovered.post(f"/me/addresses/{first}/restore"))
    ok(recovered.delete(f"/me/addresses/{first}"))
    assert len(ok(recovered.get("/me/addresses/set-aside"))["addresses"]) == 1
    clock.advance(601)
    recovered.take(recovered.renew().json())
    refused(recovered.post(f"/me/addresses/{first}/restore"), 404, "address_unknown")


def test_a_deletion_and_an_activation_set_nothing_aside(http, mailbox):
    person = newcomer(http, mailbox, email="wang@example.com")
    one, other = added(person), added(person)
    ok(person.delete(f"/me/addresses/{other}"))
    ok(person.post("/activation", code=activation_code(mailbox, person.email)), 204)
    assert ok(person.get("/me/addresses/set-aside")) == {"addresses": []}
    assert defaults(person) == [one]


# ── The region code ──
def test_a_region_code_stays_while_the_place_stays(person):
    one = added(person, region_code="110101")
    for sent in (
        an_address_in_parts(receiver="小李"),
        an_address_in_parts(receiver="小李", region_code=None),
        an_address_in_parts(receiver="小赵", region_code="110101"),
    ):
        said = ok(person.put(f"/me/addresses/{one}", **sent))["addresses"][0]
        assert (said["receiver"], said["region_code"]) == (sent["receiver"], "110101")


def region_of(answer, status=200):
    return ok(answer, status)["addresses"][0]["region_code"]


@pytest.mark.parametrize(
    "place",
    [
        {"county": "西城区"},
        {"province": "天津市", "city": "", "county": "和平区"},
        {**dict.fromkeys(("province", "city", "county", "detail")), "address": "天津市和平区1号"},
    ],
)
def test_a_region_code_goes_when_the_place_changes_unless_a_new_one_comes(person, place):
    one = added(person, region_code="110101")
    for code, kept in (("110102", "110102"), (None, "110102")):
        sent = an_address_in_parts(county="西城区", region_code=code)
        assert region_of(person.put(f"/me/addresses/{one}", **sent)) == kept
    ok(person.put(f"/me/addresses/{one}", **an_address_in_parts(region_code="110101")))
    assert region_of(person.put(f"/me/addresses/{one}", **an_address_in_parts(**place))) is None


@pytest.mark.parametrize("code", ["", "11010", "1101011", "x", "011010", "１１０１０１"])
def test_what_is_no_region_code_is_left_out(person, code):
    assert region_of(person.post("/me/addresses", **an_address_in_parts(region_code=code)), 201) is None


# ── The published contract ──
def test_the_published_contract_sees_what_was_written_here(http, person):
    one = added(person, region_code="110101", postcode="100062")
    dada = http.post("/v1/tokens", json={"username": person.mobile, "password": PASSWORD}).json()
    path, headers = f"/v1/users/{person.mobile}/address", {"authorization": dada["token"]}
    (seen,) = http.get(path, headers=headers).json()["addresslist"]
    assert (seen["id"], seen["address"], seen["province"]) == (one, "北京市市辖区东城区珠市口大街2楼", "北京市")
    sent = {"receiver": "小李", "receiver_mobile": seen["receiver_mobile"], "tag": "家", "address": seen["address"]}
    assert http.put(f"{path}/{one}", json=sent, headers=headers).json()["code"] == 200
    (kept,) = book(person)
    assert (kept["receiver"], kept["region_code"], kept["county"]) == ("小李", "110101", "东城区")
    sent["address"] = "上海市黄浦区1号"
    assert http.put(f"{path}/{one}", json=sent, headers=headers).json()["code"] == 200
    (moved,) = book(person)
    assert (moved["address"], moved["region_code"], moved["county"]) == ("上海市黄浦区1号", None, "")


def test_what_the_published_contract_wrote_is_seen_here(http):
    dada = somebody(http)
    one = dada.add_address()[0]
    person = Caller(http, authorization=f"Bearer {dada.token}")
    (seen,) = book(person)
    assert (seen["id"], seen["address"], seen["is_default"]) == (one["id"], one["address"], True)
    ok(person.delete(f"/me/addresses/{one['id']}"))
    assert dada.addresses() == []
    ok(person.post(f"/me/addresses/{one['id']}/restore"))
    assert [line["id"] for line in dada.addresses()] == [one["id"]]


# ── Regions: warnings, and codes that never existed ──
XIACHENG = {"province": "浙江省", "city": "杭州市", "county": "下城区", "detail": "体育场路1号"}
GONGSHU = {
    "code": "330105",
    "name": "拱墅区",
    "path": [
        {"code": "330000", "name": "浙江省", "level": "province"},
        {"code": "330100", "name": "杭州市", "level": "city"},
        {"code": "330105", "name": "拱墅区", "level": "county"},
    ],
}


def test_every_answer_with_addresses_warns_and_the_row_keeps_what_was_typed(person):
    outdated = {"code": "region_outdated", "field": "county", "was": "下城区", "now": [GONGSHU], "since": 2021}
    added_book = ok(person.post("/me/addresses", **an_address_in_parts(**XIACHENG, region_code="330103")), 201)
    [one] = added_book["addresses"]
    assert (one["county"], one["region_code"], one["warnings"]) == ("下城区", "330103", [outdated])
    assert ok(person.get("/me/addresses"))["addresses"] == added_book["addresses"] == [one]
    assert ok(person.get("/me/addresses/default")) == one
    taken = an_address_in_parts(**XIACHENG | {"county": "拱墅区"}, region_code="330105")
    [new] = ok(person.put(f"/me/addresses/{one['id']}", **taken))["addresses"]
    assert (new["county"], new["region_code"], new["warnings"]) == ("拱墅区", "330105", [])


def test_a_region_that_does_not_exist_is_taken_with_a_warning(person):
    place = {"province": "火星省", "city": "", "county": "火星区", "detail": "1号"}
    [one] = ok(person.post("/me/addresses", **an_address_in_parts(**place)), 201)["addresses"]
    assert (one["province"], [warning["code"] for warning in one["warnings"]]) == ("火星省", ["region_open"])


ONE_TEXT = {**dict.fromkeys(("province", "city", "county", "detail")), "address": "北京市东城区1号"}


@pytest.mark.parametrize("place", [{}, ONE_TEXT], ids=["parts", "one text"])
@pytest.mark.parametrize("code", ["999999", "123456", "110199", "999999001"])
def test_a_code_that_never_existed_is_refused(person, code, place):
    one = added(person)
    for answer in (
        person.post("/me/addresses", **an_address_in_parts(region_code=code, **place)),
        person.put(f"/me/addresses/{one}", **an_address_in_parts(region_code=code, **place)),
    ):
        said = refused(answer, 422, "region_code_unknown", "region_code")
        assert said["errors"][0]["details"]["en"] == "There is no such region code, and there never was."
    assert len(book(person)) == 1


def test_a_code_that_pages_made_up_becomes_the_real_one_and_what_a_row_holds_passes(person):
    town = {"province": "广东省", "city": "东莞市", "county": "长安镇", "detail": "莲峰路1号"}
    made_up = next(code for code, real in regions.current().made_up().items() if real.startswith("441900"))
    one = added(person, **town, region_code=made_up)
    assert book(person)[0]["region_code"] == "441900"
    Address.objects.filter(pk=one).update(region_code="441999")
    [kept] = ok(person.put(f"/me/addresses/{one}", **an_address_in_parts(**town, region_code="441999")))["addresses"]
    assert kept["region_code"] == "441999"
