"""One set of rules behind three doors: recovery, activation, the password and the address book."""

import base64

import pytest
from django.utils import timezone

from menpai import rules
from menpai.models import Address, Customer, Message
from tests.doors import DOORS, V1, Api, Newcomer, User, across, an_address, at, wrong
from tests.people import PASSWORD

NEW, THIRD = "another horse 8", "third horse 7"
WITH_SESSIONS = (V1, Api)


@pytest.fixture
def unproven(http, mailbox):
    """A customer with a user name, a proven mobile, and an e-mail whose link waits in the mailbox."""
    new = Newcomer()
    assert User(http).ask_code(new.mobile).ok
    assert Api(http).register_named(new, mailbox.last(new.mobile).code).ok
    return new


@pytest.fixture
def link(mailbox, unproven):
    found: str = mailbox.last(unproven.email).link.partition("code=")[2]
    return found


@pytest.fixture
def person(http, unproven, link, clock):
    assert V1(http).activate(link).ok
    clock.advance(61)  # the minute between two messages
    return unproven


@pytest.fixture
def tokens(http, person):
    """Signed in at every door."""
    return [door(http).sign_in(person.mobile).me for door in DOORS]


@pytest.fixture
def me(tokens):
    return tokens[0]


@pytest.fixture(params=["mobile", "email"])
def target(request, person):
    return getattr(person, request.param)


@pytest.fixture
def code(http, mailbox, target):
    """Of a recovery that was asked for at some door."""

    def ask(door):
        assert door(http).ask_recovery(target).ok
        return mailbox.last(target).code

    return ask


def living(http, tokens):
    return [door(http).is_signed_in(one).ok for door in WITH_SESSIONS for one in tokens]


def opens(http, person, password):
    return [door(http).sign_in(person.name, password).ok for door in DOORS]


# ── Recovery ──
@across("ask_recovery", "redeem")
def test_a_recovery_code_asked_for_at_one_door_is_redeemed_at_another(http, code, target, kinds):
    assert kinds[1](http).redeem(target, code(kinds[0])).facts["ticket"]


@across("redeem", "set_password")
def test_a_ticket_of_one_door_sets_the_password_at_another(http, code, target, person, tokens, kinds):
    assert all(living(http, tokens))
    ticket = kinds[0](http).redeem(target, code(kinds[0])).facts["ticket"]
    assert kinds[1](http).set_password(target, ticket, NEW).ok
    assert not any(living(http, tokens))
    assert (opens(http, person, NEW), opens(http, person, PASSWORD)) == ([True] * 3, [False] * 3)


@across("set_password", "set_password")
def test_a_ticket_works_once(http, code, target, kinds):
    ticket = kinds[0](http).redeem(target, code(kinds[0])).facts["ticket"]
    assert kinds[0](http).set_password(target, ticket, NEW).ok
    assert kinds[1](http).set_password(target, ticket, THIRD).says("TicketGone")


@across("redeem", "redeem")
def test_a_recovery_code_works_once(http, code, target, kinds):
    right = code(kinds[0])
    assert kinds[0](http).redeem(target, right).ok
    assert kinds[1](http).redeem(target, right).says("CodeGone")


@across("redeem", "redeem")
def test_the_fifth_wrong_recovery_code_is_the_last_over_all_doors(http, code, target, kinds):
    right = code(kinds[0])
    said = [kinds[number % 2](http).redeem(target, wrong(right)) for number in range(5)]
    assert all(one.says("CodeWrong") for one in said), said
    assert all(kind(http).redeem(target, right).says("CodeGone") for kind in kinds)


@at("ask_recovery", "redeem", "set_password")
def test_a_recovery_tells_nobody_whether_somebody_is_there(http, person, kind):
    def said(target):
        door = kind(http)
        first = door.ask_recovery(target)
        guesses = [door.redeem(target, "00000000") for _ in range(6)]
        return [first, *guesses, door.set_password(target, "x.y", NEW), door.ask_recovery(target)]

    assert said(person.email) == said("nobody@example.com")
    assert said(person.mobile) == said("13900009999")


@across("ask_recovery", "ask_recovery")
def test_a_second_recovery_code_within_the_minute_is_a_success_without_a_message(http, code, target, clock, kinds):
    code(kinds[0])
    before = Message.objects.count()
    assert kinds[1](http).ask_recovery(target).ok
    assert Message.objects.count() == before


@at("ask_recovery", "redeem")
def test_a_disabled_customer_recovers_nothing(http, person, kind):
    Customer.objects.update(disabled_at=timezone.now())
    before = Message.objects.exclude(recipient="").count()
    assert kind(http).ask_recovery(person.email) == kind(http).ask_recovery("nobody@example.com")
    assert Message.objects.exclude(recipient="").count() == before


@at("ask_recovery", "redeem")
def test_every_spelling_of_a_target_is_that_target(http, mailbox, person, kind):
    door = kind(http)
    assert door.ask_recovery(f" {person.email.upper()} ").ok
    assert door.redeem(person.email, mailbox.last(person.email).code).ok
    assert door.ask_recovery(f"+86 {person.mobile}").ok
    assert door.redeem(person.mobile, mailbox.last(person.mobile).code).ok


@at("ask_recovery", "redeem")
@pytest.mark.parametrize("target", ["", "x", "12345", "a@b@c.com"])
def test_what_is_neither_a_mobile_nor_an_email(http, kind, target):
    expected = ("TargetInvalid", "EmailInvalid")  # the published field is called email
    assert kind(http).ask_recovery(target).says(*expected)
    assert kind(http).redeem(target, "12345678").says(*expected)


@across("redeem", "register")
def test_a_recovery_code_registers_nobody_and_a_registration_code_recovers_nobody(http, mailbox, person, clock, kinds):
    recovering, registering = (kind(http) for kind in kinds)
    assert recovering.ask_recovery(person.mobile).ok
    recovery_code = mailbox.last(person.mobile).code
    assert registering.register(Newcomer(person.mobile), recovery_code).says("CodeGone", "MobileTaken")
    clock.advance(301)  # both were sent to one mobile: now only one of them lives
    assert User(http).ask_code(person.mobile).ok
    assert recovering.redeem(person.mobile, mailbox.last(person.mobile).code).says("CodeGone")


@at("set_password")
@pytest.mark.parametrize(
    ("new", "refusal"),
    [
        ("", "PasswordMissing"),
        ("short", "PasswordLength"),
        ("12345678", "PasswordWeak"),
        (PASSWORD, "PasswordUnchanged"),
    ],
    ids=["missing", "short", "common", "unchanged"],
)
def test_a_ticket_survives_a_mistake_with_the_new_password(http, code, target, kind, new, refusal):
    ticket = kind(http).redeem(target, code(kind)).facts["ticket"]
    assert kind(http).set_password(target, ticket, new).says(refusal)
    assert kind(http).set_password(target, ticket, NEW).ok


@across("set_password", "set_password")
def test_three_looks_at_a_ticket_count_over_all_doors(http, code, target, kinds):
    ticket = kinds[0](http).redeem(target, code(kinds[0])).facts["ticket"]
    said = [kinds[number % 2](http).set_password(target, ticket, PASSWORD) for number in range(4)]
    assert [one.says("PasswordUnchanged") for one in said] == [True] * 3 + [False]
    assert said[3].says("TicketGone")


# ── Activation ──
@across("activate", "sign_in")
def test_an_activation_at_one_door_is_seen_by_the_others(http, unproven, link, kinds):
    assert kinds[1](http).sign_in(unproven.email).says("WrongCredentials")
    assert kinds[0](http).activate(link).ok
    assert kinds[1](http).sign_in(unproven.email).me.name == unproven.name


@across("activate", "activate")
def test_the_same_link_again_is_a_success_within_its_life(http, link, clock, kinds):
    assert kinds[0](http).activate(link).ok
    assert kinds[1](http).activate(link).ok
    clock.advance(3 * 86400 + 1)
    assert kinds[1](http).activate(link).says("ActivationGone")


@at("activate")
def test_a_link_that_is_incomplete_unknown_or_refused(http, link, kind):
    unknown = base64.urlsafe_b64encode(b"0" * 32 + b"x" * 43 + b"/nobody").decode()
    for malformed in ("", "x", "%%%", "MTIzNA==", "中文", "A" * 5000):
        assert kind(http).activate(malformed).says("ActivationMalformed"), malformed
    assert kind(http).activate(unknown).says("ActivationGone")
    assert Api(http).post("/api/activation/refuse", code=link).ok
    assert kind(http).activate(link).says("ActivationGone")


def test_not_me_signs_out_at_every_door(http, unproven, link):
    tokens = [door(http).sign_in(unproven.mobile).me for door in DOORS]
    assert Api(http).post("/api/activation/refuse", code=link).ok
    assert not any(living(http, tokens))


# ── Password ──
@across("change_password", "sign_in")
def test_a_change_at_one_door_ends_the_sessions_of_all(http, person, tokens, kinds):
    assert kinds[0](http).change_password(tokens[0], PASSWORD, NEW).ok
    assert not any(living(http, tokens))
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
def test_the_tries_of_the_old_password_count_over_all_doors(http, person, me, kinds):
    for number in range(rules.OLD_PASSWORD_TRIES[0].many):
        assert kinds[number % 2](http).change_password(me, "not it at all", NEW).says("OldPasswordWrong")
    for kind in kinds:
        assert kind(http).change_password(me, PASSWORD, NEW).says("OldPasswordWrong")
    assert opens(http, person, PASSWORD) == [True] * 3


@at("change_password")
def test_who_signs_in_by_code_has_no_password_to_change(http, mailbox, settings, kind):
    new = Newcomer()
    api = Api(http)
    assert api.post("/api/sessions/code", mobile=new.mobile).ok
    sent = {"mobile": new.mobile, "code": mailbox.last(new.mobile).code}
    me = api.post("/api/sessions/by-code", **sent, terms_version=settings.MENPAI_TERMS_VERSION).me
    assert kind(http).change_password(me, PASSWORD, NEW).says("PasswordNotSet")
    assert all(door(http).sign_in(new.mobile, "").refusals for door in DOORS)


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
def test_an_address_written_at_one_door_is_read_at_another(http, me, kinds, place):
    written = kinds[0](http).add_address(me, **place).book
    assert kinds[1](http).list_addresses(me).book == written
    sent = an_address(**place)
    one = written[0] if place["address"] else written[0] | {"address": ""}
    assert (one | sent, one["is_default"]) == (one, True)
    assert written[0]["address"] == (place["address"] or "广东省深圳市南山区科技园1号")


@across("edit_address", "list_addresses")
def test_an_address_edited_at_one_door_is_new_at_the_other(http, me, kinds):
    one = kinds[1](http).add_address(me).book[0]
    kinds[0](http).edit_address(me, one["id"], receiver="小李", address="上海市黄浦区1号", postcode="200001")
    changed = {"receiver": "小李", "address": "上海市黄浦区1号", "postcode": "200001"}
    assert kinds[1](http).list_addresses(me).book == [one | changed]


@across("remove_address", "remove_address")
def test_an_address_removed_at_one_door_is_gone_at_the_other(http, me, kinds):
    first = kinds[1](http).add_address(me).book[0]["id"]
    second = kinds[0](http).add_address(me, receiver="另一位").book[1]["id"]
    left = kinds[0](http).remove_address(me, first).book
    assert [(one["id"], one["is_default"]) for one in left] == [(second, True)]  # the heir of the default
    assert kinds[1](http).list_addresses(me).book == left
    assert kinds[1](http).remove_address(me, first).says("AddressUnknown")
    restored = Api(http).post(f"/api/me/addresses/{first}/restore", me).book
    assert kinds[1](http).list_addresses(me).book == restored


@across("set_default", "list_addresses")
def test_there_is_one_default_for_all_doors(http, me, kinds):
    kinds[0](http).add_address(me)
    other = kinds[1](http).add_address(me, receiver="另一位").book[1]["id"]
    book = kinds[0](http).set_default(me, other).book
    assert [(one["id"] == other, one["is_default"]) for one in book] == [(True, True), (False, False)]
    assert kinds[1](http).list_addresses(me).book == book


@at("add_address", "edit_address")
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("receiver", "一二三四五六七八九十一"),
        ("receiver", "<b>"),
        ("mobile", "01012345678"),
        ("address", "x" * 101),
        ("postcode", "12345678"),
        ("tag", "公\u202d司"),
    ],
)
def test_what_an_address_must_be_is_the_same(http, me, kind, name, text):
    one = kind(http).add_address(me).book
    assert kind(http).add_address(me, **{name: text}).says("AddressFieldInvalid")
    assert kind(http).edit_address(me, one[0]["id"], **{name: text}).says("AddressFieldInvalid")
    assert kind(http).list_addresses(me).book == one


@across("add_address", "add_address")
def test_a_book_is_full_for_all_doors(http, me, kinds, set_rule):
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
    door = kind(http)
    for change in (door.edit_address, door.remove_address, door.set_default):
        said = [change(me, number) for number in (foreign, removed, 10**17)]
        assert said[0].says("AddressUnknown") and said[0] == said[1] == said[2]
    assert list(Address.objects.order_by("pk").values()) == before


@at("list_addresses", "add_address", "edit_address", "remove_address", "set_default")
def test_a_book_opens_to_nobody_else(http, me, kind):
    number = kind(http).add_address(me).book[0]["id"]
    nobody, door = type(me)("x.y.z", me.name), kind(http)
    answers = [
        door.list_addresses(nobody),
        door.add_address(nobody),
        door.edit_address(nobody, number),
        door.remove_address(nobody, number),
        door.set_default(nobody, number),
    ]
    assert all(one.says("NotSignedIn") for one in answers)
    assert len(door.list_addresses(me).book) == 1


@at("set_password")
def test_what_was_planted_before_the_proof_is_put_aside_for_all_doors(http, mailbox, unproven, clock, kind):
    me = V1(http).sign_in(unproven.name).me
    Api(http).add_address(me)
    clock.advance(61)
    door = kind(http)
    assert door.ask_recovery(unproven.email).ok
    ticket = door.redeem(unproven.email, mailbox.last(unproven.email).code).facts["ticket"]
    assert door.set_password(unproven.email, ticket, NEW).ok
    me = User(http).sign_in(unproven.name, NEW).me
    assert all(there(http).list_addresses(me).book == [] for there in WITH_SESSIONS)
