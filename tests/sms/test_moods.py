"""Gateways in any mood, workers that die at any moment, receipts that say anything: no number gets two codes for one
request, except after a receipt said that the first did not arrive.
"""

import random
from collections import Counter

import pytest

from menpai import rules
from menpai.delivery import outbox, outcomes
from menpai.delivery.sms import receipts
from menpai.delivery.sms.gateway import Receipt
from menpai.models import Message, Submission
from tests import invariants
from tests.sms.scripted import MOODS, Killed, Scripted, register
from tests.sms.steps import a_code

DONE = ("accepted", "delivered", "failed", "expired", "unknown")
STEP = 11  # seconds


@pytest.fixture
def three(monkeypatch, settings, set_rule):
    made = [Scripted("east"), Scripted("west", idempotent=True), Scripted("south")]
    register(monkeypatch, *made)
    settings.MENPAI_SMS_ROUTES = "CN: east*2 west*1 > south"
    set_rule("RESENDS", 2)
    return made


def play(three, chance, clock, many):
    """`many` messages, each step one of: a worker takes one; a receipt or two; time goes by."""
    messages = [a_code() for _ in range(many)]
    for gateway in three:
        gateway.moods = chance.choices(MOODS, weights=[6, *[1] * (len(MOODS) - 1)], k=40 * many)
    for _ in range(int(rules.SMS_CODE_LIFE.total_seconds() // STEP) + 2):
        for message in messages:
            try:
                outbox.deliver(message.pk)
            except Killed:
                continue
        _report(chance)
        assert invariants.broken() == []
        clock.advance(STEP)
    outbox.sweep()


def _report(chance):
    """Some receipts, some of them twice, by the vendors that accepted."""
    known = list(Submission.objects.exclude(vendor_reference="").values_list("gateway", "vendor_reference"))
    for gateway, reference in chance.sample(known, min(3, len(known))):
        told = Receipt(reference, chance.choice(("delivered", "failed")))
        receipts.apply(gateway, [told] * chance.randint(1, 2))


def surplus(three):
    """References of messages of which phones received more than one SMS, without a receipt that excuses it."""
    received = sum((gateway.phones for gateway in three), Counter())
    excused = Counter(
        one.hex
        for one in Submission.objects.filter(state="failed", reported_at__isnull=False).values_list(
            "message__reference", flat=True
        )
    )
    return [one for one, times in received.items() if times > 1 + excused[one]]


@pytest.mark.parametrize("seed", range(2))
def test_no_number_gets_two_codes(three, clock, seed, proof):
    chance = random.Random(seed)
    random.seed(seed)
    play(three, chance, clock, many=60 if proof else 8)
    assert surplus(three) == []
    states = Counter(Message.objects.values_list("state", flat=True))
    assert set(states) <= set(DONE), states
    assert {"accepted", "delivered"} & set(states), "nothing was ever sent"
    kept = Message.objects.exclude(sealed="")
    assert not kept.exists()  # every life is over


def test_silence_that_is_taken_for_a_refusal_is_caught(three):
    """The same story, told naively: the next gateway is asked although the first may have sent it."""
    for gateway in three:
        gateway.silence, gateway.moods = outcomes.Retry, ["silent, sent"] * 5
    for _ in range(5):
        outbox.deliver(a_code().pk)
    assert surplus(three) != []
