"""One set of rules behind three contracts: the password and the address book."""

import pytest

from menpai import rules
from menpai.models import Address
from tests.contracts.clients import CONTRACTS, Api, Newcomer, User, across, at, living, opens
from tests.customers import PASSWORD, an_address

NEW, THIRD = "another horse 8", "third horse 7"


# ── Password ──
@across("change_password", "sign_in")
def test_a_change_at_one_contract_ends_the_sessions_of_all(http, person, tokens, kinds):
    """Not the acting one at /api."""
    assert kinds[0](http).change_password(tokens[0], PASSWORD, NEW).ok
    assert not any(living(http, tokens[1:]))
    assert living(http, tokens[:1]) == [kinds[0] is Api] * 2
    assert kinds[1](http).sign_in(person.name, PASSWORD).says("WrongCredentials")
    assert kinds[1](http).sign_in(person.name, NEW).ok


@at("change_password")
@pytest.mark.parametrize(
    ("old", "new", "repeated", "refusal"),
    [
        ("not it at all", NEW, None, "OldPasswordWrong"),
        (PASSWORD, PASSWORD, None, "PasswordUnchanged"),
        (PASSWORD, "", None, "PasswordMissing"),
        (PASSWORD, "short", None, "PasswordLength"),
        (PASSWORD, "12345678", None, "PasswordWeak"),
        (PASSWORD, NEW, THIRD, "PasswordsDiffer"),
        (PASSWORD, NEW, "", "PasswordRepeatMissing"),
    ],
    ids=["old", "unchanged", "missing", "short", "common", "differ", "once"],
)
def test_a_change_that_is_refused_changes_nothing(http, person, tokens, kind, old, new, repeated, refusal):
    assert kind(http).change_password(tokens[0], old, new, repeated).says(refusal)
    assert all(living(http, tokens))
    assert kind(http).sign_in(person.name).ok


@across("change_password", "change_password")
def test_the_tries_of_the_old_password_count_over_all_contracts(http, person, me, clock, kinds):
    for number in range(rules.OLD_PASSWORD_TRIES[0].many):
        assert kinds[number % 2](http).change_password(me, "not it at all", NEW).says("OldPasswordWrong")
    for kind in kinds:
        assert kind(http).change_password(me, PASSWORD, NEW).says("OldPasswordWrong")
    assert opens(http, person, PASSWORD) == [True] * 3
    clock.advance(15 * 60 + 1)
    assert kinds[0](http).change_password(me, PASSWORD, NEW).ok


@at("change_password")
def test_who_signs_in_by_code_has_no_password_to_change(http, mailbox, settings, kind):
    new = Newcomer()
    api = Api(http)
    assert api.post("/api/sessions/code", mobile=new.mobile).ok
    sent = {"mobile": new.mobile, "code": mailbox.last(new.mobile).code}
    me = api.post("/api/sessions/by-code", **sent, terms_version=settings.MENPAI_TERMS_VERSION).me
    assert kind(http).change_password(me, PASSWORD, NEW).says("PasswordNotSet")
    assert all(contract(http).sign_in(new.mobile, "").refusals for contract in CONTRACTS)


# ── Address book ──
@across("add_address", "list_addresses")
@pytest.mark.parametrize(
    "place",
    [
        {"address": "北京市东城区珠市口大街2楼"},
        {"address": "", "province": "广东省", "city": "深圳市", "county": "南山区", "detail": "科技园1号"},
    ],
    ids=["one text", "parts"],
)
def test_an_address_written_at_one_contract_is_read_at_another(http, me, kinds, place):
    written = kinds[0](http).add_address(me, **place).book
    assert kinds[1](http).list_addresses(me).book == written
    sent = an_address(**place)
    one = written[0] if place["address"] else written[0] | {"address": ""}
    assert (one | sent, one["is_default"]) == (one, True)
    assert written[0]["address"] == (place["address"] or "广东省深圳市南山区科技园1号")


@across("edit_address", "list_addresses")
def test_an_address_edited_at_one_contract_is_new_at_the_other(http, me, kinds):
    one = kinds[1](http).add_address(me).book[0]
    kinds[0](http).edit_address(me, one["id"], receiver="小李", address="上海市黄浦区1号", postcode="200001")
    changed = {"receiver": "小李", "address": "上海市黄浦区1号", "postcode": "200001"}
    assert kinds[1](http).list_addresses(me).book == [one | changed]


@across("remove_address", "remove_address")
def test_an_address_removed_at_one_contract_is_gone_at_the_other(http, me, kinds):
    first = kinds[1](http).add_address(me).book[0]["id"]
    second = kinds[0](http).add_address(me, receiver="另一位").book[1]["id"]
    left = kinds[0](http).remove_address(me, first).book
    assert [(one["id"], one["is_default"]) for one in left] == [(second, True)]  # the heir of the default
    assert kinds[1](http).list_addresses(me).book == left
    assert kinds[1](http).remove_address(me, first).says("AddressUnknown")
    restored = Api(http).post(f"/api/me/addresses/{first}/restore", me).book
    assert kinds[1](http).list_addresses(me).book == restored


@across("remove_address", "edit_address")
def test_when_the_default_goes_the_most_recently_used_takes_its_place(http, me, clock, kinds):
    for _ in range(3):
        book = kinds[0](http).add_address(me).book
    first, third, second = (one["id"] for one in book)  # the default, then the newest
    clock.advance(5)
    kinds[1](http).edit_address(me, second)
    left = kinds[0](http).remove_address(me, first).book
    assert [(one["id"], one["is_default"]) for one in left] == [(second, True), (third, False)]


@across("set_default", "list_addresses")
def test_there_is_one_default_for_all_contracts(http, me, kinds):
    kinds[0](http).add_address(me)
    other = kinds[1](http).add_address(me, receiver="另一位").book[1]["id"]
    book = kinds[0](http).set_default(me, other).book
    assert [(one["id"] == other, one["is_default"]) for one in book] == [(True, True), (False, False)]
    assert kinds[1](http).list_addresses(me).book == book


@at("add_address", "edit_address")
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("receiver", "一" * 41),
        ("receiver", "<b>"),
        ("mobile", "01012345678"),
        ("address", "x" * 201),
        ("postcode", "12345678"),
        ("tag", "公\x9b司"),
    ],
)
def test_what_an_address_must_be_is_the_same(http, me, kind, name, text):
    one = kind(http).add_address(me).book
    assert kind(http).add_address(me, **{name: text}).says("AddressFieldInvalid")
    assert kind(http).edit_address(me, one[0]["id"], **{name: text}).says("AddressFieldInvalid")
    assert kind(http).list_addresses(me).book == one


@across("add_address", "add_address")
def test_a_book_is_full_for_all_contracts(http, me, kinds, set_rule):
    set_rule("LIVE_ADDRESSES", 3)
    for number in range(3):
        assert kinds[number % 2](http).add_address(me).ok
    assert kinds[1](http).add_address(me).says("AddressBookFull")
    kinds[0](http).remove_address(me, kinds[0](http).list_addresses(me).book[0]["id"])
    assert kinds[1](http).add_address(me).ok


@at("edit_address", "remove_address", "set_default")
def test_foreign_removed_and_unknown_addresses_are_one_answer_and_change_nothing(http, mailbox, me, kind):
    stranger = Newcomer()
    assert User(http).ask_code(stranger.mobile).ok
    them = Api(http).register_named(stranger, mailbox.last(stranger.mobile).code).me
    foreign = Api(http).add_address(them).book[0]["id"]
    removed = kind(http).add_address(me).book[0]["id"]
    kind(http).remove_address(me, removed)
    before = list(Address.objects.order_by("pk").values())
    client = kind(http)
    for change in (client.edit_address, client.remove_address, client.set_default):
        said = [change(me, number) for number in (foreign, removed, 10**17)]
        assert said[0].says("AddressUnknown") and said[0] == said[1] == said[2]
    assert list(Address.objects.order_by("pk").values()) == before


@at("list_addresses", "add_address", "edit_address", "remove_address", "set_default")
def test_a_book_opens_to_nobody_else(http, me, kind):
    number = kind(http).add_address(me).book[0]["id"]
    nobody, client = type(me)("x.y.z", me.name), kind(http)
    answers = [
        client.list_addresses(nobody),
        client.add_address(nobody),
        client.edit_address(nobody, number),
        client.remove_address(nobody, number),
        client.set_default(nobody, number),
    ]
    assert all(one.says("NotSignedIn") for one in answers)
    assert len(client.list_addresses(me).book) == 1
