"""Each verb of the ephemeral store is one atomic step: 64 people (or 200) with a connection each, at the same moment.

Every story is also told with a store that reads, decides in Python and writes; the same check must catch it.
"""

import random
import time
import uuid
from collections import Counter
from datetime import timedelta

import pytest
from django.db import OperationalError, connection

from menpai import errors
from menpai.ephemeral import Window
from menpai.ephemeral.sql import SqlStore
from menpai.models import EphemeralSecret
from menpai.rules import Limit
from tests.concurrency import ConcurrentClients
from tests.stores import STORES, NaiveRedis, NaiveSql, opened

pytestmark = pytest.mark.timeout(300)
WIDE, TRIES = 64, 5
HOUR = timedelta(hours=1)

store = pytest.fixture(params=STORES)(opened)


@pytest.fixture(params=STORES)
def naive(request):
    """A store that looks first and then writes."""
    for real in opened(request):
        yield NaiveSql() if isinstance(real, SqlStore) else NaiveRedis(real._redis)


@pytest.fixture(scope="module")
def crowd():
    with ConcurrentClients(WIDE) as people:
        yield people


@pytest.fixture
def few(few_rounds, engine):
    # SQLite lets one writer in at a time, and who waits sleeps longer and longer.
    return few_rounds if engine == "production" else 3


def is_caught(story, rounds):
    """The naive store breaks the story's promise within the rounds that the real one survives, or 100."""
    for _ in range(max(rounds, 100)):  # one round may pass by chance
        try:
            story()
        except AssertionError:
            return True
    return False


def insisting(verb):
    """On SQLite people queue for the one writer, and who waits too long is sent away: nothing was done, so again."""
    if connection.vendor != "sqlite":
        return verb

    def job(number):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                return verb(number)
            except (errors.StoreUnavailable, OperationalError):
                continue
        raise TimeoutError

    return job


def rush(crowd, verb):
    found = crowd.rush(insisting(verb))
    for one in found:
        if isinstance(one, Exception):
            raise one
    return found


def new_key():
    return uuid.uuid4().hex


# ── Guesses ──
def exactly_five_wrong_guesses_are_evaluated(store, crowd):
    key = new_key()
    store.put(key, {"a": ""}, life=HOUR)
    found = Counter(guess.outcome for guess in rush(crowd, lambda _: store.guess(key, "b", tries=TRIES)))
    assert found == {"wrong": TRIES, "gone": crowd.size - TRIES}


def test_64_wrong_guesses_at_once_are_five(store, crowd, few):
    for _ in range(few):
        exactly_five_wrong_guesses_are_evaluated(store, crowd)


def test_a_naive_guess_counter_is_caught(naive, crowd, rounds):
    assert is_caught(lambda: exactly_five_wrong_guesses_are_evaluated(naive, crowd), rounds)


def exactly_three_looks_are_had(store, crowd):
    key = new_key()
    store.put(key, {"a": ""}, life=HOUR)
    looks = rush(crowd, lambda _: store.guess(key, "a", tries=3, count_right=True))
    assert Counter(look.outcome for look in looks) == {"right": 3, "gone": crowd.size - 3}


def test_64_looks_at_once_are_three(store, crowd, few):
    for _ in range(few):
        exactly_three_looks_are_had(store, crowd)


def test_naive_looks_are_caught(naive, crowd, rounds):
    assert is_caught(lambda: exactly_three_looks_are_had(naive, crowd), rounds)


def test_64_right_guesses_at_once_leave_all_tries(store, crowd, few):
    for _ in range(few):
        key = new_key()
        store.put(key, {"a": ""}, life=HOUR)
        rush(crowd, lambda _, key=key: store.guess(key, "a", tries=WIDE))
        left = [store.guess(key, "b", tries=TRIES).outcome for _ in range(TRIES + 1)]
        assert left == ["wrong"] * TRIES + ["gone"]


def new_puts_give_no_tries_back(store, crowd):
    key = new_key()
    store.put(key, {"a": ""}, life=HOUR, tries=TRIES, keep_tries=True)

    def meddle(number):
        if number % 2:
            return store.put(key, {f"{number}": ""}, life=HOUR, tries=TRIES, keep_tries=True)
        return store.guess(key, "b", tries=TRIES)

    found = Counter(answer.outcome for answer in rush(crowd, meddle)[::2])
    assert found["wrong"] == TRIES, found


def test_32_new_codes_among_32_wrong_guesses_give_no_tries_back(store, crowd, few):
    for _ in range(few):
        new_puts_give_no_tries_back(store, crowd)


def test_a_naive_keeping_of_tries_is_caught(naive, crowd, rounds):
    assert is_caught(lambda: new_puts_give_no_tries_back(naive, crowd), rounds)


def dropping_the_old_keeps_the_new(store, crowd):
    key = new_key()
    store.put(key, {"old": ""}, life=HOUR)
    verbs = [lambda: store.put(key, {"new": ""}, life=HOUR), *[lambda: store.drop(key, "old")] * (crowd.size - 1)]
    random.Random(key).shuffle(verbs)
    rush(crowd, lambda number: verbs[number]())
    assert store.guess(key, "new", tries=TRIES).outcome == "right"


def test_a_new_secret_survives_63_droppings_of_the_old_one(store, crowd, few):
    for _ in range(few):
        dropping_the_old_keeps_the_new(store, crowd)


def test_a_naive_drop_is_caught(naive, crowd, rounds):
    assert is_caught(lambda: dropping_the_old_keeps_the_new(naive, crowd), rounds)


# ── Windows ──
def exactly_the_limit_is_counted(store, crowd, limit):
    window = [Window(new_key(), (Limit(limit, HOUR),))]
    found = rush(crowd, lambda _: store.count(window))
    assert found.count(None) == limit, found.count(None)


def test_200_events_at_once_are_exactly_the_limit(store):
    with ConcurrentClients(200) as crowd:
        for limit in (1, 10, 60):
            exactly_the_limit_is_counted(store, crowd, limit)


def test_a_naive_window_is_caught(naive, crowd, rounds):
    assert is_caught(lambda: exactly_the_limit_is_counted(naive, crowd, 10), rounds)


def two_windows_are_counted_together_or_not_at_all(store, crowd):
    """Half of them name the windows the other way round: nobody may wait in a circle."""
    first, second = Window(new_key(), (Limit(20, HOUR),)), Window(new_key(), (Limit(10, HOUR),))
    found = rush(crowd, lambda number: store.count([first, second][:: 1 if number % 2 else -1]))
    assert found.count(None) == 10, found.count(None)
    assert [store.count([first]) for _ in range(11)].count(None) == 10


def test_two_windows_in_two_orders_stay_whole(store, crowd, few):
    for _ in range(few):
        two_windows_are_counted_together_or_not_at_all(store, crowd)


def test_naive_windows_are_caught(naive, crowd, rounds):
    assert is_caught(lambda: two_windows_are_counted_together_or_not_at_all(naive, crowd), rounds)


# ── The sweeper ──
def test_sweeping_amid_the_traffic_loses_nothing_that_lives(store, crowd, few):
    """The sweeper may take an expired row away from under somebody who found it there and wants its lock."""
    brief, window = timedelta(milliseconds=1), Window(new_key(), (Limit(10, HOUR),))
    key = new_key()

    def meddle(number):
        if number % 4 == 0:
            return store.sweep()
        if number % 4 == 1:
            return store.put(key, {"a": ""}, life=brief)
        return store.count([Window(key, (Limit(WIDE, brief),)), window])

    found = [rush(crowd, meddle) for _ in range(few)]
    assert sum(one.count(None) for one in found) == 10


def what_was_put_anew_is_not_swept(store, crowd):
    keys = [new_key() for _ in range(crowd.size)]
    EphemeralSecret.objects.bulk_create([EphemeralSecret(key=key, expires_at=1) for key in keys])

    def meddle(number):
        if number % 8 == 0:
            return store.sweep()
        return SqlStore().put(keys[number - 1], {"new": ""}, life=HOUR)

    rush(crowd, meddle)
    kept = [SqlStore().guess(key, "new").outcome for number, key in enumerate(keys) if (number + 1) % 8]
    assert kept == ["right"] * len(kept)


def test_eight_sweepers_spare_what_was_put_anew(crowd, few):
    for _ in range(few):
        what_was_put_anew_is_not_swept(SqlStore(), crowd)


def test_a_naive_sweeper_is_caught(crowd, rounds):
    assert is_caught(lambda: what_was_put_anew_is_not_swept(NaiveSql(), crowd), rounds)
