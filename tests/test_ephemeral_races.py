"""Each verb of the ephemeral store is one atomic step: 64 clients (or 200) with a connection each, at the same moment.

Every story is also told with a store that reads, decides in Python and writes; the same check must catch it.
"""

import random
import uuid
from collections import Counter
from datetime import timedelta

import pytest

from menpai.ephemeral import Window
from menpai.ephemeral.sql import SqlStore
from menpai.models import EphemeralSecret
from menpai.rules import Limit
from tests.concurrency import ConcurrentClients, insisting
from tests.naive import is_caught, promised
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


@pytest.fixture
def few(few_rounds, engine):
    # SQLite lets one writer in at a time, and who waits sleeps longer and longer.
    return few_rounds if engine == "production" else 3


def rush(clients, verb):
    found = clients.rush(insisting(verb))
    for one in found:
        if isinstance(one, Exception):
            raise one
    return found


def new_key():
    return uuid.uuid4().hex


# ── Guesses ──
def exactly_five_wrong_guesses_are_evaluated(store, clients):
    key = new_key()
    store.put(key, {"a": ""}, life=HOUR)
    found = Counter(guess.outcome for guess in rush(clients, lambda _: store.guess(key, "b", tries=TRIES)))
    promised(found == {"wrong": TRIES, "gone": clients.size - TRIES}, found)


def test_64_wrong_guesses_at_once_are_five(store, clients, few):
    for _ in range(few):
        exactly_five_wrong_guesses_are_evaluated(store, clients)


def test_a_naive_guess_counter_is_caught(naive, clients, rounds):
    assert is_caught(lambda clients: exactly_five_wrong_guesses_are_evaluated(naive, clients), clients, rounds)


def exactly_three_looks_are_had(store, clients):
    key = new_key()
    store.put(key, {"a": ""}, life=HOUR)
    looks = rush(clients, lambda _: store.guess(key, "a", tries=3, count_right=True))
    found = Counter(look.outcome for look in looks)
    promised(found == {"right": 3, "gone": clients.size - 3}, found)


def test_64_looks_at_once_are_three(store, clients, few):
    for _ in range(few):
        exactly_three_looks_are_had(store, clients)


def test_naive_looks_are_caught(naive, clients, rounds):
    assert is_caught(lambda clients: exactly_three_looks_are_had(naive, clients), clients, rounds)


def test_64_right_guesses_at_once_leave_all_tries(store, clients, few):
    for _ in range(few):
        key = new_key()
        store.put(key, {"a": ""}, life=HOUR)
        rush(clients, lambda _, key=key: store.guess(key, "a", tries=WIDE))
        left = [store.guess(key, "b", tries=TRIES).outcome for _ in range(TRIES + 1)]
        assert left == ["wrong"] * TRIES + ["gone"]


def new_puts_give_no_tries_back(store, clients):
    key = new_key()
    store.put(key, {"a": ""}, life=HOUR, tries=TRIES, keep_tries=True)

    def meddle(number):
        if number % 2:
            return store.put(key, {f"{number}": ""}, life=HOUR, tries=TRIES, keep_tries=True)
        return store.guess(key, "b", tries=TRIES)

    found = Counter(answer.outcome for answer in rush(clients, meddle)[::2])
    promised(found["wrong"] == TRIES, found)


def test_32_new_codes_among_32_wrong_guesses_give_no_tries_back(store, clients, few):
    for _ in range(few):
        new_puts_give_no_tries_back(store, clients)


def test_a_naive_keeping_of_tries_is_caught(naive, clients, rounds):
    assert is_caught(lambda clients: new_puts_give_no_tries_back(naive, clients), clients, rounds)


def dropping_the_old_keeps_the_new(store, clients):
    key = new_key()
    store.put(key, {"old": ""}, life=HOUR)
    verbs = [lambda: store.put(key, {"new": ""}, life=HOUR), *[lambda: store.drop(key, "old")] * (clients.size - 1)]
    random.Random(key).shuffle(verbs)
    rush(clients, lambda number: verbs[number]())
    found = store.guess(key, "new", tries=TRIES).outcome
    promised(found == "right", found)


def test_a_new_secret_survives_63_droppings_of_the_old_one(store, clients, few):
    for _ in range(few):
        dropping_the_old_keeps_the_new(store, clients)


def test_a_naive_drop_is_caught(naive, clients, rounds):
    assert is_caught(lambda clients: dropping_the_old_keeps_the_new(naive, clients), clients, rounds)


# ── Windows ──
def exactly_the_limit_is_counted(store, clients, limit):
    window = [Window(new_key(), (Limit(limit, HOUR),))]
    found = rush(clients, lambda _: store.count(window))
    promised(found.count(None) == limit, found.count(None))


def test_200_events_at_once_are_exactly_the_limit(store):
    with ConcurrentClients(200) as clients:
        for limit in (1, 10, 60):
            exactly_the_limit_is_counted(store, clients, limit)


def test_a_naive_window_is_caught(naive, clients, rounds):
    assert is_caught(lambda clients: exactly_the_limit_is_counted(naive, clients, 10), clients, rounds)


def two_windows_are_counted_together_or_not_at_all(store, clients):
    """Half of them name the windows the other way round: nobody may wait in a circle."""
    first, second = Window(new_key(), (Limit(20, HOUR),)), Window(new_key(), (Limit(10, HOUR),))
    found = rush(clients, lambda number: store.count([first, second][:: 1 if number % 2 else -1]))
    promised(found.count(None) == 10, found.count(None))
    assert [store.count([first]) for _ in range(11)].count(None) == 10


def test_two_windows_in_two_orders_stay_whole(store, clients, few):
    for _ in range(few):
        two_windows_are_counted_together_or_not_at_all(store, clients)


def test_naive_windows_are_caught(naive, clients, rounds):
    assert is_caught(lambda clients: two_windows_are_counted_together_or_not_at_all(naive, clients), clients, rounds)


# ── The sweeper ──
def test_sweeping_amid_the_traffic_loses_nothing_that_lives(store, clients, few):
    """The sweeper may take an expired row away from under somebody who found it there and wants its lock."""
    brief, window = timedelta(milliseconds=1), Window(new_key(), (Limit(10, HOUR),))
    key = new_key()

    def meddle(number):
        if number % 4 == 0:
            return store.sweep()
        if number % 4 == 1:
            return store.put(key, {"a": ""}, life=brief)
        return store.count([Window(key, (Limit(WIDE, brief),)), window])

    found = [rush(clients, meddle) for _ in range(few)]
    assert sum(one.count(None) for one in found) == 10


def what_was_put_anew_is_not_swept(store, clients):
    keys = [new_key() for _ in range(clients.size)]
    EphemeralSecret.objects.bulk_create([EphemeralSecret(key=key, expires_at=1) for key in keys])

    def meddle(number):
        if number % 8 == 0:
            return store.sweep()
        return SqlStore().put(keys[number - 1], {"new": ""}, life=HOUR)

    rush(clients, meddle)
    kept = [SqlStore().guess(key, "new").outcome for number, key in enumerate(keys) if (number + 1) % 8]
    promised(kept == ["right"] * len(kept), Counter(kept))


def test_eight_sweepers_spare_what_was_put_anew(clients, few):
    for _ in range(few):
        what_was_put_anew_is_not_swept(SqlStore(), clients)


def test_a_naive_sweeper_is_caught(clients, rounds):
    assert is_caught(lambda clients: what_was_put_anew_is_not_swept(NaiveSql(), clients), clients, rounds)
