"""One suite for both implementations of the ephemeral store: Redis, and SQL on either engine."""

from collections import Counter
from datetime import timedelta

import pytest
from django.conf import settings
from hypothesis import HealthCheck
from hypothesis import settings as effort
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from menpai.ephemeral import Guess, Window
from menpai.ephemeral.sql import SqlStore
from menpai.rules import Limit
from tests.crowd import Crowd

MINUTE = timedelta(minutes=1)
FIVE = Window("five", (Limit(5, MINUTE),))


@pytest.fixture(params=["configured", "sql"])
def store(request):
    """The engine's own store, and, beside Redis, the SQL one on PostgreSQL as well."""
    if request.param == "configured" and settings.MENPAI_REDIS_URL:
        from menpai.ephemeral.redis import RedisStore

        return RedisStore(settings.MENPAI_REDIS_URL)
    return SqlStore()


def test_a_right_guess_answers_the_subject_and_changes_nothing(store):
    store.put("k", {"right": "subject"}, life=MINUTE, tries=2)
    assert [store.guess("k", "right", tries=2) for _ in range(5)] == [Guess("right", "subject")] * 5


def test_wrong_guesses_are_counted_and_then_even_the_right_one_is_gone(store):
    store.put("k", {"right": "subject"}, life=MINUTE, tries=3)
    outcomes = [store.guess("k", "wrong", tries=3).outcome for _ in range(4)]
    assert outcomes == ["wrong", "wrong", "wrong", "gone"]
    assert store.guess("k", "right", tries=3) == Guess("gone")


def test_with_count_right_each_look_costs_one(store):
    store.put("k", {"right": "subject"}, life=MINUTE, tries=2)
    outcomes = [store.guess("k", "right", tries=2, count_right=True).outcome for _ in range(3)]
    assert outcomes == ["right", "right", "gone"]


def test_without_tries_guesses_are_not_counted(store):
    store.put("k", {"right": "subject"}, life=MINUTE)
    assert {store.guess("k", "wrong").outcome for _ in range(20)} == {"wrong"}
    assert store.guess("k", "right").outcome == "right"


def test_a_secret_lives_as_long_as_it_was_put_for(store, clock):
    store.put("k", {"right": ""}, life=MINUTE)
    clock.advance(59)
    assert store.guess("k", "right").outcome == "right"
    clock.advance(2)
    assert store.guess("k", "right").outcome == "gone"


def test_life_zero_is_for_ever(store, clock):
    store.put("k", {"right": ""}, life=timedelta(0))
    clock.advance(10 * 365 * 86400)
    store.sweep()
    assert store.guess("k", "right").outcome == "right"


def test_a_new_put_replaces_the_secrets_and_by_default_the_tries(store):
    store.put("k", {"old": ""}, life=MINUTE, tries=2)
    store.guess("k", "wrong", tries=2)
    store.put("k", {"new": ""}, life=MINUTE, tries=2)
    outcomes = [store.guess("k", "old", tries=2).outcome for _ in range(3)]
    assert outcomes == ["wrong", "wrong", "gone"]


def test_kept_tries_outlive_a_new_put_until_the_first_life_is_over(store, clock):
    keep = {"life": MINUTE, "tries": 2, "keep_tries": True}
    assert store.put("k", {"one": ""}, **keep)
    store.guess("k", "wrong", tries=2)
    clock.advance(40)
    assert store.put("k", {"two": ""}, **keep)
    assert store.guess("k", "wrong", tries=2).outcome == "wrong"
    assert not store.put("k", {"three": ""}, **keep)
    assert store.guess("k", "two", tries=2).outcome == "gone"
    clock.advance(21)
    assert store.put("k", {"four": ""}, **keep)
    assert store.guess("k", "four", tries=2).outcome == "right"


def test_several_secrets_share_their_tries(store):
    store.put("k", {"a": "first", "b": "second"}, life=MINUTE, tries=1)
    assert store.guess("k", "b", tries=1).subject == "second"
    store.guess("k", "wrong", tries=1)
    assert store.guess("k", "a", tries=1).outcome == "gone"


def test_drop_forgets_one_secret_and_not_a_newer_one(store):
    store.put("k", {"old": ""}, life=MINUTE)
    store.put("k", {"new": ""}, life=MINUTE)
    store.drop("k", "old")
    assert store.guess("k", "new").outcome == "right"
    store.drop("k", "new")
    assert store.guess("k", "new").outcome != "right"
    store.drop("never", "there")


def test_a_window_slides(store, clock):
    assert [store.count([FIVE]) for _ in range(3)] == [None] * 3
    clock.advance(40)
    assert [store.count([FIVE]) for _ in range(2)] == [None] * 2
    exceeded = store.count([FIVE])
    assert 15 < exceeded.retry_after.total_seconds() <= 20
    clock.advance(21)
    assert [store.count([FIVE]) is None for _ in range(4)] == [True, True, True, False]


def test_what_is_refused_is_not_counted(store, clock):
    for _ in range(50):
        store.count([FIVE])
    clock.advance(61)
    assert store.count([FIVE]) is None


def test_all_limits_of_a_window_hold(store, clock):
    window = Window("w", (Limit(1, MINUTE), Limit(3, 60 * MINUTE)))
    sent = 0
    for _ in range(6):
        sent += store.count([window]) is None
        assert store.count([window]) is not None
        clock.advance(61)
    assert sent == 3


def test_several_windows_are_counted_all_or_none(store):
    narrow = Window("narrow", (Limit(2, MINUTE),))
    wide = Window("wide", (Limit(5, MINUTE),))
    assert [store.count([wide, narrow]) for _ in range(2)] == [None, None]
    for _ in range(10):
        assert store.count([wide, narrow]).index == 1
    assert [store.count([wide]) is None for _ in range(4)] == [True, True, True, False]


def test_a_pause_is_over_after_its_time(store, clock):
    store.pause("gateway", MINUTE)
    assert store.paused(["gateway", "other"]) == [True, False]
    clock.advance(61)
    assert store.paused(["gateway"]) == [False]


def test_sweeping_deletes_only_what_is_over(store, clock):
    store.put("old", {"a": ""}, life=MINUTE)
    clock.advance(61)
    store.put("new", {"a": ""}, life=MINUTE)
    store.sweep()
    assert store.guess("new", "a").outcome == "right"
    assert store.guess("old", "a").outcome == "gone"


def test_64_wrong_guesses_at_once_and_exactly_five_are_evaluated(store):
    store.put("k", {"right": ""}, life=MINUTE, tries=5)
    with Crowd(WIDE) as crowd:
        found = crowd.rush(lambda _: patient(lambda: store.guess("k", "wrong", tries=5).outcome))
    assert Counter(found) == {"wrong": 5, "gone": WIDE - 5}


def test_64_events_at_once_and_exactly_five_are_counted(store):
    with Crowd(WIDE) as crowd:
        found = crowd.rush(lambda _: patient(lambda: store.count([FIVE]) is None))
    assert Counter(found) == {True: 5, False: WIDE - 5}


WIDE = 64


def patient(ask):
    """SQLite lets one writer in at a time and says so after two seconds: then one asks again."""
    from menpai import errors

    while True:
        try:
            return ask()
        except errors.StoreUnavailable:
            assert not settings.MENPAI_REDIS_URL


# ── Both say what a simple model says ──
KEYS, SECRETS = st.sampled_from(["a", "b"]), st.sampled_from(["x", "y", "z"])


def machine(store, clock):
    class Agreement(RuleBasedStateMachine):
        """A dictionary and a list, with the same rules."""

        @initialize()
        def start(self):
            self.now = 0.0
            self.facts, self.log = {}, []
            for key in ("a", "b"):
                store.put(key, {}, life=timedelta(milliseconds=1))
            clock.advance(3600)

        @rule(key=KEYS, secret=SECRETS, keep=st.booleans())
        def put(self, key, secret, keep):
            old = self.facts.get(key)
            used, until = 0, self.now + 60
            if keep and old and old["until"] > self.now and old["expires"] > self.now:
                used, until = old["used"], old["until"]
            expected = not (keep and used >= 2)
            put = store.put(key, {secret: key + secret}, life=MINUTE, tries=2, keep_tries=keep)
            assert put == expected
            if expected:
                self.facts[key] = {"secret": secret, "used": used, "until": until, "expires": self.now + 60}

        @rule(key=KEYS, secret=SECRETS, count_right=st.booleans())
        def guess(self, key, secret, count_right):
            fact = self.facts.get(key)
            found = store.guess(key, secret, tries=2, count_right=count_right)
            if not fact or fact["expires"] <= self.now or fact["used"] >= 2:
                assert found == Guess("gone")
            elif fact["secret"] == secret:
                fact["used"] += count_right
                assert found == Guess("right", key + secret)
            else:
                fact["used"] += 1
                assert found == Guess("wrong")

        @rule()
        def count(self):
            self.log = [at for at in self.log if at > self.now - 60]
            expected = len(self.log) < 3
            assert (store.count([Window("log", (Limit(3, MINUTE),))]) is None) == expected
            if expected:
                self.log.append(self.now)

        @rule(seconds=st.sampled_from([7, 31, 59, 65]))
        def advance(self, seconds):
            clock.advance(seconds)
            self.now += seconds

    return Agreement


def test_the_store_agrees_with_a_simple_model(store, clock):
    kind = machine(store, clock)
    shown = effort(
        max_examples=25,
        stateful_step_count=20,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    run_state_machine_as_test(kind, settings=shown)
