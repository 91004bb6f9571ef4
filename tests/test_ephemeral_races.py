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


@pytest.fixture(scope="module")
def writers(request):
    """64 clients; on SQLite, where they queue for one writer, 16 are enough in `make test`."""
    if request.config.getoption("--engine") == "production" or request.config.getoption("--proof"):
        yield request.getfixturevalue("clients")
        return
    with ConcurrentClients(16) as found:
        yield found


@pytest.fixture
def few(few_rounds, engine):
    # SQLite lets one writer in at a time, and who waits sleeps longer and longer.
    return few_rounds if engine == "production" else 3


def rush(clients, verb):
    results = clients.rush(insisting(verb))
    for result in results:
        if isinstance(result, Exception):
            raise result
    return results


def new_key():
    return uuid.uuid4().hex


# ── The stories ──
def exactly_five_wrong_guesses_are_evaluated(store, clients):
    key = new_key()
    store.put(key, {"a": ""}, life=HOUR)
    counts = Counter(guess.outcome for guess in rush(clients, lambda _: store.guess(key, "b", tries=TRIES)))
    promised(counts == {"wrong": TRIES, "gone": clients.size - TRIES}, counts)


def exactly_three_looks_are_had(store, clients):
    key = new_key()
    store.put(key, {"a": ""}, life=HOUR)
    looks = rush(clients, lambda _: store.guess(key, "a", tries=3, count_right=True))
    counts = Counter(look.outcome for look in looks)
    promised(counts == {"right": 3, "gone": clients.size - 3}, counts)


def new_secrets_give_no_tries_back(store, clients):
    """Half of the clients put a new secret among the wrong guesses of the others."""
    key = new_key()
    store.put(key, {"a": ""}, life=HOUR, tries=TRIES, keep_tries=True)

    def meddle(number):
        if number % 2:
            return store.put(key, {f"{number}": ""}, life=HOUR, tries=TRIES, keep_tries=True)
        return store.guess(key, "b", tries=TRIES)

    counts = Counter(answer.outcome for answer in rush(clients, meddle)[::2])
    promised(counts["wrong"] == TRIES, counts)


def a_new_secret_survives_the_droppings_of_the_old_one(store, clients):
    key = new_key()
    store.put(key, {"old": ""}, life=HOUR)
    verbs = [lambda: store.put(key, {"new": ""}, life=HOUR), *[lambda: store.drop(key, "old")] * (clients.size - 1)]
    random.Random(key).shuffle(verbs)
    rush(clients, lambda number: verbs[number]())
    outcome = store.guess(key, "new", tries=TRIES).outcome
    promised(outcome == "right", outcome)


def exactly_the_limit_is_counted(store, clients, limit=10):
    window = [Window(new_key(), (Limit(limit, HOUR),))]
    counted = rush(clients, lambda _: store.count(window)).count(None)
    promised(counted == limit, counted)


def two_windows_are_counted_together_or_not_at_all(store, clients):
    """Half of them name the windows the other way round: nobody may wait in a circle."""
    first, second = Window(new_key(), (Limit(20, HOUR),)), Window(new_key(), (Limit(10, HOUR),))
    counted = rush(clients, lambda number: store.count([first, second][:: 1 if number % 2 else -1])).count(None)
    promised(counted == 10, counted)
    assert [store.count([first]) for _ in range(11)].count(None) == 10


def as_many_find_something_as_was_given(store, clients):
    key = new_key()
    for _ in range(3):
        store.give(key, HOUR)
    taken = sum(rush(clients, lambda _: store.take(key)))
    promised(taken == 3, taken)


STORIES = [
    *(exactly_five_wrong_guesses_are_evaluated, exactly_three_looks_are_had, new_secrets_give_no_tries_back),
    *(a_new_secret_survives_the_droppings_of_the_old_one, exactly_the_limit_is_counted),
    two_windows_are_counted_together_or_not_at_all,
]


@pytest.mark.parametrize("story", STORIES)
def test_of_64_at_once_as_many_succeed_as_may(story, store, writers, few):
    for _ in range(few):
        story(store, writers)


def test_of_64_at_once_as_many_find_something_as_was_given(store, writers, rounds, engine):
    for _ in range(rounds if engine == "production" else 3):
        as_many_find_something_as_was_given(store, writers)


@pytest.mark.parametrize("story", [*STORIES, as_many_find_something_as_was_given])
def test_a_naive_store_is_caught(story, naive, clients):
    assert is_caught(lambda clients: story(naive, clients), clients)


def test_64_right_guesses_at_once_leave_all_tries(store, writers, few):
    for _ in range(few):
        key = new_key()
        store.put(key, {"a": ""}, life=HOUR)
        rush(writers, lambda _, key=key: store.guess(key, "a", tries=WIDE))
        left = [store.guess(key, "b", tries=TRIES).outcome for _ in range(TRIES + 1)]
        assert left == ["wrong"] * TRIES + ["gone"]


def test_200_events_at_once_are_exactly_the_limit(store, engine, proof):
    with ConcurrentClients(200 if engine == "production" or proof else 80) as clients:
        for limit in (1, 10, 60):
            exactly_the_limit_is_counted(store, clients, limit)


# ── The sweeper ──
def test_sweeping_amid_the_traffic_loses_nothing_that_lives(store, writers, few):
    """The sweeper may take an expired row away from under somebody who found it there and wants its lock."""
    brief, window = timedelta(milliseconds=1), Window(new_key(), (Limit(10, HOUR),))
    key = new_key()

    def meddle(number):
        if number % 4 == 0:
            return store.sweep()
        if number % 4 == 1:
            return store.put(key, {"a": ""}, life=brief)
        return store.count([Window(key, (Limit(WIDE, brief),)), window])

    assert sum(rush(writers, meddle).count(None) for _ in range(few)) == 10


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


def test_eight_sweepers_spare_what_was_put_anew(writers, few):
    for _ in range(few):
        what_was_put_anew_is_not_swept(SqlStore(), writers)


def test_a_naive_sweeper_is_caught(clients):
    assert is_caught(lambda clients: what_was_put_anew_is_not_swept(NaiveSql(), clients), clients)
