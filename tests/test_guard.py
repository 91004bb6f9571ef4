"""Before each SMS and mail: who may have one sent, how many go out in all, and what a flood looks like (R21, T4)."""

import pytest

from menpai import errors, rules
from menpai.accounts import registration
from menpai.identifiers import Mobile, client
from menpai.models import Message
from menpai.rules import Limit
from tests.concurrency import ConcurrentClients
from tests.customers import PASSWORD, a_mobile, ask_for_code, wrong
from tests.limited import AGENT, from_address, sent


@pytest.fixture(autouse=True)
def captcha_is_never_asked(settings):
    """What a captcha changes is in test_captcha_when.py; here a full window is a refusal."""
    settings.MENPAI_CAPTCHA_BEFORE_SMS = "never"


def number_of(index: int, prefix: str = "1390000") -> Mobile:
    return Mobile(f"{prefix}{index:04d}")


def few(monkeypatch, name, many):
    """The same span, a smaller number."""
    monkeypatch.setattr(rules, name, tuple(Limit(many, limit.span) for limit in getattr(rules, name)))


def test_200_at_once_are_one_sms(engine):
    """R21."""
    with ConcurrentClients(200 if engine == "production" else 16) as people:
        answers = people.rush(lambda number: sent(number_of(1), from_address(number)))
    assert sorted(answers) == ["TargetTooSoon"] * (people.size - 1) + ["sent"]


def test_in_a_day_a_number_gets_exactly_ten(clock):
    """T4: every ten minutes somebody asks."""
    answers = []
    for number in range(24 * 6 - 1):
        answers.append(sent(number_of(1), from_address(number)))
        clock.advance(600)
    assert answers.count("sent") == 10


def test_one_address_is_held_up_and_others_are_not():
    outcomes = [sent(number_of(index, f"139{index:04d}"), from_address(1)) for index in range(11)]
    assert outcomes == ["sent"] * 10 + ["ClientTooFast"]
    assert sent(number_of(1), from_address(2)) == "sent"


def test_an_ipv6_network_is_one_address():
    def of(host):
        return client(f"2001:db8:0:1::{host:x}", AGENT)

    outcomes = [sent(number_of(index, f"139{index:04d}"), of(index + 1)) for index in range(11)]
    assert outcomes == ["sent"] * 10 + ["ClientTooFast"]
    assert sent(number_of(1), client("2001:db8:0:2::1", AGENT)) == "sent"


def test_one_browser_is_held_up_wherever_it_is():
    cookie = "A" * 22
    outcomes = [sent(number_of(index, f"139{index:04d}"), from_address(index, cookie)) for index in range(4)]
    assert outcomes == ["sent"] * 3 + ["ClientTooFast"]


def test_numbers_that_begin_alike_are_held_up_together():
    outcomes = [sent(number_of(index), from_address(index)) for index in range(31)]
    assert outcomes == ["sent"] * 30 + ["ClientTooFast"]
    assert sent(number_of(1, "1391111"), from_address(1)) == "sent"


def test_pumping_10_000_numbers_costs_what_the_limit_says(monkeypatch, caplog, proof):
    """T4: every number, address and block is another one; what is left is the sum."""
    few(monkeypatch, "SMS_IN_ALL", 100)
    many = 10_000 if proof else 300
    with caplog.at_level("WARNING", "menpai.codes.send_limits"):
        outcomes = [sent(number_of(index % 10_000, f"13{index:05d}"), from_address(index)) for index in range(many)]
    assert outcomes.count("sent") == 80  # a fifth is kept for people who were here before
    assert set(outcomes[80:]) == {"SendingPaused"}
    assert "sending paused: sms" in caplog.text


def test_codes_that_nobody_uses_close_the_sign_in_and_used_ones_open_it(http, mailbox, monkeypatch):
    few(monkeypatch, "UNUSED_SMS", 6)
    mobile = a_mobile()
    code = ask_for_code(http, mailbox, mobile)
    for index in range(5):
        assert sent(number_of(index, f"131{index:04d}"), from_address(index)) == "sent"
    assert sent(number_of(9, "1320000"), from_address(9)) == "ClientTooFast"
    http.post("/user/register/", json={"mobile": mobile, "password": PASSWORD, "sms_code": code}).raise_for_status()
    outcomes = [sent(number_of(index, f"133{index:04d}"), from_address(index + 100)) for index in range(6)]
    assert outcomes == ["sent"] * rules.UNUSED_SMS_GIVEN_BACK + ["ClientTooFast"]


def test_a_block_whose_codes_nobody_uses_rests(monkeypatch):
    few(monkeypatch, "UNUSED_SMS_PER_PREFIX", 5)
    outcomes = [sent(number_of(index), from_address(index)) for index in range(6)]
    assert outcomes == ["sent"] * 5 + ["SendingPaused"]
    assert sent(number_of(1, "1391111"), from_address(1)) == "sent"


def test_what_is_refused_counts_nowhere(clock):
    caller = from_address(1)
    assert sent(number_of(1), caller) == "sent"
    assert {sent(number_of(1), caller) for _ in range(50)} == {"TargetTooSoon"}
    assert [sent(number_of(index, f"139{index:04d}"), caller) for index in range(2, 11)] == ["sent"] * 9


def test_every_contract_says_when_to_come_back(http, monkeypatch):
    few(monkeypatch, "SMS_IN_ALL", 0)
    mobile, message = a_mobile(), "短信发送失败！"
    luffy = http.get(f"/user/sms/{mobile}/")
    assert (luffy.status_code, luffy.json()) == (503, {"status": "0", "result": message, "message": message})
    dada = http.post("/v1/users/sms/code", json={"phone": mobile})
    assert (dada.status_code, dada.json()["code"]) == (503, 10132)
    modern = http.post("/api/registrations/code", json={"mobile": mobile})
    assert (modern.status_code, modern.json()["code"]) == (503, "sending_paused")
    for answer in (luffy, dada, modern):
        assert int(answer.headers["retry-after"]) > 0
    assert not Message.objects.exists()


def test_wrong_codes_are_counted_over_all_codes_and_contracts(http, mailbox, clock):
    """R04: five guesses a code, and ten an hour whatever is sent anew."""
    mobile, guesses = a_mobile(), 0
    for _ in range(3):
        code = ask_for_code(http, mailbox, mobile)
        for _ in range(5):
            try:
                registration.check_code(mobile, wrong(code), from_address(1))
            except errors.CodeWrong:
                guesses += 1
            except errors.CodeExpired:
                pass
        clock.advance(61)
    assert guesses == rules.GUESSES_PER_TARGET[0].many
    with pytest.raises(errors.CodeExpired):
        registration.check_code(mobile, code, from_address(1))
    clock.advance(3600)
    registration.check_code(mobile, ask_for_code(http, mailbox, mobile), from_address(1))
