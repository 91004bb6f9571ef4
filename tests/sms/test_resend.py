"""An SMS that did not arrive goes again by another gateway, where somebody waits for it and nobody has used it."""

import pytest

from menpai import rules
from menpai.delivery import outbox, wakeup
from menpai.delivery.sms import receipts as sm_receipts
from menpai.delivery.sms.gateway import Receipt
from menpai.models import Message, SpentSecret
from tests.customers import a_mobile
from tests.rig.tables import columns
from tests.sms.scripted import Scripted, register
from tests.sms.steps import a_code, again, trace


def failed(gateway, number=1):
    """A receipt; the messages that go again."""
    return sm_receipts.apply(gateway, [Receipt(f"{gateway}-{number}", "failed", "UNDELIV")])


@pytest.fixture
def accepted(message):
    assert outbox.deliver(message.pk) == "accepted"
    message.refresh_from_db()
    return message


def test_it_goes_again_by_another_gateway_with_the_same_code(east, west, accepted, clock):
    assert failed("east") == [accepted.pk]
    assert columns(accepted, "state", "problem", "finished_at") == ("queued", "east: not delivered UNDELIV", None)
    assert again(accepted, clock) == "accepted"
    assert [one.variables["code"] for one in (*east.asked, *west.asked)] == ["123456"] * 2
    assert trace(accepted) == [("east", "failed"), ("west", "accepted")]


def test_it_never_goes_again_by_the_same_one(east, west, accepted, clock):
    """Whatever the other one says, and however often it is asked."""
    west.mood = "limited"
    failed("east")
    states = [again(accepted, clock) for _ in range(2)]
    assert states[0] == "failed" and len(east.asked) == 1


def test_it_goes_again_once(east, west, accepted, clock, monkeypatch, settings):
    south = Scripted("south")
    register(monkeypatch, south)
    settings.MENPAI_SMS_GATEWAYS = ["east", "west", "south"]
    failed("east")
    again(accepted, clock)
    assert failed("west") == []
    assert columns(accepted, "state", "sealed", "problem") == ("failed", "", "west: not delivered UNDELIV")
    assert south.asked == []


def settled(message):
    message.refresh_from_db()
    return message.state, message.sealed


def test_not_when_less_than_a_minute_is_left(east, accepted, clock):
    clock.advance((rules.SMS_CODE_LIFE - rules.RESEND_LEFT).total_seconds() + 1)
    assert (failed("east"), settled(accepted)) == ([], ("failed", ""))


def test_not_when_the_code_was_used(east, vendors):
    message = a_code(secret="s1")
    outbox.deliver(message.pk)
    SpentSecret.objects.create(id="s1", purpose="registration")
    assert (failed("east"), settled(message)) == ([], ("failed", ""))


def test_not_when_a_newer_one_of_the_kind_went_there(east, vendors):
    mobile = a_mobile()
    older, newer = a_code(mobile), a_code(mobile)
    for message in (older, newer):
        outbox.deliver(message.pk)
    assert (failed("east", 1), settled(older)) == ([], ("failed", ""))
    assert failed("east", 2) == [newer.pk]


def test_not_where_no_other_gateway_carries_it(east, accepted, settings):
    settings.MENPAI_SMS_GATEWAYS = ["east"]
    assert (failed("east"), settled(accepted)) == ([], ("failed", ""))


def test_not_after_an_unknown_outcome(east, west, message, clock):
    """Its receipt, had we its name, could still say `delivered`."""
    east.mood = "silent, sent"
    outbox.deliver(message.pk)
    assert (failed("east"), settled(message)) == ([], ("unknown", ""))
    assert west.asked == []


def test_a_worker_is_told_at_once(east, accepted, http, monkeypatch):
    woken = []
    monkeypatch.setattr(wakeup, "wake", woken.append)
    path = f"/receipts/east/{sm_receipts.secrets('east')[0]}"
    http.post(path, content=b'[["east-1", "failed"]]')
    assert woken == [accepted.pk]


# ── What is sealed stays no longer than it is needed ──
def test_the_sweep_blanks_what_was_used_and_what_is_over(vendors, clock):
    used, unused = a_code(secret="s1"), a_code(secret="s2")
    for message in (used, unused):
        outbox.deliver(message.pk)
    SpentSecret.objects.create(id="s1", purpose="registration")
    assert outbox.sweep() == 1
    assert [bool(settled(message)[1]) for message in (used, unused)] == [False, True]
    clock.advance(rules.SMS_CODE_LIFE.total_seconds())
    outbox.sweep()
    assert settled(unused) == ("accepted", "")


def test_where_no_receipt_will_come_nothing_is_kept(message, monkeypatch, settings):
    class Mute(Scripted):
        receipts = property()  # it has none

    register(monkeypatch, Mute("north"))
    settings.MENPAI_SMS_GATEWAYS = ["north"]
    assert outbox.deliver(message.pk) == "accepted"
    assert settled(message) == ("accepted", "")
    assert Message.objects.exclude(sealed="").count() == 0
