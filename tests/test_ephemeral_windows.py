"""What every ephemeral store promises: windows, which say how often something may happen."""

from datetime import timedelta

import pytest

from menpai.ephemeral import Exceeded, Guess, Put, Release, Window
from menpai.rules import Limit
from tests.stores import STORES, opened

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
MILLISECOND = timedelta(milliseconds=1)

store = pytest.fixture(params=STORES)(opened)


def test_the_window_slides(store, clock):
    window = [Window("sends", (Limit(2, MINUTE),))]
    assert store.count(window) is None
    clock.advance(40)
    assert store.count(window) is None
    assert nearly(store.count(window), index=0, seconds=20)
    clock.advance(20)
    assert store.count(window) is None
    assert nearly(store.count(window), index=0, seconds=40)


def nearly(found, index, seconds):
    # The clock goes on while we look.
    assert found is not None and found.index == index, found
    assert seconds - 2 <= found.retry_after.total_seconds() <= seconds, found
    return True


def test_several_limits_look_at_one_log_and_the_longest_wait_is_told(store, clock):
    window = [Window("sends", (Limit(1, MINUTE), Limit(2, HOUR)))]
    assert store.count(window) is None
    assert nearly(store.count(window), index=0, seconds=60)
    clock.advance(60)
    assert store.count(window) is None
    assert nearly(store.count(window), index=0, seconds=3540)


def test_a_full_window_keeps_every_other_from_being_counted_and_the_first_is_named(store):
    roomy, narrow = Window("roomy", (Limit(2, MINUTE),)), Window("narrow", (Limit(1, HOUR),))
    assert store.count([roomy, narrow]) is None
    assert [store.count([roomy, narrow]).index for _ in range(5)] == [1] * 5
    assert store.count([roomy]) is None
    for order in ([roomy, narrow], [narrow, roomy]):  # the wait is for all
        assert nearly(store.count(order), index=0, seconds=3600)


def test_refused_events_do_not_prolong_the_wait_and_after_it_there_is_room(store, clock):
    window = [Window("sends", (Limit(1, MINUTE),))]
    store.count(window)
    for _ in range(5):
        clock.advance(11)
        assert store.count(window) is not None
    clock.advance(5)
    assert store.count(window) is None
    window = [Window("short and long", (Limit(1, MINUTE), Limit(5, HOUR)))]
    for _ in range(4):  # told from the newest event
        assert store.count(window) is None
        assert nearly(store.count(window), index=0, seconds=60)
        clock.advance(100)
    for number in range(20):
        window = [Window(f"sends {number}", (Limit(1, timedelta(seconds=5)),))]
        store.count(window)
        clock.advance(store.count(window).retry_after.total_seconds())
        assert store.count(window) is None


def test_the_wait_is_never_nothing(store):
    span = 25 * MILLISECOND
    window = [Window("sends", (Limit(1, span),))]
    waits = [found.retry_after for found in (store.count(window) for _ in range(300)) if found]
    assert waits and all(MILLISECOND <= wait <= span for wait in waits), waits


def test_no_room_at_all_and_no_limit_at_all(store):
    assert store.count([Window("shut", (Limit(0, MINUTE),))]) == Exceeded(0, MINUTE)
    free = [Window("free", (Limit(1, timedelta(0)),)), Window("unlimited", ())]
    assert [store.count(free) for _ in range(5)] == [None] * 5
    assert store.count([]) is None


def test_the_same_event_counts_once(store, clock):
    def of(name):
        return [Window("accounts", (Limit(2, HOUR),), event=name)]

    assert [store.count(of(name)) for name in "aabab"] == [None] * 5
    assert nearly(store.count(of("c")), index=0, seconds=3600)
    assert store.count(of("a")) is None
    clock.advance(3600)
    assert store.count(of("c")) is None


def test_what_is_taken_back_leaves_room(store):
    window = Window("failures", (Limit(1, HOUR),), event="mine")
    assert store.count([window]) is None
    store.release([Release("failures", event="another's"), Release("never counted", event="mine", oldest=3)])
    assert store.count([Window("failures", (Limit(1, HOUR),))]) is not None
    store.release([Release("failures", event="mine")])
    assert store.count([Window("failures", (Limit(1, HOUR),))]) is None


def test_the_oldest_go_first(store, clock):
    window = [Window("unproven", (Limit(3, HOUR),))]
    for _ in range(3):
        store.count(window)
        clock.advance(60)
    store.release([Release("unproven", oldest=2)])
    assert [store.count(window) for _ in range(2)] == [None, None]
    assert nearly(store.count(window), index=0, seconds=3600 - 60)
    store.release([Release("unproven", oldest=100)])
    assert [store.count(window) for _ in range(3)] == [None] * 3


def test_wrong_guesses_are_counted_in_windows_and_right_ones_are_not(store, clock):
    windows = [Window("guesses", (Limit(2, HOUR),))]
    store.put("code", {"right": "subject"}, life=timedelta(days=1), tries=5)
    assert store.guess("code", "wrong", tries=5, windows=windows).outcome == "wrong"
    assert [store.guess("code", "right", tries=5, windows=windows).outcome for _ in range(3)] == ["right"] * 3
    assert store.guess("code", "wrong", tries=5, windows=windows).outcome == "wrong"
    held = [store.guess(code, "right", tries=5, windows=windows) for code in ("code", "no code")]
    assert [guess.outcome for guess in held] == ["held"] * 2
    assert all(nearly(guess.exceeded, index=0, seconds=3600) for guess in held)
    clock.advance(3600)
    assert store.guess("code", "right", tries=5, windows=windows) == Guess("right", "subject")


def test_what_is_put_with_an_event_is_put_only_if_that_is_counted(store):
    window = [Window("sends", (Limit(1, HOUR),))]
    assert store.count(window, Put("door", {"a": "1"}, HOUR, 5, ["old name"])) is None
    assert nearly(store.count(window, Put("door", {"b": "2"}, HOUR, 5)), index=0, seconds=3600)
    assert [store.guess("door", secret, tries=5).outcome for secret in ("b", "a")] == ["wrong", "right"]
    assert store.count([], Put("door", {"c": "3", "d": "4"}, HOUR, 1)) is None
    assert store.guess("door", "d", tries=1, windows=window).outcome == "held"
    assert [store.guess("door", secret, tries=1) for secret in ("d", "a")] == [Guess("right", "4"), Guess("wrong")]
