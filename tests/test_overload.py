"""Ten times more sign-ins than the machine can do, for a minute (F23, T7): no 5xx, a quick no, and the rest goes on.
And half of what it can do, for half an hour (T15): nothing grows, nothing slows down.

The load is made on the same machine, and takes as much of it as the service: the spans in docs/proof.md stand beside
what is wanted of a machine that has nothing else to do, and decide nothing.
"""

import itertools
import json
import random
import time
from pathlib import Path

import pytest

from tests.customers import PASSWORD, an_address_v1, somebody
from tests.no_limits import NO_LIMITS, client
from tests.rig.children import until
from tests.rig.open_loop import Stream, p99, run

pytestmark = [
    pytest.mark.real_hashes,
    pytest.mark.proof_only("it takes the whole machine"),
    pytest.mark.production_only("the embedded run is for one developer"),
    pytest.mark.timeout(600),
]
SECONDS, TIMES, CUSTOMERS = 60, 10, 50
SOAK, SLICES = 1800, 6


@pytest.fixture
def web(service):
    """Two web workers, and the places for hashing that they have in production."""
    limits = {name: value for name, value in NO_LIMITS.items() if name != "MENPAI_RULE_HASH_QUEUE"}
    started = service("web", MENPAI_WORKERS="2", **limits)
    until(lambda: len(started.children()) == 2, 10, "two workers")
    yield started
    started.stop()


@pytest.fixture
def people(web):
    with client(base_url=web.url, timeout=30) as http:
        found = [somebody(http) for _ in range(CUSTOMERS)]
        for person in found:
            assert person.post(person.book, **an_address_v1())["code"] == 200
        yield found


def request(method, path, token="", **fields):
    content = json.dumps(fields).encode() if fields else b""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(content)}"]
    lines += [f"X-Forwarded-For: 10.9.{random.randrange(256)}.{random.randrange(256)}"]
    lines += [f"Authorization: {token}"] if token else []
    lines += ["Content-Type: application/json"] if fields else []
    return "\r\n".join([*lines, "", ""]).encode() + content


def sign_ins(people):
    """Customers who sign in from wherever they are: each time another address."""
    people = itertools.cycle(people)
    while True:
        yield request("POST", "/v1/tokens", username=next(people).name, password=PASSWORD)


def reads(people):
    return itertools.cycle(request("GET", one.book, one.token) for one in people)


def capacity(people):
    """Sign-ins a second, one after the other at each of two places."""
    begun, done = time.monotonic(), 0
    while time.monotonic() - begun < 5:
        assert people[done % CUSTOMERS].sign_in()["code"] == 200
        done += 1
    return done / 5 * 2


def open_files(web):
    return sum(len(list(Path(f"/proc/{one}/fd").iterdir())) for one in web.children())


def resident(web):
    """Bytes of memory that all processes of the service hold."""
    fields = [Path(f"/proc/{one}/statm").read_text().split() for one in web.children()]
    return sum(int(found[1]) for found in fields) * 4096


def test_ten_times_more_sign_ins_than_there_is_room_for(web, people, record_property):
    rate = capacity(people) * TIMES
    run(web.port, 5, Stream("warm", rate, sign_ins(people)))
    before = resident(web)
    storm, calm = Stream("sign-ins", rate, sign_ins(people)), Stream("reads", 20, reads(people))
    run(web.port, SECONDS, storm, calm)
    ended, grown = time.monotonic(), resident(web) / before
    until(lambda: people[0].sign_in()["code"] == 200, 5, "sign-in is back")
    back = time.monotonic() - ended
    quiet = Stream("reads", 20, reads(people))
    run(web.port, 3, quiet)
    said = {
        "asked": f"{rate:.0f}/s for {SECONDS} s",
        "statuses": dict(storm.statuses()),
        "accepted p99": f"{p99(storm.spans(200)) * 1000:.0f} ms (wanted 500)",
        "refused p99": f"{p99(storm.spans(429)) * 1000:.0f} ms (wanted 50)",
        "reads p99": f"{p99(calm.spans(200)) * 1000:.0f} ms (wanted 100)",
        "afterwards": f"{p99(quiet.spans(200)) * 1000:.0f} ms",
        "memory": f"× {grown:.2f}",
    }
    record_property("seen", ", ".join(f"{name} {value}" for name, value in said.items()))
    assert set(storm.statuses()) == {200, 429} and set(calm.statuses()) == {200}, said
    assert back < 5, said
    assert 0.9 < grown < 1.1, said


@pytest.mark.timeout(3600)
def test_half_an_hour_at_half_load_leaves_nothing_behind(web, people, record_property):
    rate = capacity(people) / 2
    run(web.port, 60, Stream("warm", rate, sign_ins(people)), Stream("warm", 20, reads(people)))
    memory, files, times = [resident(web)], [open_files(web)], []
    for _ in range(SLICES):
        logins, books = Stream("sign-ins", rate, sign_ins(people)), Stream("reads", 20, reads(people))
        run(web.port, SOAK / SLICES, logins, books)
        assert set(logins.statuses()) <= {200, 429} and set(books.statuses()) == {200}, logins.statuses()
        times.append((p99(logins.spans(200)) * 1000, p99(books.spans(200)) * 1000))
        memory.append(resident(web))
        files.append(open_files(web))
    said = {
        "asked": f"{rate:.0f}/s for {SOAK // 60} min",
        "memory of each": " ".join(f"× {one / memory[0]:.3f}" for one in memory[1:]),
        "open files": " ".join(map(str, files)),
        "sign-in p99 ms": " ".join(f"{one:.0f}" for one, _ in times),
        "reads p99 ms": " ".join(f"{one:.0f}" for _, one in times),
    }
    record_property("seen", ", ".join(f"{name} {value}" for name, value in said.items()))
    assert memory[-1] < memory[1] * 1.05, said  # the first slice fills caches
    assert files[-1] <= files[1] + 10, said
