"""What an SMS gateway's answer does to a message. What each gateway must keep is in test_sms_all_gateways.py."""

from datetime import timedelta

import pytest
from django.utils import timezone

from menpai import rules
from menpai.delivery import outbox
from menpai.delivery.sms import selection
from menpai.models import Message
from tests.concurrency import at_once
from tests.rig.children import until
from tests.rig.tables import columns
from tests.rig.vendors.yuntongxun import Yuntongxun
from tests.sms.steps import a_code, again
from tests.smses import MOBILE, only_gateway


@pytest.fixture
def gateway(settings, monkeypatch):
    with only_gateway(Yuntongxun, monkeypatch, settings) as gateway:
        yield gateway


@pytest.fixture
def message():
    return a_code(MOBILE)


# ── What a gateway's answer does to a message ──
def test_the_sms_tells_the_code_and_the_whole_minutes_of_its_life(gateway, message, set_rule):
    set_rule("SMS_CODE_LIFE", timedelta(minutes=3))
    assert outbox.deliver(message.pk) == "accepted"
    message.refresh_from_db()
    assert gateway.sent == {message.reference.hex: (MOBILE, ["123456", "3"])}
    assert (message.state, message.gateway, message.sealed) == ("accepted", "yuntongxun", "")
    assert message.vendor_reference == f"sid-{message.reference.hex[:8]}"


@pytest.mark.parametrize("mood", ["160000", "http 503"])
def test_a_refusal_for_now_is_retried_with_the_same_request_id(gateway, message, mood, clock):
    gateway.moods = [mood]
    assert outbox.deliver(message.pk) == "queued"
    assert again(message, clock) == "accepted"
    assert [request["reqId"] for request in gateway.requests] == [message.reference.hex] * 2


def test_a_gateway_that_accepted_and_said_nothing_is_asked_again_and_sends_once(gateway, message, clock):
    """F09. The vendor knows the repeated request by its id; the customer gets one SMS."""
    gateway.moods = ["drop"]
    assert outbox.deliver(message.pk) == "handed"
    assert columns(message, "gateway", "problem") == ("yuntongxun", "yuntongxun: unanswered RemoteProtocolError")
    assert again(message, clock) == "accepted"
    assert (len(gateway.requests), len(gateway.sent)) == (2, 1)


def test_while_one_gateway_may_have_it_no_other_gets_it(gateway, message, clock, settings):
    settings.MENPAI_SMS_GATEWAYS = ["yuntongxun", "outbox"]
    gateway.moods = ["drop", "160000"]
    states = [outbox.deliver(message.pk), again(message, clock), again(message, clock)]
    assert states == ["handed", "queued", "accepted"]
    message.refresh_from_db()
    assert (message.gateway, len(gateway.requests), len(gateway.sent)) == ("yuntongxun", 3, 1)


def test_an_expired_code_is_never_sent(gateway, message, clock):
    gateway.mood = "160000"
    outbox.deliver(message.pk)
    clock.advance(rules.SMS_CODE_LIFE.total_seconds())
    gateway.mood = "accept"
    assert outbox.deliver(message.pk) == "expired"
    assert (len(gateway.requests), gateway.sent) == (1, {})


@pytest.mark.parametrize("code", ["160000", "160038", "111109", "http 500"])
def test_the_next_gateway_takes_what_the_first_does_not(gateway, message, code, settings):
    settings.MENPAI_SMS_GATEWAYS = ["yuntongxun", "outbox"]
    gateway.mood = code
    assert outbox.deliver(message.pk) == "accepted"
    message.refresh_from_db()
    assert (message.gateway, len(gateway.requests)) == ("outbox", 1)


def test_a_gateway_that_refuses_everybody_rests_and_wakes_by_itself(gateway, message, clock, set_rule):
    set_rule("GATEWAY_PAUSE", timedelta(seconds=1))  # of real time, which is what Redis goes by
    gateway.moods = ["160014"]
    assert selection.can_send_code()
    assert outbox.deliver(message.pk) == "queued"
    assert not selection.can_send_code()
    Message.objects.update(due_at=timezone.now())
    assert outbox.deliver(message.pk) == "queued"
    assert len(gateway.requests) == 1  # nobody asked it in its rest
    until(selection.can_send_code, 5, "the gateway may be asked again")
    assert again(message, clock) == "accepted"


# ── Many workers ──
def test_of_many_workers_one_sends(gateway, message):
    """All of them try the same row at the same moment."""
    states = at_once(*[lambda: outbox.deliver(message.pk)] * 6)
    assert sorted(states) == [""] * 5 + ["accepted"]
    assert len(gateway.requests) == 1


# ── Configuration ──
def test_the_outbox_is_no_gateway_in_production(settings):
    settings.MENPAI_SMS_GATEWAYS, settings.MENPAI_DEV_MAILBOX = ["outbox"], False
    assert selection.can_send_code()
    settings.PRODUCTION = True
    assert not selection.can_send_code()
    settings.MENPAI_DEV_MAILBOX = True
    assert selection.can_send_code()
