"""S9: a browser is known to the customer who signed in with it, and to nobody else."""

import itertools
from datetime import timedelta

import pytest

from menpai.rules import Limit
from tests.api.clients import newcomer
from tests.customers import PASSWORD, a_mobile, activation_code, ask_for_code, somebody, somebody_by_sms, wrong

CODE_TRIES, HOURLY_GUESSES = 5, 10


def device_of(http, name):
    """The headers of a browser in which somebody has signed in."""
    sent = {"username": name, "password": PASSWORD}
    return {"cookie": f"menpai_device={http.post('/user/login/', json=sent).cookies['menpai_device']}"}


@pytest.fixture
def victim(http, mailbox, clock):
    customer = somebody_by_sms(http, mailbox)
    clock.advance(3600)
    return customer


@pytest.fixture(params=[3, 0], ids=["in their own browsers", "in none"])
def guesser(http, request):
    """Headers of browsers in which the guesser has signed in, one after the other."""
    return itertools.cycle([device_of(http, somebody(http).name) for _ in range(request.param)] or [{}])


def evaluated(http, mailbox, clock, mobile, headers):
    """How many wrong codes were looked at within an hour, a new code every minute."""
    looked_at = 0
    for _ in range(4):
        code = ask_for_code(http, mailbox, mobile)
        for _ in range(CODE_TRIES):
            guess = {"mobile": mobile, "sms_code": wrong(code)}
            answer = http.get("/user/sms/valid/", params=guess, headers=next(headers))
            looked_at += "错误" in answer.json()["message"]
        clock.advance(61)
    return looked_at


def test_a_guessers_own_browsers_bring_no_guesses_of_their_own(http, mailbox, clock, victim, guesser):
    assert evaluated(http, mailbox, clock, victim.phone, guesser) == HOURLY_GUESSES


def test_the_browser_of_whoever_only_claims_a_number_brings_none_either(http, mailbox, clock, victim):
    claimed = itertools.cycle([device_of(http, somebody(http, phone=(mobile := a_mobile())).name), {}])
    assert evaluated(http, mailbox, clock, mobile, claimed) == HOURLY_GUESSES


def test_a_guesser_does_not_use_up_the_owners_guesses(http, mailbox, clock, victim, guesser):
    """R04."""
    owners = device_of(http, victim.name)
    evaluated(http, mailbox, clock, victim.phone, guesser)
    right = {"mobile": victim.phone, "sms_code": ask_for_code(http, mailbox, victim.phone)}
    assert http.get("/user/sms/valid/", params=right, headers=next(guesser)).status_code == 400
    assert http.get("/user/sms/valid/", params=right, headers=owners).status_code == 200


@pytest.mark.parametrize("channel", ["mobile", "email"])
def test_a_pumpers_own_browsers_do_not_open_the_reserve_of_sends(
    http, mailbox, clock, guesser, client_from, set_rule, channel
):
    victim = newcomer(http, mailbox, email="owner@example.com")
    assert victim.post("/activation", code=activation_code(mailbox, victim.email)).status_code == 204
    owners, unknown = device_of(http, victim.mobile), {"cookie": f"menpai_device={'B' * 22}"}
    theirs = [*itertools.islice(guesser, 3), unknown]
    clock.advance(3600)
    for name in ("SMS_IN_ALL", "MAILS_IN_ALL"):
        set_rule(name, (Limit(5, timedelta(hours=1)),))

    def ask(number, target, headers):
        return client_from(f"10.9.0.{number}").post("/api/recovery/code", json={"target": target}, headers=headers)

    strangers = ["stranger{}@example.com".format, "1370001000{}".format][channel == "mobile"]
    assert [ask(number, strangers(number), {}).status_code for number in range(5)] == [202] * 4 + [503]
    target = getattr(victim, channel)
    assert [ask(10 + number, target, headers).status_code for number, headers in enumerate(theirs)] == [503] * 4
    assert ask(20, target, owners).status_code == 202
