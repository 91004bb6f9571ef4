"""What may be spent on SMS: to the fen, whoever races, crashes or attacks."""

import random
import threading
from datetime import timedelta

import pytest
from django.db import transaction
from django.db.models import F, Sum
from django.utils import timezone

from menpai import errors, rules
from menpai.accounts import registration
from menpai.codes import sending
from menpai.delivery import outbox
from menpai.delivery.messages import CodeRequest, send_code_sms
from menpai.delivery.sms import budget, submissions
from menpai.identifiers import Client, Mobile
from menpai.models import Alert, Message, Spending, Submission
from menpai.worker import relay
from tests.customers import a_mobile
from tests.naive import is_caught, promised
from tests.rig.children import until
from tests.rig.vendors.yuntongxun import Yuntongxun
from tests.smses import only_gateway

PRICE = 45_000  # millionths of a yuan
STRANGER = Client("127.0.0.1", "127.0.0.1", "a robot")


@pytest.fixture(autouse=True)
def prices(monkeypatch):
    monkeypatch.setenv("MENPAI_SMS_PRICE_OUTBOX", "CN 0.045")
    monkeypatch.setenv("MENPAI_SMS_PRICE_YUNTONGXUN", "CN 0.045")
    monkeypatch.setattr(budget, "_seen", (0.0, (), {}))


@pytest.fixture
def allowed(settings):
    """`allowed(hour=10)`: so many SMS."""

    def set_to(hour=None, day=None):
        settings.MENPAI_SMS_BUDGET_HOUR = None if hour is None else hour * PRICE
        settings.MENPAI_SMS_BUDGET_DAY = None if day is None else day * PRICE

    return set_to


@pytest.fixture
def gateway(settings, monkeypatch):
    with only_gateway(Yuntongxun, monkeypatch, settings) as found:
        yield found


def a_message(*, known=False):
    with transaction.atomic():
        send_code_sms(rules.REGISTRATION, a_mobile(), "zh-hans", "123456", request=CodeRequest(known=known))
    return Message.objects.latest("pk")


def sent(*, known=False):
    message = a_message(known=known)
    return outbox.deliver(message.pk)


def spent(name="hour"):
    return sum(Spending.objects.filter(period__startswith=name).values_list("spent", flat=True))


def books_agree():
    """What is spent is what was handed over."""
    paid = Submission.objects.aggregate(paid=Sum("price"))["paid"] or 0
    assert {spent(one.name) for one in budget.periods(timezone.now())} == {paid}
    return paid


# ── What is spent ──
def test_what_is_handed_over_is_paid_from_the_hour_and_the_day(allowed):
    allowed(hour=10, day=100)
    assert [sent(known=True) for _ in range(10)] == ["accepted"] * 10
    assert (spent("hour"), spent("day"), books_agree()) == (10 * PRICE,) * 3


def test_without_a_budget_nothing_is_counted_and_the_row_knows_its_price():
    assert sent() == "accepted"
    assert not Spending.objects.exists()
    assert Submission.objects.get().price == PRICE


def test_when_it_is_used_up_the_message_waits_and_says_so(allowed):
    allowed(hour=2)
    assert [sent(known=True) for _ in range(3)] == ["accepted", "accepted", "queued"]
    message = Message.objects.latest("pk")
    assert (message.problem, message.submissions.count(), message.gateway) == ("budget", 0, "")
    assert books_agree() == 2 * PRICE


def test_the_day_holds_where_the_hour_has_room_and_takes_nothing_from_it(allowed):
    allowed(hour=10, day=1)
    assert [sent(known=True) for _ in range(2)] == ["accepted", "queued"]
    assert (spent("hour"), spent("day")) == (PRICE, PRICE)


def test_what_waits_goes_out_in_the_next_hour_if_it_lives_that_long(allowed, clock, set_rule):
    set_rule("SMS_CODE_LIFE", timedelta(hours=2))
    allowed(hour=1)
    sent(known=True)
    waiting = a_message(known=True)
    assert outbox.deliver(waiting.pk) == "queued"
    clock.advance(3600)
    assert outbox.deliver(waiting.pk) == "accepted"


def test_what_does_not_expires_and_its_reason_is_the_budget(allowed, clock):
    allowed(hour=0)
    waiting = a_message()
    outbox.deliver(waiting.pk)
    clock.advance(rules.SMS_CODE_LIFE.total_seconds() + 1)
    outbox.sweep()
    waiting.refresh_from_db()
    assert (waiting.state, waiting.problem) == ("expired", "budget")


@pytest.mark.parametrize(("mood", "paid"), [("accept", 1), ("160038", 0), ("160042", 0), ("http 500", 0), ("drop", 1)])
def test_a_refusal_gives_the_money_back_and_no_answer_does_not(mood, paid, allowed, gateway):
    allowed(hour=10, day=10)
    gateway.mood = mood
    sent()
    assert books_agree() == paid * PRICE
    assert Submission.objects.get().price == paid * PRICE


def test_asking_again_for_what_may_have_been_sent_is_not_paid_twice(allowed, gateway, clock):
    allowed(hour=10)
    gateway.moods = ["drop"]
    message = a_message()
    assert outbox.deliver(message.pk) == "handed"
    clock.advance(60)
    assert outbox.deliver(message.pk) == "accepted"
    assert Submission.objects.count() == 2
    assert books_agree() == PRICE


def test_a_worker_that_dies_with_money_reserved_has_handed_nothing_over(allowed, monkeypatch):
    allowed(hour=10)

    def dies(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(budget, "reserve", dies)
    with pytest.raises(KeyboardInterrupt):
        sent()
    assert not Submission.objects.exists()
    monkeypatch.undo()
    assert books_agree() == 0


# ── The reserve ──
def test_a_fifth_is_kept_for_browsers_that_were_here_before(allowed):
    allowed(hour=10)
    assert [sent() for _ in range(9)] == ["accepted"] * 8 + ["queued"]
    assert [sent(known=True) for _ in range(3)] == ["accepted", "accepted", "queued"]


# ── Who asks ──
def test_who_asks_is_told_at_once_until_when(allowed, http, clock):
    allowed(hour=0)
    answer = http.get(f"/user/sms/{a_mobile()}/")
    assert answer.status_code == 503
    left = 3600 - timezone.localtime().minute * 60 - timezone.localtime().second
    assert abs(int(answer.headers["retry-after"]) - left) <= 2
    assert not Message.objects.exists()


def test_the_day_is_waited_for_where_both_are_used_up(allowed):
    allowed(hour=0, day=0)
    with pytest.raises(errors.SendingPaused) as no:
        sending.count_sms(rules.REGISTRATION, a_mobile(), STRANGER)
    now = timezone.localtime()
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    assert abs((midnight - now) - no.value.retry_after) < timedelta(seconds=2)


def test_a_refusal_costs_no_statement_within_a_second(allowed, statements, round_trips):
    allowed(hour=0)
    for look in (1, 0, 0):
        with statements() as sql, round_trips() as trips, pytest.raises(errors.SendingPaused):
            sending.count_sms(rules.REGISTRATION, a_mobile(), STRANGER)
        assert (len(sql), trips) == (look, [])


# ── The operator ──
def test_the_operator_is_told_once_at_four_fifths_and_once_at_the_end(allowed):
    allowed(hour=10)
    for _ in range(12):
        sent(known=True)
    assert [one.event for one in Alert.objects.order_by("created_at")] == ["budget-low", "budget-used-up"]
    facts = Alert.objects.get(event="budget-low").facts
    assert (facts["about"], facts["budget"]) == ("hour", "0.45")


# ── Attacks and races ──
ENOUGH_FOR = 100


def pumped(numbers):
    """Somebody with many addresses asks for a code to each number, as fast as they can; how many were refused."""
    refused = 0
    for number in range(numbers):
        client = Client(f"10.0.{number >> 8 & 255}.{number & 255}", f"10.0.{number >> 8 & 255}.{number & 255}", "robot")
        mobile = Mobile(f"1{random.choice('356789')}{number:09}")
        try:
            registration.request_code(mobile, client)
        except errors.SendingPaused:
            refused += 1
    return refused


@pytest.mark.slow("thousands of numbers")
@pytest.mark.timeout(300)
def test_pumping_costs_no_more_than_the_budget(allowed, set_rule, proof):
    numbers = 10_000 if proof else 1_000
    for name in ("SMS_PER_PREFIX", "SMS_IN_ALL", "UNUSED_SMS", "UNUSED_SMS_PER_PREFIX"):
        set_rule(name, ())
    allowed(hour=ENOUGH_FOR + 10, day=ENOUGH_FOR)
    stop = threading.Event()
    senders = [threading.Thread(target=relay.run_sender, args=(stop,)) for _ in range(2)]  # each sends four at once
    for one in senders:
        one.start()
    most = ENOUGH_FOR * (100 - rules.RESERVE_PERCENT) // 100 * PRICE
    try:
        refused = pumped(numbers)
        until(lambda: spent("day") >= most, 60, "the end of the money")
    finally:
        stop.set()
        for one in senders:
            one.join()
    assert books_agree() == most
    assert Submission.objects.count() * PRICE == most
    assert refused + Message.objects.count() == numbers
    assert refused > numbers // 2


CLIENTS, ROOM = 16, 10


def naive_reserve(price, at, *, known):
    """Look, then add."""
    (period,) = budget.periods(at)
    row, _ = Spending.objects.get_or_create(period=period.key)
    if row.spent + price > period.most(known=known):
        raise budget.UsedUp(period, known=known)
    Spending.objects.filter(period=period.key).update(spent=F("spent") + price)


def many_senders_stay_within_the_budget(clients):
    Message.objects.all().delete()
    Spending.objects.all().delete()
    waiting = [a_message(known=True).pk for _ in range(CLIENTS)]
    states = clients.rush(lambda number: outbox.deliver(waiting[number]))
    found = (states.count("accepted"), states.count("queued"))
    promised(found == (ROOM, CLIENTS - ROOM) and spent() == ROOM * PRICE, (states, spent()))
    assert books_agree() == ROOM * PRICE


races = pytest.mark.production_only("SQLite lets one writer in at a time: there is nothing to race for")


@races
@pytest.mark.timeout(300)
def test_many_senders_at_once_spend_what_there_is_and_no_more(clients, allowed, few_rounds):
    allowed(hour=ROOM)
    for _ in range(few_rounds):
        many_senders_stay_within_the_budget(clients)


@races
@pytest.mark.timeout(300)
def test_a_naive_reservation_is_caught(clients, allowed, rounds, monkeypatch):
    allowed(hour=ROOM)
    monkeypatch.setattr(submissions.budget, "reserve", naive_reserve)
    assert is_caught(many_senders_stay_within_the_budget, clients, rounds)


def refusals_and_new_tries_at_the_turn_of_the_hour(clients):
    """Half of them give back what was reserved in the hour before, and reserve anew, in one transaction."""
    Spending.objects.all().delete()
    now = timezone.localtime().replace(hour=12)  # both hours are of one day
    before = now - timedelta(hours=1)
    for one in budget.periods(before):
        Spending.objects.create(period=one.key, spent=1000 * PRICE)

    def work(number):
        with transaction.atomic():
            if number % 2:
                budget.give_back(PRICE, before)
            budget.reserve(PRICE, now, known=True)

    found = clients.rush(work)
    promised(not any("deadlock" in str(error) for error in found), found)
    assert found == [None] * CLIENTS


@races
@pytest.mark.timeout(300)
def test_nobody_waits_in_a_circle_for_two_hours_and_a_day(clients, allowed, few_rounds):
    allowed(hour=10**4, day=10**5)
    for _ in range(few_rounds):
        refusals_and_new_tries_at_the_turn_of_the_hour(clients)


@races
@pytest.mark.timeout(300)
def test_with_the_hour_first_they_would(clients, allowed, rounds, monkeypatch):
    allowed(hour=10**4, day=10**5)
    in_order = budget.periods
    monkeypatch.setattr(budget, "periods", lambda at: in_order(at)[::-1])
    assert is_caught(refusals_and_new_tries_at_the_turn_of_the_hour, clients, rounds)
