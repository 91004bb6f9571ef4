"""A gateway that does not work is left alone by every worker, and tried with one message at a time."""

import logging
from datetime import timedelta

import pytest

from menpai import rules
from menpai.delivery import outbox
from menpai.delivery.sms import breaker, selection
from menpai.models import AuditEvent
from tests.sms.steps import a_code, again, trace


def told():
    return list(
        AuditEvent.objects.filter(event__startswith="sys_gateway").order_by("pk").values_list("event", "details")
    )


def deliver(many=1):
    return [outbox.deliver(a_code().pk) for _ in range(many)]


@pytest.fixture
def alone(vendors, settings):
    settings.MENPAI_SMS_GATEWAYS = ["east"]


def test_wrong_keys_put_a_gateway_to_rest_at_once(east, west, caplog):
    east.mood = "wrong keys"
    with caplog.at_level(logging.WARNING):
        assert deliver(3) == ["accepted"] * 3
    assert (len(east.asked), len(west.asked)) == (1, 3)
    assert told() == [("sys_gateway_open", {"gateway": "east", "why": "misconfigured wrong keys"})]
    assert "SMS gateway east: sys_gateway_open" in caplog.text


@pytest.mark.parametrize("mood", ["busy", "silent, lost"])
def test_a_gateway_rests_that_fails_again_and_again(east, west, mood):
    east.mood = mood
    deliver(rules.GATEWAY_FAILURES + 3)
    assert len(east.asked) == rules.GATEWAY_FAILURES
    assert [event for event, _ in told()] == ["sys_gateway_open"]


def test_failures_that_successes_make_up_for_are_no_outage(east):
    east.moods = ["busy", "accept"] * (2 * rules.GATEWAY_FAILURES)
    deliver(4 * rules.GATEWAY_FAILURES)
    assert (len(east.asked), told()) == (4 * rules.GATEWAY_FAILURES, [])


def test_failures_long_ago_do_not_count(east, clock):
    east.mood = "busy"
    deliver(rules.GATEWAY_FAILURES - 1)
    clock.advance(rules.GATEWAY_WINDOW.total_seconds() + 1)
    deliver(rules.GATEWAY_FAILURES - 1)
    assert told() == []


@pytest.mark.parametrize("mood", ["bad number", "bad text", "limited"])
def test_a_no_to_one_message_is_no_failure_of_the_gateway(east, mood):
    east.mood = mood
    deliver(rules.GATEWAY_FAILURES + 2)
    assert (len(east.asked), told()) == (rules.GATEWAY_FAILURES + 2, [])


def test_after_its_rest_one_message_tries_it_and_the_others_go_elsewhere(east, west, clock):
    east.mood = "wrong keys"
    deliver()
    clock.advance(rules.GATEWAY_PAUSE.total_seconds() + 1)
    assert breaker.claim_trial("east")  # somebody's message is trying it at this moment
    assert deliver() == ["accepted"]
    assert len(east.asked) == 1
    clock.advance(rules.LEASE.total_seconds() + 1)  # …and that worker died
    deliver()
    assert len(east.asked) == 2


def test_a_trial_that_succeeds_ends_it_and_one_that_fails_prolongs_it(east, west, clock):
    rest = max(rules.GATEWAY_PAUSE, rules.LEASE).total_seconds() + 1
    east.moods = ["wrong keys", "busy"]
    deliver()
    clock.advance(rest)
    deliver(2)
    assert len(east.asked) == 2  # the trial failed: it rests again
    clock.advance(rest)
    deliver(4)
    assert len(east.asked) == 6
    assert [event for event, _ in told()] == ["sys_gateway_open", "sys_gateway_closed"]


def test_while_every_gateway_of_a_region_rests_no_code_is_accepted(alone, east, message, http):
    """luffy.md: 500, as when none is configured."""
    assert selection.can_send_code()
    east.mood = "wrong keys"
    outbox.deliver(message.pk)
    assert not selection.can_send_code()
    assert http.get("/user/sms/13912345678/").status_code == 500


def test_one_region_may_be_closed_and_another_open(east, west, settings):
    settings.MENPAI_SMS_ROUTES = "CN: east; HK: west"
    east.mood = "wrong keys"
    deliver()
    assert [selection.can_send_code(mobile) for mobile in ("", "+85291234567", "+6591234567")] == [False, True, False]


def test_a_message_that_finds_everybody_resting_waits_for_them(alone, east, message, clock, set_rule):
    set_rule("GATEWAY_PAUSE", timedelta(seconds=3))
    east.moods = ["wrong keys"]
    assert [outbox.deliver(message.pk), again(message, clock)] == ["queued", "accepted"]
    assert trace(message) == [("east", "failed"), ("east", "accepted")]


def test_a_request_asks_the_store_once_about_all_gateways(vendors, round_trips, http):
    with round_trips() as trips:
        http.get("/user/sms/13912345678/")
    assert trips == ["paused", "count"]
