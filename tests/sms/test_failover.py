"""The next gateway takes what one surely did not; after an unknown outcome nobody else is asked."""

import pytest

from menpai import rules
from menpai.delivery import outbox
from menpai.models import Submission
from tests.customers import a_mobile
from tests.rig.tables import columns
from tests.sms.scripted import Killed
from tests.sms.steps import a_code, again, trace


@pytest.mark.parametrize("mood", ["busy", "wrong keys", "limited"])
def test_the_next_gateway_takes_at_once_what_one_surely_did_not(east, west, message, mood):
    east.mood = mood
    assert outbox.deliver(message.pk) == "accepted"
    assert trace(message) == [("east", "failed"), ("west", "accepted")]
    assert columns(message, "gateway", "vendor_reference", "problem") == ("west", "west-1", "")


@pytest.mark.parametrize("mood", ["bad number", "bad text"])
def test_what_is_refused_for_good_is_offered_to_nobody_else(east, west, message, mood):
    east.mood = mood
    assert outbox.deliver(message.pk) == "failed"
    message.refresh_from_db()
    reason = Submission.objects.get().reason
    assert reason.endswith(mood) and (message.problem, message.sealed) == (f"east: {reason}", "")
    assert (outbox.deliver(message.pk), len(east.asked), west.asked) == ("", 1, [])  # nor once more
    assert trace(message) == [("east", "failed")]


@pytest.mark.parametrize("mood", ["silent, sent", "silent, lost"])
def test_an_unknown_outcome_is_the_end_where_a_repetition_could_be_a_second_sms(east, west, message, mood, clock):
    east.mood = mood
    assert outbox.deliver(message.pk) == "unknown"
    clock.advance(60)
    assert (outbox.deliver_due(), trace(message), west.asked) == (0, [("east", "unknown")], [])


def test_an_unknown_outcome_is_asked_for_again_where_a_repetition_is_known(west, message, clock, settings):
    settings.MENPAI_SMS_GATEWAYS = ["west", "east"]
    west.moods = ["silent, sent"]
    assert [outbox.deliver(message.pk), again(message, clock)] == ["handed", "accepted"]
    assert trace(message) == [("west", "unknown"), ("west", "accepted")]
    assert west.phones.total() == 1


def test_an_answer_that_never_comes_leaves_the_message_unknown(west, message, clock, settings):
    settings.MENPAI_SMS_GATEWAYS = ["west"]
    west.mood = "silent, sent"
    states = {outbox.deliver(message.pk)}
    while "unknown" not in states:
        states.add(again(message, clock))
    message.refresh_from_db()
    assert (states, message.sealed, west.phones.total()) == ({"handed", "unknown"}, "", 1)


@pytest.mark.parametrize("mood", ["killed before", "killed after"])
def test_a_handing_over_whose_worker_died_is_unknown(east, west, message, mood, clock):
    east.moods = [mood]
    with pytest.raises(Killed):
        outbox.deliver(message.pk)
    assert trace(message) == [("east", "handed")]  # committed before the first byte
    assert again(message, clock) == "unknown"
    assert (trace(message), west.asked) == ([("east", "unknown")], [])


def test_the_sweep_ends_a_lost_handing_over_with_its_message(east, message, clock):
    east.moods = ["killed after"]
    with pytest.raises(Killed):
        outbox.deliver(message.pk)
    clock.advance(rules.SMS_CODE_LIFE.total_seconds())
    outbox.sweep()
    message.refresh_from_db()
    assert (message.state, trace(message)) == ("unknown", [("east", "unknown")])


def test_a_handing_over_tells_where_it_went_and_how_it_ended(east, message):
    east.mood = "limited"
    outbox.deliver(message.pk)
    refused, accepted = Submission.objects.order_by("pk")
    assert (refused.region, accepted.region) == ("CN", "CN")
    assert accepted.carrier != ""
    assert refused.reason == "rate-limited limited"
    assert refused.handed_at <= refused.answered_at <= accepted.handed_at <= accepted.answered_at
    assert (refused.vendor_reference, accepted.vendor_reference, accepted.reason) == ("", "west-1", "")


def test_a_number_abroad_goes_by_its_own_route(east, west, settings):
    settings.MENPAI_SMS_ROUTES = "CN: east; HK: west"
    for number in (a_mobile(), "+85291234567"):
        assert outbox.deliver(a_code(number).pk) == "accepted"
    assert ([one.region for one in east.asked], [one.region for one in west.asked]) == (["CN"], ["HK"])
    assert list(Submission.objects.order_by("pk").values_list("region", flat=True)) == ["CN", "HK"]


def test_a_failover_is_three_statements_more(message, east, statements):
    east.mood = "limited"
    with statements() as sql:
        outbox.deliver(message.pk)
    told = [one["sql"].split()[0] for one in sql if "ephemeral" not in one["sql"]]
    # Taken; handed to the one; refused by it and handed to the other; what became of it, on both.
    steps = "SELECT UPDATE", "UPDATE INSERT", "UPDATE UPDATE INSERT", "UPDATE UPDATE"
    assert " ".join(word for word in told if word not in ("BEGIN", "COMMIT", "RELEASE", "SAVEPOINT")) == " ".join(steps)
