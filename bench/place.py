"""The measured processes on one core; the load, PostgreSQL and Redis on another."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import redis

from tests.rig.children import ends_with_us, free_port, offspring, until
from tests.rig.postgres import Postgres
from tests.rig.redis import Redis
from tests.rig.service import Service

ROOT = Path(__file__).parent.parent
CORES = sorted(os.sched_getaffinity(0))
MEASURED, LOAD = CORES[0], CORES[-1]
CUSTOMERS = 2000
PASSWORD = "correct horse 9"
NO_LIMIT = "999999999"
TICK = os.sysconf("SC_CLK_TCK")
LIFTED = {
    "MENPAI_RULE_RESEND_AFTER": "0",
    **{
        f"MENPAI_RULE_{name}": NO_LIMIT
        for name in (
            *("TARGET_PER_HOUR", "TARGET_PER_DAY", "CLIENT_PER_MINUTE", "CLIENT_PER_HOUR", "CLIENT_PER_DAY"),
            *("MOBILE_CHECK_PER_MINUTE", "MOBILE_CHECK_PER_DAY", "CLIENT_MAILS_PER_MINUTE", "MAILS_PER_HOUR"),
            *("PREFIX_PER_10_MINUTES", "SMS_PER_HOUR", "SMS_PER_DAY", "UNUSED_SMS", "UNUSED_SMS_PER_PREFIX"),
            *("LOGIN_FAILURES_PER_ACCOUNT", "LOGIN_FAILURES_PER_CLIENT", "LOGIN_FAILURES_PER_PAIR"),
            *("LOGIN_ACCOUNTS_PER_CLIENT", "CLIENT_MAILS_PER_HOUR", "SESSIONS_PER_CUSTOMER"),
            *(f"{name}_PER_{unit}" for name in ("REGISTRATIONS", "SIGN_INS") for unit in ("MINUTE", "HOUR", "DAY")),
            *("CHANGES_PER_MINUTE", "CHANGES_PER_HOUR"),
        )
    },
}


@dataclass(frozen=True)
class Seeded:
    id: int
    name: str
    token: str
    addresses: list[int]


@dataclass
class Place:
    postgres: Postgres
    store: Redis
    database: str
    environment: dict[str, str]
    mail_port: int
    seconds: float  # of one round
    rounds: int
    customers: list[Seeded] = field(default_factory=list)
    web: Service | None = None
    reference_port: int = 0
    reference_process: int = 0

    @property
    def web_port(self) -> int:
        assert self.web is not None
        return self.web.port

    @property
    def web_worker(self) -> int:
        """The id of the process that answers: the youngest child of the master."""
        assert self.web is not None
        return max(self.web.children())

    def forget(self) -> None:
        """Empties the store and Celery's queue."""
        for number in (0, 2):
            with redis.Redis.from_url(self.store.url(number)) as client:
                client.flushdb()
        with redis.Redis.from_url(self.store.url(14)) as client:
            client.delete("menpai")

    def ask(self, sql: str) -> int:
        """Executes a statement and returns its first number, or the number of changed rows."""
        with psycopg.connect(self.database, autocommit=True) as connection:
            cursor = connection.execute(sql.encode())
            row = cursor.fetchone() if cursor.description else None
            return int(row[0]) if row else cursor.rowcount


@contextmanager
def on_core(*cores: int) -> Iterator[None]:
    """Keeps processes that are started within on these cores; this one returns to its own."""
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, {LOAD})


@contextmanager
def prepared(seconds: float, rounds: int, *, served: bool) -> Iterator[Place]:
    """Starts PostgreSQL and Redis and, if `served`, seeds customers and starts both web services."""
    with ExitStack() as stack:
        folder = tempfile.mkdtemp(prefix="menpai-bench-")
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        postgres, store = Postgres(), Redis()
        stack.callback(postgres.remove)
        stack.callback(store.remove)
        postgres.start()
        store.start()
        database, mail_port = postgres.create("menpai"), free_port()
        environment = _environment(folder, database, store, mail_port)
        place = Place(postgres, store, database, environment, mail_port, seconds, rounds)
        command(place, "menpai", "keys")
        command(place, "menpai", "migrate")
        made = json.loads(command(place, "bench.inside", "seed", str(CUSTOMERS if served else 1), PASSWORD))
        place.customers = [Seeded(*one) for one in made]
        if served:
            with on_core(MEASURED):
                place.web = stack.enter_context(Service("web", environment))
                stack.enter_context(_reference(place))
        yield place


def _environment(folder: str, database: str, store: Redis, mail_port: int) -> dict[str, str]:
    """As in production: a broker, SMTP, a real SMS gateway, which no worker here reaches."""
    gateway = {f"MENPAI_YUNTONGXUN_{name}": "0" * 32 for name in ("ACCOUNT_SID", "AUTH_TOKEN", "APP_ID")}
    return {
        "DJANGO_SETTINGS_MODULE": "menpai.settings",
        "MENPAI_SECRET_KEY": "for measuring only, as long as it has to be",
        "MENPAI_DATA_DIR": folder,
        "MENPAI_WORKERS": "1",
        "MENPAI_DEV_MAILBOX": "0",
        "MENPAI_PUBLIC_URL": "http://127.0.0.1",  # the issuer of all tokens, whichever port asks
        "MENPAI_DATABASE_URL": database,
        "MENPAI_REDIS_URL": store.url(2),
        "MENPAI_BROKER_URL": store.url(14),
        "MENPAI_EMAIL_URL": f"smtp://127.0.0.1:{mail_port}",
        "MENPAI_MAIL_FROM": "门牌 <no-reply@example.com>",
        "MENPAI_SMS_GATEWAYS": "yuntongxun",
        "MENPAI_YUNTONGXUN_BASE_URL": "http://127.0.0.1:9",
        **gateway,
        **LIFTED,
    }


def command(place: Place, module: str, *arguments: str) -> str:
    """Runs a Python module of ours and returns its output."""
    environment = os.environ | place.environment
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        env=environment,
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@contextmanager
def _reference(place: Place) -> Iterator[None]:
    place.reference_port = free_port()
    arguments = ["serve", str(place.reference_port), place.database, str(place.store.port)]
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.reference", *arguments], cwd=ROOT, preexec_fn=ends_with_us()
    )
    place.reference_process = process.pid
    try:
        until(lambda: _listens(place.reference_port), 20, "the reference answers")
        yield
    finally:
        process.terminate()
        process.wait(10)


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def bare_hash(seconds: float, niceness: int, parameters: tuple[int, int, int]) -> float:
    """Returns how many argon2id hashes a second the measured core makes alone."""
    with on_core(MEASURED):
        process = subprocess.Popen(
            [sys.executable, "-m", "bench.reference", "hash", str(seconds), str(niceness), *map(str, parameters)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            preexec_fn=ends_with_us(),
        )
    with closing(process.stdout) if process.stdout else ExitStack():
        printed = process.communicate()[0]
    return float(printed)


def cpu_seconds(process: int) -> float:
    """Returns the processor time that a process and its descendants have used."""
    total = 0.0
    for member in [process, *offspring(process)]:
        try:
            fields = Path(f"/proc/{member}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        total += (int(fields[11]) + int(fields[12])) / TICK
    return total


def memory(process: int) -> tuple[float, float]:
    """Returns RSS and PSS in MiB."""
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()[1:]
    kib = {line.split(":")[0]: int(line.split()[1]) for line in lines}
    return kib["Rss"] / 1024, kib["Pss"] / 1024


def first_answer(port: int, path: str, within: float) -> None:
    """Polls until the path answers 200. Raises AssertionError after `within` seconds."""
    deadline = time.monotonic() + within
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode()
    while time.monotonic() < deadline:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
                connection.sendall(request)
                if connection.recv(64)[9:12] == b"200":
                    return
        except OSError:
            time.sleep(0.001)
    raise AssertionError(f"no answer within {within} s")
