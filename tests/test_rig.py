"""The rig itself: what is killed comes back, the network is closed, and nothing stays behind."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from tests.rig.children import lives, offspring, until
from tests.rig.postgres import Postgres
from tests.rig.proxy import Proxy
from tests.rig.redis import Redis

servers = pytest.mark.production_only("the embedded run has no server to start")
ELSEWHERE = ("192.0.2.1", 9)  # RFC 5737: nobody has it
# Somebody who starts everything, says so, and waits to be killed.
STARTER = """
import json, os, time
from tests.rig.children import offspring
from tests.rig.postgres import Postgres
from tests.rig.redis import Redis
from tests.rig.service import Service
postgres, store, service = Postgres(), Redis(), Service("run", {"MENPAI_DATA_DIR": os.environ["MENPAI_DATA_DIR"]})
for one in (postgres, store, service):
    one.start()
print(json.dumps(offspring(os.getpid())), flush=True)
time.sleep(60)
"""


@pytest.fixture
def own_postgres() -> Iterator[Postgres]:
    server = Postgres()
    server.start()
    yield server
    server.remove()


@pytest.fixture
def own_redis() -> Iterator[Redis]:
    server = Redis()
    server.start()
    yield server
    server.remove()


@servers
def test_postgresql_keeps_what_was_committed_through_kill_9_and_nothing_else(own_postgres: Postgres) -> None:
    url = own_postgres.create("shop")
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS number")
        connection.commit()
        connection.execute("INSERT INTO kept VALUES (2)")
        own_postgres.kill()
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
    own_postgres.start()
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT number FROM kept").fetchall() == [(1,)]


@servers
def test_what_was_committed_before_postgresql_waits_for_its_disk_outlives_kill_9() -> None:
    server = Postgres(durable=False)
    try:
        server.start()
        with psycopg.connect(server.create("shop")) as connection:
            connection.execute("CREATE TABLE orders (number int)")
        with server.durable():
            server.kill()
            server.start()
            with psycopg.connect(server.url("shop")) as connection:
                assert connection.execute("SELECT number FROM orders").fetchall() == []
    finally:
        server.remove()


@servers
def test_postgresql_listens_on_loopback_only_and_waits_for_its_disk(own_postgres: Postgres) -> None:
    with psycopg.connect(own_postgres.url("postgres")) as connection:
        shown: list[tuple[str, str]] = connection.execute("SELECT name, setting FROM pg_settings").fetchall()
    settings = dict(shown)
    assert (settings["listen_addresses"], settings["fsync"]) == ("127.0.0.1", "on")
    assert settings["unix_socket_directories"] == settings["data_directory"]


@servers
def test_redis_forgets_everything_when_it_is_killed(own_redis: Redis) -> None:
    with redis.Redis.from_url(own_redis.url(2)) as client:
        client.set("name", "value")
        own_redis.kill()
        with pytest.raises(redis.ConnectionError):
            client.get("name")
        own_redis.start()
        assert client.get("name") is None


@servers
def test_the_databases_of_redis_are_apart(own_redis: Redis) -> None:
    with redis.Redis.from_url(own_redis.url(1)) as one, redis.Redis.from_url(own_redis.url(2)) as other:
        one.set("name", "value")
        assert other.get("name") is None


@pytest.fixture
def echo() -> Iterator[int]:
    """The port of a program that says back what it hears."""
    program = (
        "import socketserver as s\n"
        "class E(s.BaseRequestHandler):\n"
        "    def handle(self):\n"
        "        while piece := self.request.recv(99): self.request.sendall(piece)\n"
        "server = s.ThreadingTCPServer(('127.0.0.1', 0), E)\n"
        "print(server.server_address[1], flush=True)\n"
        "server.serve_forever()"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield int(process.stdout.readline())
        process.kill()


def test_the_proxy_passes_delays_stalls_and_cuts(echo: int) -> None:
    with Proxy(echo) as proxy, socket.create_connection(("127.0.0.1", proxy.port), 5) as line:

        def said(words: bytes) -> bytes:
            line.sendall(words)
            return line.recv(99)

        assert said(b"passes") == b"passes"
        proxy.delay, begin = 0.1, time.monotonic()
        assert said(b"waits") == b"waits"
        assert time.monotonic() - begin >= 0.2  # there and back
        proxy.delay = 0.0
        proxy.flows.clear()
        line.settimeout(0.2)
        with pytest.raises(TimeoutError):
            said(b"stalls")
        proxy.flows.set()
        line.settimeout(5)
        assert line.recv(99) == b"stalls"
        proxy.cut()
        assert line.recv(99) == b""


def test_the_proxy_goes_on_after_a_cut_and_tells_who_is_left(echo: int) -> None:
    with Proxy(echo) as proxy:
        for _ in range(3):
            with socket.create_connection(("127.0.0.1", proxy.port), 5) as line:
                line.sendall(b"again")
                assert line.recv(99) == b"again"
                line.shutdown(socket.SHUT_WR)
                assert line.recv(99) == b""  # the other end heard it, and ended too
            proxy.cut()


@pytest.mark.parametrize("how", [socket.socket.connect, socket.socket.connect_ex])
def test_no_test_reaches_another_machine(how: Callable[..., object]) -> None:
    with socket.socket() as line:
        line.settimeout(1)
        with pytest.raises(AssertionError, match="a test tried to reach"):
            how(line, ELSEWHERE)


def test_sockets_of_this_machine_stay_open(tmp_path: Path) -> None:
    address = str(tmp_path / "socket")
    with socket.socket(socket.AF_UNIX) as here, socket.socket(socket.AF_UNIX) as line:
        here.bind(address)
        here.listen()
        line.connect(address)


@servers
def test_nothing_stays_behind_when_the_tests_are_killed() -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)  # PostgreSQL may run as somebody else
        environment = {name: value for name, value in os.environ.items() if not name.startswith("MENPAI_")}
        environment |= {"TMPDIR": folder, "MENPAI_DATA_DIR": f"{folder}/var"}
        command = [sys.executable, "-c", STARTER]
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as starter:
            assert starter.stdout is not None
            family = json.loads(starter.stdout.readline())
            assert len(family) > 6, "a postmaster with its helpers, a Redis, and menpai run with its child"
            starter.send_signal(signal.SIGKILL)
        until(lambda: not any(map(lives, family)), 20, "all of it is gone")
    assert not set(family) & set(offspring(os.getpid()))
