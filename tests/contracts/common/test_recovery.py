"""One set of rules behind three contracts: recovery and activation."""

import base64

import pytest
from django.utils import timezone

from menpai.models import Customer, Message
from tests.contracts.clients import CONTRACTS, SESSIONS, V1, Api, Newcomer, User, across, at, living, opens
from tests.customers import PASSWORD, a_mobile, wrong

NEW, THIRD = "another horse 8", "third horse 7"


@pytest.fixture(params=["mobile", "email"])
def target(request, person):
    return getattr(person, request.param)


@pytest.fixture
def code(http, mailbox, target):
    """Of a recovery that was asked for at some contract."""

    def ask(contract):
        assert contract(http).ask_recovery(target).ok
        return mailbox.last(target).code

    return ask


# ── Recovery ──
@across("ask_recovery", "redeem")
def test_a_recovery_code_asked_for_at_one_contract_is_redeemed_at_another(http, code, target, kinds):
    assert kinds[1](http).redeem(target, code(kinds[0])).facts["ticket"]


@across("redeem", "set_password")
def test_a_ticket_of_one_contract_sets_the_password_at_another(http, code, target, person, tokens, kinds):
    assert all(living(http, tokens))
    ticket = kinds[0](http).redeem(target, code(kinds[0])).facts["ticket"]
    assert kinds[1](http).set_password(target, ticket, NEW).ok
    assert not any(living(http, tokens))
    assert (opens(http, person, NEW), opens(http, person, PASSWORD)) == ([True] * 3, [False] * 3)


@across("set_password", "set_password")
def test_a_ticket_works_once(http, code, target, kinds):
    ticket = kinds[0](http).redeem(target, code(kinds[0])).facts["ticket"]
    assert kinds[0](http).set_password(target, ticket, NEW).ok
    assert kinds[1](http).set_password(target, ticket, THIRD).says("TicketExpired")


@across("redeem", "redeem")
def test_a_recovery_code_works_once(http, code, target, kinds):
    right = code(kinds[0])
    assert kinds[0](http).redeem(target, right).ok
    assert kinds[1](http).redeem(target, right).says("CodeExpired")


@across("redeem", "redeem")
def test_the_fifth_wrong_recovery_code_is_the_last_over_all_contracts(http, code, target, kinds):
    right = code(kinds[0])
    said = [kinds[number % 2](http).redeem(target, wrong(right)) for number in range(5)]
    assert all(one.says("CodeWrong") for one in said), said
    assert all(kind(http).redeem(target, right).says("CodeExpired") for kind in kinds)


@at("ask_recovery", "redeem")
def test_a_new_recovery_code_does_not_give_the_tries_back(http, code, target, clock, kind):
    redeem, first = kind(http).redeem, code(kind)
    assert all(redeem(target, wrong(first)).says("CodeWrong") for _ in range(3))
    clock.advance(61)
    second = code(kind)
    assert [redeem(target, wrong(second)).says("CodeWrong") for _ in range(3)] == [True, True, False]
    assert redeem(target, second).says("CodeExpired")
    clock.advance(61)
    assert redeem(target, code(kind)).says("CodeExpired")


@at("ask_recovery", "redeem")
def test_a_code_by_mail_lives_ten_minutes_and_a_new_one_replaces_the_old(http, mailbox, person, clock, kind):
    client = kind(http)

    def ask():
        clock.advance(61)
        assert client.ask_recovery(person.email).ok
        return mailbox.last(person.email).code

    old, new = ask(), ask()
    assert client.redeem(person.email, old).says("CodeWrong")
    assert client.redeem(person.email, new).ok
    late = ask()
    clock.advance(601)
    assert client.redeem(person.email, late).says("CodeExpired")


@at("set_password")
def test_a_ticket_lives_ten_minutes(http, code, target, clock, kind):
    ticket = kind(http).redeem(target, code(kind)).facts["ticket"]
    clock.advance(601)
    assert kind(http).set_password(target, ticket, NEW).says("TicketExpired")


@at("ask_recovery")
def test_beyond_the_targets_limit_a_recovery_is_a_success_without_a_message(http, target, clock, kind):
    sent = []
    clock.advance(3600)  # the registration sent messages too
    for _ in range(7):
        before = Message.objects.count()
        assert kind(http).ask_recovery(target).ok
        sent.append(Message.objects.count() - before)
        clock.advance(61)
    assert sent == [1] * 5 + [0] * 2


@at("ask_recovery", "redeem", "set_password")
def test_a_recovery_tells_nobody_whether_somebody_is_there(http, mailbox, person, kind):
    def said(target):
        client = kind(http)
        first = client.ask_recovery(target)
        guesses = [client.redeem(target, "00000000") for _ in range(6)]
        tickets = [client.set_password(target, ticket, NEW) for ticket in ("", "x.y")]
        return [first, *guesses, *tickets, client.ask_recovery(target)]

    assert said(person.email) == said("nobody@example.com")
    assert said(person.mobile) == said("13900009999")
    assert not mailbox.all("nobody@example.com") and not mailbox.all("13900009999")


@across("ask_recovery", "ask_recovery")
def test_a_second_recovery_code_within_the_minute_is_a_success_without_a_message(http, code, target, clock, kinds):
    code(kinds[0])
    before = Message.objects.count()
    assert kinds[1](http).ask_recovery(target).ok
    assert Message.objects.count() == before


@at("ask_recovery", "redeem")
def test_a_disabled_customer_recovers_nothing(http, target, kind):
    Customer.objects.update(disabled_at=timezone.now())
    before = Message.objects.exclude(recipient="").count()
    said = kind(http).ask_recovery(target)
    assert said.ok and said == kind(http).ask_recovery("nobody@example.com" if "@" in target else a_mobile())
    assert Message.objects.exclude(recipient="").count() == before


@at("ask_recovery", "redeem")
def test_every_spelling_of_a_target_is_that_target(http, mailbox, person, kind):
    client = kind(http)
    assert client.ask_recovery(f" {person.email.upper()} ").ok
    assert client.redeem(person.email, mailbox.last(person.email).code).ok
    assert client.ask_recovery(f"+86 {person.mobile}").ok
    assert client.redeem(person.mobile, mailbox.last(person.mobile).code).ok


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
    assert registering.register(Newcomer(person.mobile), recovery_code).says("CodeExpired", "MobileTaken")
    clock.advance(301)  # both were sent to one mobile: now only one of them lives
    assert User(http).ask_code(person.mobile).ok
    assert recovering.redeem(person.mobile, mailbox.last(person.mobile).code).says("CodeExpired")


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
def test_three_looks_at_a_ticket_count_over_all_contracts(http, code, target, kinds):
    ticket = kinds[0](http).redeem(target, code(kinds[0])).facts["ticket"]
    said = [kinds[number % 2](http).set_password(target, ticket, PASSWORD) for number in range(4)]
    assert [one.says("PasswordUnchanged") for one in said] == [True] * 3 + [False]
    assert said[3].says("TicketExpired")


@at("set_password")
def test_what_was_planted_before_the_proof_is_put_aside_for_all_contracts(http, mailbox, clock, kind):
    unproven = Newcomer()
    me = V1(http).register(unproven, "").me
    Api(http).add_address(me)
    clock.advance(61)
    client = kind(http)
    assert client.ask_recovery(unproven.email).ok
    ticket = client.redeem(unproven.email, mailbox.last(unproven.email).code).facts["ticket"]
    assert client.set_password(unproven.email, ticket, NEW).ok
    me = User(http).sign_in(unproven.name, NEW).me
    assert all(there(http).list_addresses(me).book == [] for there in SESSIONS)


# ── Activation ──
@across("activate", "sign_in")
def test_an_activation_at_one_contract_is_seen_by_the_others(http, unproven, link, kinds):
    assert kinds[1](http).sign_in(unproven.email).says("WrongCredentials")
    assert kinds[0](http).activate(link).ok
    assert kinds[1](http).sign_in(unproven.email).me.name == unproven.name


@across("activate", "activate")
def test_the_same_link_again_is_a_success_within_its_life(http, link, clock, kinds):
    assert kinds[0](http).activate(link).ok
    assert kinds[1](http).activate(link).ok
    clock.advance(3 * 86400 + 1)
    assert kinds[1](http).activate(link).says("ActivationExpired")


@at("activate")
def test_a_link_that_is_incomplete_unknown_or_refused(http, link, kind):
    unknown = base64.urlsafe_b64encode(b"0" * 32 + b"x" * 43 + b"/nobody").decode()
    for malformed in ("", "x", "%%%", "MTIzNA==", "中文", "A" * 5000):
        assert kind(http).activate(malformed).says("ActivationMalformed"), malformed
    assert kind(http).activate(unknown).says("ActivationExpired")
    assert Api(http).post("/api/activation/refuse", code=link).ok
    assert kind(http).activate(link).says("ActivationExpired")


def test_not_me_signs_out_at_every_contract(http, unproven, link):
    tokens = [contract(http).sign_in(unproven.mobile).me for contract in CONTRACTS]
    assert Api(http).post("/api/activation/refuse", code=link).ok
    assert not any(living(http, tokens))
