"""The ephemeral store while Redis dies, restarts, hangs, or loses an answer on the way."""

import contextlib
import socket
import threading
import time
from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from menpai import errors, rules
from menpai.ephemeral import Window
from menpai.ephemeral.redis import RedisStore
from menpai.rules import Limit
from tests.concurrency import ConcurrentClients
from tests.rig.children import free_port, until

pytestmark = pytest.mark.production_only("the embedded run has no Redis to lose")
HOUR = timedelta(hours=1)
ONCE_AN_HOUR = [Window("sends", (Limit(1, HOUR),))]
VERBS = {
    "put": lambda store: store.put("door", {"a": ""}, life=HOUR),
    "guess": lambda store: store.guess("door", "a", tries=5),
    "drop": lambda store: store.drop("door", "a"),
    "count": lambda store: store.count(ONCE_AN_HOUR),
    "pause": lambda store: store.pause("a", HOUR),
    "paused": lambda store: store.paused(["a"]),
    "ping": lambda store: store.ping(),
}


@contextlib.contextmanager
def opened(url):
    store = RedisStore(url)
    yield store
    store._redis.close()


SAMPLE = ("put", "guess", "count")  # in `make test`, where each verb costs a time-out or a restart


@pytest.fixture
def verbs(proof):
    return VERBS if proof else SAMPLE


@pytest.fixture
def hasty(set_rule, proof):
    """The product's own time-out and a shorter rest: here nothing waits for a busy machine, it is waited in vain."""
    if not proof:
        set_rule("STORE_TIMEOUT", timedelta(milliseconds=250))
        set_rule("STORE_REST", timedelta(milliseconds=300))


@pytest.fixture
def store(redis_url):
    with opened(redis_url) as found:
        yield found


class Line:
    """A wire to a server, that can go silent, or swallow the next answer and hang up."""

    def __init__(self, url):
        self._target = (urlsplit(url).hostname, urlsplit(url).port)
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = f"redis://127.0.0.1:{self._server.getsockname()[1]}{urlsplit(url).path}"
        self.questions, self.silent, self.swallow = 0, False, False
        self._open = [self._server]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._server.accept()
                server = socket.create_connection(self._target)
                self._open += [client, server]
                threading.Thread(target=self._forward, args=(client, server), daemon=True).start()

    def _forward(self, client, server):
        with contextlib.suppress(OSError), client, server:
            while question := client.recv(65536):
                self.questions += 1
                if self.silent:
                    continue
                server.sendall(question)
                answer = server.recv(65536)
                if self.swallow:
                    self.swallow = False
                    return
                client.sendall(answer)

    def close(self):
        for one in self._open:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()


@pytest.fixture
def line(redis_url):
    found = Line(redis_url)
    yield found
    found.close()


def is_refused(call):
    try:
        call()
    except errors.StoreUnavailable:
        return True
    return False


def seconds(call):
    begun = time.monotonic()
    call()
    return time.monotonic() - begun


@pytest.mark.parametrize("verb", VERBS)
def test_a_dead_redis_is_said_to_be_unavailable(verb):
    with opened(f"redis://127.0.0.1:{free_port()}/2") as store, pytest.raises(errors.StoreUnavailable):
        VERBS[verb](store)


def test_a_silent_redis_costs_the_time_out_once(line, verbs):
    line.silent = True
    limit = rules.STORE_TIMEOUT.total_seconds()
    for verb in verbs:
        with opened(line.url) as store:
            spent = seconds(lambda verb=verb, store=store: is_refused(lambda: VERBS[verb](store)))
        assert limit * 0.9 <= spent < limit * 1.9, (verb, spent)


def test_a_redis_that_answers_no_is_unavailable_and_never_left_alone(store, redis_url):
    store._redis.set("menpai:secret:door", "of another kind")
    for _ in range(rules.STORE_FAILURES + 1):
        assert is_refused(lambda: VERBS["guess"](store))
    assert store.ping() is None


def test_after_five_failures_in_a_row_nobody_waits(line, hasty):
    line.silent = True
    with opened(line.url) as store:
        for _ in range(rules.STORE_FAILURES):
            assert is_refused(store.ping)
        asked = line.questions
        spent = seconds(lambda: [is_refused(store.ping) for _ in range(100)])
        assert (line.questions, spent < 0.2) == (asked, True), spent


def test_a_success_in_between_begins_the_counting_anew(line, hasty, proof):
    with opened(line.url) as store:
        for _ in range(3 if proof else 2):
            line.silent = True
            assert all(is_refused(store.ping) for _ in range(rules.STORE_FAILURES - 1))
            line.silent = False
            store.ping()


def test_after_the_rest_one_call_tries_and_the_others_are_refused_at_once(line, hasty):
    line.silent = True
    with opened(line.url) as store, ConcurrentClients(16) as clients:
        while store._breaker._failures < rules.STORE_FAILURES:
            is_refused(store.ping)
        until(lambda: time.monotonic() > store._breaker._rests_until, 3, "the rest is over")
        asked = line.questions
        assert clients.rush(lambda _: is_refused(store.ping)) == [True] * 16
        assert line.questions == asked + 1


def test_a_redis_that_comes_back_is_used_again_within_the_rest(store, redis_server):
    redis_server.kill()
    while not is_refused(store.ping) or store._breaker._failures < rules.STORE_FAILURES:
        continue
    redis_server.start()
    until(lambda: not is_refused(store.ping), rules.STORE_REST.total_seconds() + 0.5, "the store is used again")
    assert not any(is_refused(store.ping) for _ in range(20))


def test_a_restart_fails_no_first_call_of_a_pooled_connection(store, redis_server, verbs):
    with ConcurrentClients(16) as clients:
        for verb in verbs:
            resting = [store._redis.connection_pool.get_connection() for _ in range(16)]
            for connection in resting:
                store._redis.connection_pool.release(connection)
            redis_server.kill()
            redis_server.start()
            refused = clients.rush(lambda _, verb=verb: is_refused(lambda: VERBS[verb](store)))
            assert refused == [False] * 16, verb


def test_a_count_whose_answer_is_lost_is_asked_again_and_counted_once(line, store):
    once, twice = Window("once", (Limit(1, HOUR),)), Window("twice", (Limit(2, HOUR),))
    with opened(line.url) as far:
        far.count([Window("other", (Limit(1, HOUR),))])
        line.swallow = True
        assert far.count([once, twice]) is None
    assert store.count([once, twice]).index == 0
    assert [store.count([twice]) is None for _ in range(2)] == [True, False]


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb != "guess"])
def test_what_may_be_done_twice_survives_a_lost_answer(line, verb):
    with opened(line.url) as far:
        VERBS[verb](far)
        line.swallow = True
        VERBS[verb](far)
        assert not line.swallow


def test_a_guess_whose_answer_is_lost_is_refused_and_counted_once(line, store):
    store.put("door", {"a": ""}, life=HOUR)
    with opened(line.url) as far:
        assert far.guess("door", "b", tries=5).outcome == "wrong"
        line.swallow = True
        assert is_refused(lambda: far.guess("door", "b", tries=5))
    assert [store.guess("door", "b", tries=5).outcome for _ in range(4)] == ["wrong"] * 3 + ["gone"]


def test_every_verb_is_one_round_trip(line, store):
    with opened(line.url) as far:
        for verb in VERBS.values():
            verb(far)  # the connection is made, the scripts are known
        for name, verb in VERBS.items():
            asked = line.questions
            verb(far)
            assert line.questions == asked + 1, name
