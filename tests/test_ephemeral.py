"""What every ephemeral store promises. Windows are in test_ephemeral_windows.py, races in test_ephemeral_races.py."""

import time
from datetime import timedelta

import pytest
from django.db import transaction

from menpai.ephemeral import Guess, Window
from menpai.ephemeral.sql import SqlStore
from menpai.models import EphemeralEvent, EphemeralSecret
from menpai.rules import Limit
from tests.stores import STORES, opened

MINUTE, HOUR, FOR_EVER = timedelta(minutes=1), timedelta(hours=1), timedelta(0)
RIGHT, WRONG, GONE = Guess("right", "7"), Guess("wrong"), Guess("gone")

store = pytest.fixture(params=STORES)(opened)


def put(store, *secrets, key="door", life=HOUR, **how):
    return store.put(key, dict.fromkeys(secrets, "7"), life=life, **how)


def wrong_guesses(store, many, tries=5):
    return [store.guess("door", "wrong", tries=tries) for _ in range(many)]


# ── Secrets ──
def test_a_right_guess_answers_its_subject_and_spends_nothing_until_a_new_put(store):
    assert store.guess("door", "a", tries=5) == GONE
    store.put("door", {"a": "1", "b": "二|2"}, life=HOUR)
    assert [store.guess("door", secret).subject for secret in "abab"] == ["1", "二|2"] * 2
    put(store, "new")
    assert [store.guess("door", "a"), store.guess("door", "new")] == [WRONG, RIGHT]


def test_after_the_last_wrong_guess_even_the_right_secret_is_gone(store):
    put(store, "a")
    assert wrong_guesses(store, 6) == [WRONG] * 5 + [GONE]
    assert store.guess("door", "a", tries=5) == GONE


def test_a_right_guess_gives_its_try_back(store):
    put(store, "a")
    wrong_guesses(store, 4)
    assert [store.guess("door", "a", tries=5) for _ in range(9)] == [RIGHT] * 9
    assert wrong_guesses(store, 2) == [WRONG, GONE]


def test_guesses_count_where_tries_are_given_and_right_ones_where_that_is_wanted(store):
    put(store, "a")
    assert [store.guess("door", "wrong") for _ in range(20)] == [WRONG] * 20
    assert wrong_guesses(store, 1) == [WRONG]
    put(store, "a")
    looks = [store.guess("door", secret, tries=3, count_right=True) for secret in ("a", "wrong", "a", "a")]
    assert looks == [RIGHT, WRONG, RIGHT, GONE]


def test_a_secret_lives_as_long_as_it_was_given_and_for_ever_with_a_life_of_zero(store, clock):
    put(store, "a", life=MINUTE)
    clock.advance(58)
    assert store.guess("door", "a", tries=5) == RIGHT
    clock.advance(2)
    assert store.guess("door", "a", tries=5) == GONE
    put(store, "a", life=FOR_EVER, key="for ever")
    clock.advance(10 * 365 * 86400)
    store.sweep()
    assert store.sweep() == 0
    assert store.guess("for ever", "a") == RIGHT


# ── Tries that outlive a new put ──
def test_a_new_put_gives_the_tries_back_unless_they_are_kept(store):
    put(store, "a")
    wrong_guesses(store, 5)
    assert put(store, "b", tries=5)
    assert wrong_guesses(store, 4) == [WRONG] * 4
    assert put(store, "c", tries=5, keep_tries=True)
    assert wrong_guesses(store, 2) == [WRONG, GONE]


def test_with_all_tries_used_up_nothing_is_put(store):
    put(store, "a", tries=5, keep_tries=True)
    wrong_guesses(store, 5)
    assert not put(store, "b", tries=5, keep_tries=True)
    # Whoever counts no tries still finds the first one.
    assert [store.guess("door", "a"), store.guess("door", "b")] == [RIGHT, WRONG]


def test_tries_are_kept_until_the_first_life_is_over_and_no_longer(store, clock):
    put(store, "a", life=MINUTE, tries=5, keep_tries=True)
    wrong_guesses(store, 3)
    clock.advance(40)
    put(store, "b", life=MINUTE, tries=5, keep_tries=True)
    wrong_guesses(store, 2)
    clock.advance(18)
    assert not put(store, "c", life=MINUTE, tries=5, keep_tries=True)
    clock.advance(2)
    assert put(store, "d", life=MINUTE, tries=5, keep_tries=True)
    assert wrong_guesses(store, 6) == [WRONG] * 5 + [GONE]


def test_tries_are_kept_though_a_short_put_in_between_is_over_and_swept(store, clock):
    put(store, "a", life=HOUR, tries=5, keep_tries=True)
    wrong_guesses(store, 3)
    put(store, "b", life=MINUTE, tries=5, keep_tries=True)
    clock.advance(61)
    assert (store.sweep(), store.guess("door", "b", tries=5)) == (0, GONE)
    put(store, "c", life=HOUR, tries=5, keep_tries=True)
    assert wrong_guesses(store, 3) == [WRONG, WRONG, GONE]


def test_tries_of_a_put_that_never_ends_are_kept_for_ever(store, clock):
    put(store, "a", life=FOR_EVER, tries=5, keep_tries=True)
    wrong_guesses(store, 5)
    clock.advance(365 * 86400)
    assert not put(store, "b", life=FOR_EVER, tries=5, keep_tries=True)


# ── Dropping ──
def test_dropping_a_secret_leaves_the_newer_one_and_the_others(store):
    put(store, "old")
    put(store, "new")
    store.drop("door", "old")
    assert store.guess("door", "new") == RIGHT
    put(store, "a", "b")
    store.drop("door", "a")
    assert [store.guess("door", "a"), store.guess("door", "b")] == [WRONG, RIGHT]


def test_once_the_last_one_is_dropped_it_is_gone_and_guesses_stay_counted(store):
    store.drop("door", "a")
    put(store, "a", tries=5, keep_tries=True)
    wrong_guesses(store, 4)
    store.drop("door", "a")
    assert [store.guess("door", "a", tries=5), store.guess("door", "wrong", tries=5)] == [GONE, GONE]
    put(store, "b", tries=5, keep_tries=True)
    assert wrong_guesses(store, 2) == [WRONG, GONE]


# ── Pauses ──
def test_a_pause_ends_by_itself_after_the_last_time_or_when_it_is_ended(store, clock):
    store.pause("a", MINUTE)
    store.pause("b", HOUR)
    assert store.paused(["x", "a", "b"]) == [False, True, True]
    clock.advance(40)
    store.pause("a", MINUTE)
    clock.advance(40)
    assert store.paused(["a"]) == [True]
    clock.advance(20)
    assert store.paused(["b", "a"]) == [True, False]
    store.pause("b", timedelta(0))
    assert store.paused(["b"]) == [False]
    assert store.paused([]) == []


# ── Things that are laid down for somebody: each is taken once ──
def test_several_things_under_one_key_are_taken_one_by_one(store):
    for _ in range(3):
        store.give("door", MINUTE)
    assert not store.take("another door")
    assert [store.take("door") for _ in range(4)] == [True] * 3 + [False]


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


# ── The house ──
def test_one_key_is_a_secret_a_window_and_a_pause_without_confusion(store):
    put(store, "a", key="same")
    store.count([Window("same", (Limit(1, HOUR),))])
    store.pause("same", HOUR)
    assert store.guess("same", "a") == RIGHT
    assert store.ping() is None


def test_the_sweeper_takes_what_is_over_and_nothing_else(clock):
    store = SqlStore()
    for life in (MINUTE, HOUR):
        put(store, "a", key=f"life {life}", life=life)
        store.count([Window(f"span {life}", (Limit(1, life),))])
        store.pause(f"rest {life}", life)
        store.give(f"given {life}", life)
    clock.advance(61)
    assert (store.sweep(), store.sweep()) == (4, 0)
    assert (EphemeralSecret.objects.count(), EphemeralEvent.objects.count()) == (3, 1)
    assert store.take(f"given {HOUR}")
    for number in range(501):  # more than it takes at once
        store.pause(str(number), MINUTE)
    clock.advance(61)
    assert store.sweep() == 501


def test_when_everything_is_over_nothing_is_left(store, clock):
    for _ in range(3):
        clock.advance(80)
        put(store, "a", life=MINUTE, tries=5, keep_tries=True)
        wrong_guesses(store, 2)
        store.count([Window("sends", (Limit(9, MINUTE), Limit(9, 2 * MINUTE)))])
        store.pause("a", MINUTE)
    assert len(events(store, "sends")) == 2
    clock.advance(160)
    store.sweep()
    if isinstance(store, SqlStore):
        assert not EphemeralSecret.objects.exists() and not EphemeralEvent.objects.exists()
    else:
        assert store._redis.keys() == []


def events(store, key):
    if isinstance(store, SqlStore):
        return EphemeralEvent.objects.filter(key=key, expires_at__gt=time.time())
    return store._redis.zrange(f"menpai:window:{key}", 0, -1)


def test_a_guess_inside_the_callers_transaction_is_refused_aloud():
    """Undone with the caller's work, the guess would have cost nothing."""
    put(SqlStore(), "a")
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        wrong_guesses(SqlStore(), 1)
