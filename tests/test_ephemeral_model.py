"""Every ephemeral store does what a page of plain Python does, whatever is asked of it in whatever order."""

import math
import uuid
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from menpai.ephemeral import Window
from menpai.rules import Limit
from tests.stores import STORES, opened

store = pytest.fixture(params=STORES)(opened)

# Time goes on in tens of seconds and everything ends on a five, so that the moments between two calls decide nothing.
keys = st.sampled_from(["k1", "k2"])
secrets = st.sampled_from(["a", "b", "c"])
lives = st.sampled_from([0, 15, 35, 65])
tries = st.sampled_from([None, 1, 2, 3])
# A key is always counted with the same limits: (how many, in how many seconds), …
LIMITS = {
    "w1": ((1, 15), (3, 65)),
    "w2": ((2, 35),),
    "w3": ((1, 15), (2, 35), (3, 65)),
    "w4": ((0, 15), (1, 35)),
}
TICK = 4  # seconds that a whole run may take


class Model:
    def __init__(self):
        self.now, self.facts, self.logs, self.rests = 0, {}, {}, {}

    def put(self, key, found, life, tries, keep_tries, also):
        ends = self.now + life if life else math.inf
        names = {key, *also}
        old = [self.facts[name] for name in names if name in self.facts and keep_tries]
        old = [fact for fact in old if fact["counted_until"] > self.now]
        used = sum(fact["used"] for fact in old)
        counted_until = max((fact["counted_until"] for fact in old), default=ends)
        if old and tries is not None and used >= tries:
            return False
        for name in names:
            self.facts.pop(name, None)
        self.facts[key] = {"secrets": dict(found), "ends": ends, "used": used, "counted_until": counted_until}
        return True

    def guess(self, key, secret, tries, count_right):
        fact = self.facts.get(key)
        if not fact or not fact["secrets"] or fact["ends"] <= self.now:
            return ("gone", "")
        if tries is not None and fact["used"] >= tries:
            return ("gone", "")
        right = secret in fact["secrets"]
        fact["used"] += tries is not None and (count_right or not right)
        return ("right", fact["secrets"][secret]) if right else ("wrong", "")

    def drop(self, key, secret):
        self.facts.get(key, {"secrets": {}})["secrets"].pop(secret, None)

    def count(self, names):
        waits = [max(self._wait(self.logs.get(name, []), *limit) for limit in LIMITS[name]) for name in names]
        if any(waits):
            return (next(index for index, wait in enumerate(waits) if wait), max(waits))
        for name in names:
            self.logs.setdefault(name, []).append(self.now)
        return None

    def _wait(self, log, many, span):
        inside = [at for at in log if at > self.now - span]
        if len(inside) < many:
            return 0
        return (inside[-many] if many else self.now) + span - self.now

    def pause(self, key, life):
        self.rests[key] = self.now + life


class Agreement(RuleBasedStateMachine):
    def __init__(self, store, clock):
        super().__init__()
        self.store, self.clock, self.model = store, clock, Model()
        self.run = uuid.uuid4().hex[:8]

    def _real(self, key):
        return f"{self.run}:{key}"

    def _window(self, name):
        limits = [Limit(many, timedelta(seconds=span)) for many, span in LIMITS[name]]
        return Window(self._real(name), limits)

    @rule(
        key=keys,
        found=st.dictionaries(secrets, st.text(max_size=3)),
        life=lives,
        tries=tries,
        keep=st.booleans(),
        also=st.sampled_from([[], [], ["k1"], ["k2"]]),
    )
    def put(self, key, found, life, tries, keep, also):
        found = {secret: subject.replace("\0", "") for secret, subject in found.items()}
        also = [name for name in also if name != key]
        real = self.store.put(
            self._real(key),
            found,
            life=timedelta(seconds=life),
            tries=tries,
            keep_tries=keep,
            also=[self._real(name) for name in also],
        )
        assert real == self.model.put(key, found, life, tries, keep, also)

    @rule(key=keys, secret=secrets, tries=tries, count_right=st.booleans())
    def guess(self, key, secret, tries, count_right):
        real = self.store.guess(self._real(key), secret, tries=tries, count_right=count_right)
        assert (real.outcome, real.subject) == self.model.guess(key, secret, tries, count_right)

    @rule(key=keys, secret=secrets)
    def drop(self, key, secret):
        self.store.drop(self._real(key), secret)
        self.model.drop(key, secret)

    @rule(names=st.lists(st.sampled_from(["w1", "w2", "w3", "w1", "w2", "w3", "w4"]), max_size=2, unique=True))
    def count(self, names):
        real, told = self.store.count([self._window(name) for name in names]), self.model.count(names)
        assert (real is None) == (told is None), (real, told)
        if real and told:
            assert real.index == told[0]
            assert told[1] - TICK <= real.retry_after.total_seconds() <= told[1], (real, told)

    @rule(key=keys, life=lives)
    def pause(self, key, life):
        self.store.pause(self._real(key), timedelta(seconds=life))
        self.model.pause(key, life)

    @rule()
    def paused(self):
        told = [self.model.rests.get(key, 0) > self.model.now for key in ("k2", "k1")]
        assert self.store.paused([self._real("k2"), self._real("k1")]) == told

    @rule(tens=st.integers(1, 4))
    def advance(self, tens):
        self.clock.advance(10 * tens)
        self.model.now += 10 * tens

    @rule()
    def sweep(self):
        self.store.sweep()


@pytest.mark.slow("many clients do many things")
def test_the_store_agrees_with_the_model(store, clock, proof):
    run_state_machine_as_test(
        lambda: Agreement(store, clock),
        settings=settings(
            max_examples=2000 if proof else 40,
            stateful_step_count=40,
            deadline=None,
            database=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
