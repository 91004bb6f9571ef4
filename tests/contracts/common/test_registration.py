"""One set of rules behind three contracts: codes and registration.

Each test is one use case, run at every contract, or pair of contracts, that has the words (tests/contracts/clients.py).
"""

import pytest

from menpai import rules
from menpai.models import Customer, Message
from tests.contracts.clients import CONTRACTS, VERBS, Api, Newcomer, User, across, at
from tests.customers import PASSWORD, a_mobile, wrong


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.__name__)
def test_what_a_contract_lacks_it_lacks_for_a_reason(contract):
    assert set(contract.LACKS) <= VERBS
    for verb in VERBS:
        assert hasattr(contract, verb) == contract.supports(verb), verb
        assert contract.supports(verb) or contract.LACKS[verb]


# ── Codes ──
@across("ask_code", "register")
def test_a_code_asked_for_at_one_contract_registers_at_another(http, newcomer, kinds):
    new, me = newcomer(kinds[1], asked_at=kinds[0])
    made = Customer.objects.get(mobile=new.mobile)
    assert made.mobile_verified_at
    assert me.name == (made.username or new.mobile)


@across("ask_code", "ask_code")
def test_the_minute_between_two_codes_counts_over_all_contracts(http, clock, kinds):
    first, second = (kind(http) for kind in kinds)
    mobile = a_mobile()
    assert first.ask_code(mobile).ok
    again = second.ask_code(mobile)
    assert again.says("TargetTooSoon"), again
    assert 1 <= int(again.retry_after) <= 60
    assert Message.objects.filter(recipient=mobile).count() == 1
    clock.advance(int(again.retry_after))
    assert second.ask_code(mobile).ok


def test_five_codes_an_hour_for_one_mobile_count_over_all_contracts(http, clock):
    mobile, said = a_mobile(), []
    for number in range(7):
        said.append(CONTRACTS[number % 3](http).ask_code(mobile).says("TargetTooSoon"))
        clock.advance(61)
    assert said == [False] * 5 + [True] * 2


def test_what_one_client_may_send_in_a_minute_counts_over_all_contracts(http, client_from):
    said = [CONTRACTS[number % 3](http).ask_code(a_mobile()) for number in range(13)]
    assert [one.ok for one in said] == [True] * 10 + [False] * 3
    for one in said[10:]:  # each contract says it in its own words
        assert one.says("CaptchaRequired") and one.status == 429 and int(one.retry_after) >= 1
    assert all(contract(client_from("198.51.100.7")).ask_code(a_mobile()).ok for contract in CONTRACTS)


@at("ask_code")
@pytest.mark.parametrize("mobile", ["123", "12800138000", "138001380001", "abcdefghijk"])
def test_no_code_goes_to_what_is_no_mobile(http, kind, mobile):
    assert kind(http).ask_code(mobile).says("MobileInvalid")
    assert not Message.objects.exists()


@at("ask_code")
def test_without_a_gateway_no_contract_promises_a_code(http, settings, kind):
    settings.MENPAI_SMS_GATEWAYS = []
    assert kind(http).ask_code(a_mobile()).says("NoGateway")


@at("ask_code")
def test_a_code_is_sent_for_taken_and_free_mobiles_alike(http, newcomer, clock, kind):
    taken, _me = newcomer(User)
    clock.advance(61)
    answers = [kind(http).ask_code(mobile) for mobile in (taken.mobile, a_mobile())]
    assert answers[0] == answers[1]


@at("register")
def test_a_wrong_code_is_refused_and_the_right_one_still_opens(http, code_for, kind):
    new = Newcomer()
    code = code_for(new.mobile)
    assert kind(http).register(new, wrong(code)).says("CodeWrong")
    assert not Customer.objects.exists()
    assert kind(http).register(new, code).ok


@across("register", "register")
def test_the_fifth_wrong_guess_is_the_last_at_whichever_contracts_they_came(http, code_for, kinds):
    clients = [kind(http) for kind in kinds]
    new = Newcomer()
    code = code_for(new.mobile)
    said = [clients[number % 2].register(new, wrong(code)) for number in range(5)]
    assert all(one.says("CodeWrong") for one in said), said
    for client in clients:
        assert client.register(new, code).says("CodeExpired")
    assert not Customer.objects.exists()


@at("register")
def test_a_code_lives_five_minutes(http, code_for, clock, kind):
    new = Newcomer()
    code = code_for(new.mobile)
    clock.advance(301)
    assert kind(http).register(new, code).says("CodeExpired")


@at("register")
def test_without_a_code_there_is_nothing_to_redeem(http, kind):
    assert kind(http).register(Newcomer(), "123456").says("CodeExpired")


@across("ask_code", "register")
def test_a_newer_code_voids_the_older_one_at_every_contract(http, code_for, clock, kinds):
    new = Newcomer()
    old = code_for(new.mobile)
    clock.advance(61)
    code = code_for(new.mobile, kinds[0])
    if old != code:
        assert kinds[1](http).register(new, old).says("CodeWrong")
    assert kinds[1](http).register(new, code).ok


@across("register", "register")
def test_a_code_is_good_for_one_registration(http, code_for, kinds):
    mobile = a_mobile()
    code = code_for(mobile)
    assert kinds[0](http).register(Newcomer(mobile), code).ok
    assert kinds[1](http).register(Newcomer(mobile), code).says("CodeExpired", "MobileTaken")
    assert Customer.objects.count() == 1


@at("register")
def test_a_code_may_be_typed_in_full_width_and_with_spaces(http, code_for, kind):
    new = Newcomer()
    code = code_for(new.mobile).translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    assert kind(http).register(new, f" {code[:3]} {code[3:]}").ok


# ── Registration ──
@across("register", "register")
def test_a_taken_mobile_is_taken_at_every_contract(http, newcomer, code_for, clock, kinds):
    taken, _me = newcomer(kinds[0])
    clock.advance(61)
    said = kinds[1](http).register(Newcomer(taken.mobile), code_for(taken.mobile))
    assert said.says("MobileTaken"), said
    assert Customer.objects.count() == 1


@at("register")
@pytest.mark.parametrize("spelled", ["+86 {0}", "0086{0}", "{1}-{2}-{3}", " {1} {2} {3} "])
def test_every_spelling_of_a_mobile_is_that_mobile(http, code_for, kind, spelled):
    mobile = a_mobile()
    code = code_for(mobile)
    typed = spelled.format(mobile, mobile[:3], mobile[3:7], mobile[7:])
    assert kind(http).register(Newcomer(typed), code).ok
    assert Customer.objects.filter(mobile=mobile).count() == 1


@across("register_named", "register_named")
@pytest.mark.parametrize("spell", [str, str.upper, lambda name: name.replace("d", "ｄ")], ids=["same", "upper", "wide"])
def test_a_taken_user_name_is_taken_in_every_spelling(http, code_for, kinds, spell):
    first, second = Newcomer(), Newcomer()
    assert kinds[0](http).register_named(first, code_for(first.mobile)).ok
    second.name = spell(first.name)
    assert kinds[1](http).register_named(second, code_for(second.mobile)).says("UsernameTaken")


@at("register_named")
@pytest.mark.parametrize("name", ["ab", "admin", "13800138000", "a b c", "x" * 33, "<b>wang</b>"])
def test_what_cannot_be_a_user_name(http, code_for, kind, name):
    new = Newcomer(name=name, email="somebody@example.com")
    assert kind(http).register_named(new, code_for(new.mobile)).says("UsernameInvalid")


@at("register_named")
@pytest.mark.parametrize("spell", [str, str.upper], ids=["same", "upper"])
def test_a_proven_email_stays_its_owners_in_every_spelling(http, code_for, complete, clock, kind, spell):
    clock.advance(61)
    new = Newcomer(email=spell(complete.email))
    assert kind(http).register_named(new, code_for(new.mobile)).ok
    assert kind(http).sign_in(new.email).me.name == complete.name


@across("register_named", "register_named")
def test_an_unproven_email_is_nobodys(http, code_for, kinds):
    first = Newcomer()
    second = Newcomer(email=first.email)
    for kind, new in zip(kinds, (first, second), strict=True):
        assert kind(http).register_named(new, code_for(new.mobile)).ok
    assert Customer.objects.filter(email=first.email, email_verified_at__isnull=True).count() == 2


@at("register")
@pytest.mark.parametrize(
    ("password", "refusal"),
    [("", "PasswordMissing"), ("short", "PasswordLength"), ("x" * 129, "PasswordLength"), ("12345678", "PasswordWeak")],
    ids=["missing", "short", "long", "common"],
)
def test_the_password_rules_are_the_same_and_cost_nobody_the_code(http, code_for, kind, password, refusal):
    new = Newcomer(password=password)
    code = code_for(new.mobile)
    assert kind(http).register(new, code).says(refusal)
    new.password = PASSWORD
    assert kind(http).register(new, code).ok


@at("register")
def test_the_own_mobile_is_no_password(http, code_for, kind):
    mobile = a_mobile()
    assert kind(http).register(Newcomer(mobile, password=mobile), code_for(mobile)).says("PasswordWeak")


@at("register_repeating")
def test_two_passwords_that_differ(http, code_for, kind):
    new = Newcomer(repeated="something else 1")
    code = code_for(new.mobile)
    assert kind(http).register_repeating(new, code).says("PasswordsDiffer")
    new.repeated = PASSWORD
    assert kind(http).register_repeating(new, code).ok


# ── Mobile check ──
@across("register", "check_mobile")
def test_whether_a_mobile_is_taken_is_known_at_every_contract(http, newcomer, kinds):
    check = kinds[1](http).check_mobile
    mobile = a_mobile()
    assert check(mobile).ok
    newcomer(kinds[0], mobile=mobile)
    assert check(mobile).says("MobileTaken")


@at("check_mobile")
def test_the_mobile_check_can_be_switched_off_everywhere(http, newcomer, settings, kind):
    settings.MENPAI_MOBILE_CHECK = "off"
    taken, _me = newcomer(User)
    assert kind(http).check_mobile(taken.mobile).ok


def test_mobile_checks_of_one_client_count_over_all_contracts(http):
    limit = rules.MOBILE_CHECKS_PER_CLIENT[0].many
    said = [(User, Api)[number % 2](http).check_mobile(a_mobile()) for number in range(limit + 2)]
    assert [one.ok for one in said] == [True] * limit + [False] * 2
    assert all(one.says("ClientTooFast") for one in said[limit:])
