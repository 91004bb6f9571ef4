"""What every ephemeral store promises of things that are laid down for somebody: each is taken once."""

import time
import uuid
from datetime import timedelta

import pytest

from menpai.ephemeral.sql import SqlStore
from menpai.models import EphemeralSecret
from tests.concurrency import insisting
from tests.naive import is_caught, promised
from tests.stores import STORES, opened

MINUTE = timedelta(minutes=1)
THINGS = 3

store = pytest.fixture(params=STORES)(opened)


def test_several_things_under_one_key_are_taken_one_by_one(store):
    for _ in range(THINGS):
        store.give("door", MINUTE)
    assert not store.take("another door")
    assert [store.take("door") for _ in range(THINGS + 1)] == [True] * THINGS + [False]


def test_a_thing_lasts_as_long_as_it_was_given_and_the_others_stay(store, clock):
    store.give("door", MINUTE)
    clock.advance(40)
    store.give("door", MINUTE)
    clock.advance(21)
    assert [store.take("door"), store.take("door")] == [True, False]
    store.give("door", MINUTE)
    clock.advance(61)
    assert not store.take("door")
    store.give("door", 2 * MINUTE)
    store.give("door", MINUTE)  # does not shorten the longer one
    clock.advance(61)
    assert [store.take("door"), store.take("door")] == [True, False]


def test_the_sweeper_takes_what_is_over_and_nothing_else(clock):
    store = SqlStore()
    store.give("old", MINUTE)
    clock.advance(61)
    store.give("new", MINUTE)
    assert store.sweep() == 1
    assert store.take("new")


# ── Races ──
def three_of_64_find_something(store, clients):
    key = uuid.uuid4().hex
    for _ in range(THINGS):
        store.give(key, MINUTE)
    found = clients.rush(insisting(lambda _: store.take(key)))
    assert not [one for one in found if isinstance(one, Exception)], found
    promised(sum(found) == THINGS, sum(found))


class Naive:
    """Looks whether something is there, then takes it away."""

    def give(self, key, life):
        row, _ = EphemeralSecret.objects.get_or_create(key=key)
        row.secrets[uuid.uuid4().hex] = time.time()
        row.save()

    def take(self, key):
        row = EphemeralSecret.objects.get(key=key)
        if row.secrets:
            row.secrets.popitem()
            row.save()
            return True
        return False


@pytest.fixture
def few(rounds, engine):
    return 3 if engine == "embedded" else rounds


@pytest.mark.timeout(900)
def test_of_64_at_once_as_many_find_something_as_was_given(store, clients, few):
    for _ in range(few):
        three_of_64_find_something(store, clients)


@pytest.mark.production_only("SQLite lets one writer in at a time")
def test_a_naive_store_is_caught(clients, few):
    assert is_caught(lambda clients: three_of_64_find_something(Naive(), clients), clients, few)
