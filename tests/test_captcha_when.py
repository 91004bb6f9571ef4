"""When risk asks for a captcha, and what one is worth: more tries, more slowly; no way round what holds for all."""

import pytest

from menpai import captcha, rules
from menpai.ephemeral import store
from menpai.rules import Limit
from tests import limited
from tests.customers import PASSWORD, a_mobile, somebody
from tests.limited import from_address, tried


def passes(purpose, caller, many=1):
    for _ in range(many):
        store().give(captcha._pass(purpose, caller), rules.CAPTCHA_PASS_LIFE)


def sent(caller, mobile=None):
    return limited.sent(mobile or a_mobile_of_a_block_of_its_own(), caller)


def a_mobile_of_a_block_of_its_own():
    return f"13{a_mobile()[-5:]}0000"


# ── Sending ──
def test_an_address_that_asks_much_is_asked_once_for_each_that_is_more():
    caller = from_address(1)
    assert [sent(caller) for _ in range(11)] == ["sent"] * 10 + ["CaptchaRequired"]
    passes("sms", caller)
    assert [sent(caller) for _ in range(2)] == ["sent", "CaptchaRequired"]


def test_a_captcha_is_worth_three_times_as_many_and_no_more():
    caller = from_address(1)
    passes("sms", caller, 40)
    outcomes = [sent(caller) for _ in range(31)]
    assert outcomes == ["sent"] * 30 + ["ClientTooFast"]
    passes("sms", caller)  # and none is used up for nothing
    assert store().take(captcha._pass("sms", caller))


def test_a_captcha_helps_nobody_to_a_number_that_had_its_share():
    caller, mobile = from_address(1), a_mobile()
    assert sent(caller, mobile) == "sent"
    passes("sms", caller)
    assert sent(caller, mobile) == "TargetTooSoon"


def test_a_pass_for_one_thing_opens_no_other(http):
    caller = from_address(1)
    [sent(caller) for _ in range(10)]
    passes("sign-in", caller)
    assert sent(caller) == "CaptchaRequired"


def test_when_nobody_uses_their_codes_everybody_is_asked(monkeypatch):
    monkeypatch.setattr(rules, "UNUSED_SMS", (Limit(3, rules.UNUSED_SMS[0].span),))
    assert [sent(from_address(number)) for number in range(4)] == ["sent"] * 3 + ["CaptchaRequired"]
    caller = from_address(9)
    passes("sms", caller)
    assert sent(caller) == "sent"


def test_who_is_asked_is_told_when_it_is_over_as_well(http):
    for _ in range(10):
        http.post("/api/registrations/code", json={"mobile": a_mobile_of_a_block_of_its_own()})
    answer = http.post("/api/registrations/code", json={"mobile": a_mobile_of_a_block_of_its_own()})
    assert (answer.status_code, answer.json()["code"], answer.json()["purpose"]) == (429, "captcha_required", "sms")
    assert 50 <= int(answer.headers["retry-after"]) <= 60


# ── Signing in ──
@pytest.fixture
def person(http):
    return somebody(http)


def test_after_some_failures_a_captcha_and_then_the_owner_is_in(person):
    here = from_address(1)
    assert [tried(person.name, "wrong", here) for _ in range(6)] == ["WrongCredentials"] * 5 + ["CaptchaRequired"]
    passes("sign-in", here)
    assert tried(person.name, PASSWORD, here) == "in"


def test_with_captchas_it_goes_on_ever_more_slowly(person, clock):
    here, tries = from_address(1), []
    for _ in range(5):
        tried(person.name, "wrong", here)
    for _ in range(15 * 60):
        passes("sign-in", here)
        tries.append(tried(person.name, "wrong", here))
        clock.advance(1)
        if len(tries) == 120:
            break
    assert set(tries) == {"WrongCredentials", "ClientTooFast"}
    assert tries.count("WrongCredentials") <= 20  # eight a minute


def test_a_thousand_addresses_with_captchas_are_one_pace(person):
    for number in range(10):
        tried(person.name, "wrong", from_address(number))
    outcomes = []
    for number in range(100, 140):
        passes("sign-in", from_address(number))
        outcomes.append(tried(person.name, "wrong", from_address(number)))
    assert outcomes.count("WrongCredentials") <= 3


def test_somebody_and_nobody_are_asked_alike(person):
    outcomes = {}
    for number, name in enumerate((person.name, "nobody_at_all")):
        outcomes[name] = [tried(name, "wrong", from_address(number)) for _ in range(7)]
    assert outcomes[person.name] == outcomes["nobody_at_all"]
