"""SQLite has one writer: the others wait in the order of their arrival, in each process and among them."""

import contextlib
import fcntl
import gc
import itertools
import sqlite3
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

import httpx
import pytest
from django.db import IntegrityError, OperationalError, connections, transaction

from menpai.database.sqlite3.writers import WriterQueue, queue_of
from tests.customers import a_mobile
from tests.naive import PromiseBroken, promised
from tests.no_limits import NO_LIMITS, client
from tests.rig.children import ends_with_us, until
from tests.rig.service import Service

pytestmark = [pytest.mark.once("each test has a database of its own"), pytest.mark.timeout(300)]
LATER = 90.0  # seconds from now: beyond any test


def soon() -> float:
    return time.monotonic() + LATER


# ── In one process ──
class LastInFirstOut(WriterQueue):
    """Calls the one that came last."""

    def leave(self):
        self._waiting.rotate(1)
        super().leave()


def writers_come_in_their_order(queue):
    written, threads = [], []

    def write(number):
        queue.enter(soon())
        written.append(number)
        queue.leave()

    queue.enter(soon())
    for number in range(20):
        threads.append(threading.Thread(target=write, args=(number,), daemon=True))
        threads[-1].start()
        until(lambda: queue.length == len(threads), 30, "the writer waits")
    queue.leave()
    for thread in threads:
        thread.join(30)
    promised(written == sorted(written) and len(written) == 20, written)


def test_writers_of_a_process_come_in_the_order_of_their_arrival(tmp_path):
    writers_come_in_their_order(WriterQueue(tmp_path / "lock"))
    with pytest.raises(PromiseBroken):
        writers_come_in_their_order(LastInFirstOut(tmp_path / "lock"))


def test_the_queue_has_an_end_and_a_deadline_and_goes_on_after_both(tmp_path, set_rule):
    set_rule("SQLITE_WRITERS_WAITING", 1)
    queue = WriterQueue(tmp_path / "lock")
    queue.enter(soon())
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(queue.enter, soon())
        until(lambda: queue.length == 1, 30, "one waits")
        with pytest.raises(sqlite3.OperationalError, match="too many writers"):
            queue.enter(soon())
        queue.leave()
        waiting.result(30)
    with pytest.raises(sqlite3.OperationalError, match="took too long"):
        queue.enter(time.monotonic())
    queue.leave()
    queue.enter(time.monotonic())


@pytest.fixture
def path(tmp_path):
    """The path of a database of the test's own, with a table."""
    options = {"transaction_mode": "IMMEDIATE", "timeout": LATER, "init_command": "PRAGMA journal_mode=WAL"}
    config = {"ENGINE": "menpai.database.sqlite3", "NAME": tmp_path / "a.sqlite3", "OPTIONS": options}
    connections.settings["queued"] = connections.configure_settings({"default": {}, "queued": config})["queued"]
    run("CREATE TABLE a (id INTEGER PRIMARY KEY, b INTEGER UNIQUE, c REFERENCES a DEFERRABLE INITIALLY DEFERRED)")
    yield tmp_path / "a.sqlite3"
    connections["queued"].close()
    del connections["queued"], connections.settings["queued"]


def run(sql, *parameters):
    with connections["queued"].cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall() if cursor.description else []


def in_a_transaction(*statements, error=None):
    with transaction.atomic("queued"):
        for sql in statements:
            run(sql)
        if error:
            raise error


def a_savepoint_that_fails():
    with transaction.atomic("queued"):
        with contextlib.suppress(IntegrityError):
            in_a_transaction("INSERT INTO a (b) VALUES (1)", "INSERT INTO a (b) VALUES (1)")
        run("INSERT INTO a (b) VALUES (2)")


def a_connection_that_is_closed_in_the_middle():
    with transaction.atomic("queued"):
        run("INSERT INTO a (b) VALUES (1)")
        connections["queued"].close()


def without_autocommit():
    transaction.set_autocommit(False, "queued")
    run("INSERT INTO a (b) VALUES (1)")
    transaction.set_autocommit(True, "queued")


def many_at_once():
    with connections["queued"].cursor() as cursor:
        cursor.executemany("INSERT INTO a (b) VALUES (%s)", ([number] for number in (1, 2, 1, 3)))


def one_of_the_returned_rows():
    cursor = connections["queued"].cursor()
    cursor.execute("INSERT INTO a (b) VALUES (1), (2) RETURNING b")
    assert cursor.fetchone() == (1,)
    one_of_the_returned_rows.cursor = cursor  # it stays open


def a_thread_that_ends_in_the_middle():
    def begin():
        transaction.set_autocommit(False, "queued")
        run("INSERT INTO a (b) VALUES (1)")

    thread = threading.Thread(target=begin)
    thread.start()
    thread.join()
    gc.collect()  # a connection of Django's is part of a cycle


INSERT = "INSERT INTO a (b) VALUES (1)"
ENDS = {
    "a statement": (lambda: run(INSERT), 1),
    "one that fails": (lambda: run("INSERT INTO nowhere VALUES (1)"), 0),
    "one of some returned rows": (one_of_the_returned_rows, 2),
    "many at once, of which one fails": (many_at_once, 2),
    "a transaction": (lambda: in_a_transaction("SELECT 1", INSERT), 1),
    "one with an exception": (lambda: in_a_transaction(INSERT, error=KeyboardInterrupt()), 0),
    "one whose COMMIT fails": (lambda: in_a_transaction("INSERT INTO a (c) VALUES (9)"), 0),
    "one that ends by hand": (lambda: [run("BEGIN"), run(INSERT), run("COMMIT")], 1),
    "one without autocommit": (without_autocommit, 1),
    "a savepoint that fails": (a_savepoint_that_fails, 1),
    "a closed connection": (a_connection_that_is_closed_in_the_middle, 0),
    "a thread that ends": (a_thread_that_ends_in_the_middle, 0),
}


@pytest.mark.parametrize("end", ENDS)
def test_the_next_writer_comes_however_the_one_before_ends(path, end):
    work, rows = ENDS[end]
    with contextlib.suppress(IntegrityError, OperationalError, KeyboardInterrupt):
        work()
    queue_of(path).enter(time.monotonic())  # raises if somebody has the turn
    queue_of(path).leave()
    with contextlib.closing(sqlite3.connect(path, timeout=0)) as other:
        assert other.execute("SELECT count(*) FROM a").fetchone() == (rows,)
        other.execute("BEGIN IMMEDIATE")


def test_a_transaction_keeps_its_turn_and_readers_do_not_wait(path):
    with ThreadPoolExecutor(1) as pool, transaction.atomic("queued"):
        run(INSERT)
        writer = threading.Thread(target=run, args=("INSERT INTO a (b) VALUES (2)",))
        writer.start()
        until(lambda: queue_of(path).length == 1, 30, "the other waits")
        with transaction.atomic("queued"):
            assert run("SELECT count(*) FROM a") == [(1,)]
        assert pool.submit(run, "SELECT count(*) FROM a").result(30) == [(0,)]
        assert writer.is_alive()
    writer.join(30)
    assert run("SELECT b FROM a") == [(1,), (2,)]


# ── Among processes ──
WRITER = """
import sqlite3, sys, threading
from menpai.database.sqlite3.base import Connection, Cursor
from menpai.database.sqlite3.writers import queue_of

def run(*statements):
    connection = sqlite3.connect(sys.argv[1], factory=Connection, isolation_level=None, timeout=90)
    connection.queue, connection.patience = queue_of(sys.argv[1]), 90
    connection.execute("PRAGMA busy_timeout = 0")
    cursor = connection.cursor(factory=Cursor)
    return [cursor.execute(statement) and cursor.fetchall() for statement in statements], connection
"""
HOLD = "held = run('BEGIN IMMEDIATE'); print('holds', flush=True); sys.stdin.read()"
WRITE = "run('INSERT INTO a (b) VALUES (7)')"
COUNT = """
def count():
    for _ in range(25):
        run('BEGIN IMMEDIATE', 'UPDATE a SET b = (SELECT b FROM a) + 1', 'COMMIT')
threads = [threading.Thread(target=count) for _ in range(4)]
[thread.start() for thread in threads], [thread.join() for thread in threads]
"""
FORK = """
import os, time
queue, soon = queue_of(sys.argv[1]), time.monotonic() + 60
queue.enter(soon)
threading.Thread(target=queue.enter, args=(soon,), daemon=True).start()
while queue.length < 1: pass
child = os.fork()
if not child:
    run('INSERT INTO a (b) VALUES (1)')
    os._exit(0)
sys.exit(os.waitpid(child, 0)[1])
"""


@contextlib.contextmanager
def process(path, script):
    command = [sys.executable, "-c", WRITER + script, str(path)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, preexec_fn=ends_with_us(), **pipes) as running:
        try:
            yield running
        finally:
            running.kill()


def is_taken(path):
    """True while a process waits for SQLite's lock."""
    with Path(f"{path}.writers").open() as file, contextlib.suppress(BlockingIOError):
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return False
    return True


def another_process_is_next(path):
    with contextlib.ExitStack() as stack:
        with transaction.atomic("queued"):
            run("INSERT INTO a (b) VALUES (1)")
            other = stack.enter_context(process(path, WRITE))
            until(lambda: is_taken(path), 60, "the other process waits")
        run("INSERT INTO a (b) VALUES (2)")
        assert other.wait(60) == 0
    order = [number for (number,) in run("SELECT b FROM a ORDER BY id")]
    run("DELETE FROM a")
    promised(order == [1, 7, 2], order)


def test_a_process_that_has_just_written_comes_after_one_that_waits(path, monkeypatch):
    another_process_is_next(path)
    monkeypatch.setattr(WriterQueue, "first_of_processes", lambda *_: contextlib.nullcontext())
    with pytest.raises(PromiseBroken):
        for _ in range(50):
            another_process_is_next(path)


def test_a_killed_writer_holds_nobody_up(path):
    with process(path, HOLD) as holder:
        assert holder.stdout.readline() == "holds\n"
        with process(path, WRITE) as waiting:
            until(lambda: is_taken(path), 60, "it waits, the first of all processes")
            waiting.kill()
            waiting.wait()
        holder.kill()
        holder.wait()
        run(INSERT)
    assert run("SELECT b FROM a") == [(1,)]


def test_processes_and_their_threads_lose_no_write(path):
    run("INSERT INTO a (b) VALUES (0)")
    with process(path, COUNT) as other, process(path, COUNT) as another:
        for _ in range(25):
            in_a_transaction("UPDATE a SET b = (SELECT b FROM a) + 1")
        assert (other.wait(120), another.wait(120)) == (0, 0)
    assert run("SELECT b FROM a") == [(225,)]


def test_a_forked_child_has_a_queue_of_its_own(path):
    with process(path, FORK) as forking:
        assert forking.wait(120) == 0
    assert run("SELECT b FROM a") == [(1,)]


# ── From outside ──
class Embedded:
    """The product on SQLite, whatever this session's engine is."""

    def __init__(self, folder):
        self.folder = folder
        without = dict.fromkeys(("MENPAI_DATABASE_URL", "MENPAI_REDIS_URL", "MENPAI_BROKER_URL"), "")
        place = {"MENPAI_DATA_DIR": str(folder), "MENPAI_KEYS_FILE": str(folder / "keys.json"), "MENPAI_WORKERS": "2"}
        self.environment = without | place | NO_LIMITS

    @contextlib.contextmanager
    def served(self, *commands, **rules):
        if commands[0] != "run" and not (self.folder / "prepared").exists():
            with Service("run", self.environment):  # it prepares the folder
                pass
        with contextlib.ExitStack() as stack:
            first, *_ = [stack.enter_context(Service(command, self.environment | rules)) for command in commands]
            yield first.url

    def rows(self, sql, *parameters):
        with contextlib.closing(sqlite3.connect(self.folder / "menpai.sqlite3", timeout=60)) as connection:
            return connection.execute(sql, parameters).fetchall()

    def sent(self, mobiles):
        accepted = "SELECT recipient FROM menpai_message WHERE state = 'accepted'"
        return {mobile for (mobile,) in self.rows(accepted)} >= set(mobiles)


@pytest.fixture(scope="module")
def embedded(tmp_path_factory):
    return Embedded(tmp_path_factory.mktemp("embedded"))


@pytest.fixture
def http():
    with client(timeout=120, limits=httpx.Limits(max_connections=None)) as shared:
        yield shared


def ask(http, url, mobile):
    return http.get(f"{url}/user/sms/{mobile}/")


@pytest.mark.parametrize("commands", [["run"], ["web", "worker"]], ids=" and ".join)
def test_many_who_write_at_once_are_all_served(embedded, http, commands):
    mobiles = [a_mobile() for _ in range(64)]
    with embedded.served(*commands) as url, ThreadPoolExecutor(32) as pool:
        answers = list(pool.map(lambda mobile: ask(http, url, mobile), mobiles))
        assert [answer.status_code for answer in answers] == [200] * 64
        until(lambda: embedded.sent(mobiles), 120, "all are sent")


def test_a_full_queue_is_refused_at_once_and_who_waits_is_served(embedded, http):
    """No refusal waits: they come while the lock is held, which a writer would await for a minute and more."""
    rules = {"MENPAI_RULE_SQLITE_WRITERS_WAITING": "0", "MENPAI_RULE_SQLITE_WRITE_WAIT": "2m", "MENPAI_WORKERS": "1"}
    with contextlib.ExitStack() as stack, ThreadPoolExecutor(8) as pool:
        url = stack.enter_context(embedded.served("web", **rules))
        held = sqlite3.connect(embedded.folder / "menpai.sqlite3", isolation_level=None, timeout=60)
        stack.enter_context(contextlib.closing(held)).execute("BEGIN IMMEDIATE")
        coming = as_completed([pool.submit(ask, http, url, a_mobile()) for _ in range(8)])
        refused = [next(coming).result() for _ in range(7)]
        held.execute("ROLLBACK")
        served = next(coming).result()
    assert {(answer.status_code, answer.headers["retry-after"]) for answer in refused} == {(507, "2")}
    assert served.status_code == 200


@pytest.mark.proof_only("five minutes of load")
@pytest.mark.parametrize("commands", [["run"], ["web"], ["web", "worker"]], ids=" and ".join)
def test_64_clients_writing_for_a_minute_get_no_503(embedded, commands, record_property):
    from bench import load

    def requests(number):
        for count in itertools.count(number * 100_000):
            address = f"10.{count >> 16 & 255}.{count >> 8 & 255}.{count & 255}"
            lines = f"GET /user/sms/139{count:08}/ HTTP/1.1", "Host: 127.0.0.1", f"X-Forwarded-For: {address}", "", ""
            yield "sms", "\r\n".join(lines).encode()

    for clients in (16, 64):
        with embedded.served(*commands) as url:
            flow = load.Flow(int(url.rpartition(":")[2]), [requests(number) for number in range(clients)], b"\xe6", ())
            tally = load.run(60 if clients == 64 else 20, flow)[0]
        assert tally.wrong == 0
        p99 = load.percentile(tally.served["sms"], 99) * 1000
        record_property("seen", f"{clients} clients: {tally.rate('sms'):.0f}/s, p99 {p99:.0f} ms")
