"""The rig: two engines, a clock, a mailbox, and people. See CONTRIBUTING.md "Tests".

--engine=embedded     SQLite, the SQL store, no broker
--engine=production   PostgreSQL, Redis, Celery's broker: started here, ended here
"""

import contextlib
import http.cookiejar
import importlib
import logging
import os
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
import time_machine
from argon2 import PasswordHasher

from tests import leaks
from tests.concurrency import ConcurrentClients
from tests.leaks import leak_check
from tests.rig import hashes, slowness, tables
from tests.rig.children import offspring
from tests.rig.postgres import Postgres
from tests.rig.redis import Redis
from tests.rig.service import Service
from tests.rig.sharing import Sharing, is_without_database
from tests.store_clock import age_redis

rig = SimpleNamespace(postgres=None, redis=None, folder=None)
BROKER = (14, 15)  # Redis' databases of the broker and of the results


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--engine", choices=("embedded", "production"), default="embedded")
    parser.addoption("--share", metavar="FOLDER", type=Path, help="tests are claimed here by the processes of one run")
    parser.addoption("--proof", action="store_true", help="the long figures")
    parser.addoption("--longer", action="store_true", help="only what takes longer with --proof")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "production_only(reason): needs PostgreSQL, Redis or Celery")
    config.addinivalue_line("markers", "once(reason): the same on both engines; with --share on one of them")
    config.addinivalue_line("markers", "without_database: runs once as well; the database is closed to it")
    config.addinivalue_line("markers", "slow(reason): may take more than ten seconds")
    config.addinivalue_line("markers", "real_hashes: password hashes cost here what they cost in production")
    config.addinivalue_line("markers", "proof_only(reason): a figure of `make proof`, which no other run decides by")
    config.pluginmanager.register(slowness)
    if config.option.share:
        config.pluginmanager.register(Sharing(config.option.share, config.option.engine))
    if config.option.collectonly or config.option.help:
        os.environ.setdefault("MENPAI_DATA_DIR", tempfile.gettempdir())
    for name in [name for name in os.environ if name.startswith("MENPAI_")]:
        del os.environ[name]
    rig.folder = tempfile.mkdtemp(prefix="menpai-test-")
    os.environ["DJANGO_SETTINGS_MODULE"] = "menpai.settings"
    os.environ["MENPAI_DATA_DIR"] = rig.folder
    os.environ["MENPAI_DEV_MAILBOX"] = "1"
    if config.getoption("--engine") == "production":
        rig.postgres, rig.redis = Postgres(durable=False), Redis()
        rig.postgres.start()
        rig.redis.start()
        os.environ["MENPAI_DATABASE_URL"] = rig.postgres.create("menpai")
        os.environ["MENPAI_REDIS_URL"] = rig.redis.url(2)
        os.environ["MENPAI_BROKER_URL"] = rig.redis.url(14)
    _stay_at_home()
    import django

    from menpai import rules
    from menpai.keys import file as key_file

    hashes.cheapen()
    Service.module = "tests.rig.hashes"
    key_file.create(Path(rig.folder) / "keys.json")
    # Both engines run at once on two cores: a store that is only waiting for its turn is not away.
    rules.STORE_TIMEOUT = timedelta(seconds=1)
    django.setup()


def _stay_at_home() -> None:
    """No test reaches anything but this machine."""

    def only_loopback(connect: Callable[..., Any]) -> Callable[..., Any]:
        def guarded(self: socket.socket, address: Any) -> Any:
            if self.family != socket.AF_UNIX and address[0] not in ("127.0.0.1", "::1", "localhost"):
                raise AssertionError(f"a test tried to reach {address}")
            return connect(self, address)

        return guarded

    for name in ("connect", "connect_ex"):
        setattr(socket.socket, name, only_loopback(getattr(socket.socket, name)))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    absent = [] if config.getoption("--engine") == "production" else ["production_only"]
    absent += [] if config.getoption("--proof") else ["proof_only"]
    elsewhere = [item for item in items if any(map(item.get_closest_marker, absent))]
    if config.getoption("--longer"):
        elsewhere += [item for item in items if "proof" not in getattr(item, "fixturenames", ())]
    if elsewhere:
        config.hook.pytest_deselected(items=elsewhere)
        items[:] = [item for item in items if item not in elsewhere]


def pytest_unconfigure() -> None:
    for server in (rig.postgres, rig.redis):
        if server:
            server.remove()
    if rig.folder:
        shutil.rmtree(rig.folder, ignore_errors=True)
        left = offspring(os.getpid())
        assert not left, f"processes stayed behind: {left}"


@pytest.fixture(scope="session", autouse=True)
def database(django_db_blocker: Any) -> Iterator[None]:
    """A real, migrated database with real commits: the product uses durable transactions, threads and races."""
    from django.core.management import call_command
    from django.db import connections

    with django_db_blocker.unblock():
        call_command("migrate", verbosity=0)
        importlib.import_module("menpai.wsgi")  # sets the log up anew, without handlers that it does not know
        yield
        connections.close_all()


@pytest.fixture(autouse=True)
def empty(database: None, request: pytest.FixtureRequest, django_db_blocker: Any) -> Iterator[None]:
    """Every test begins with nothing in the database, the store and the broker."""
    logging.getLogger().addHandler(leak_check)  # once more: `menpai keys retire` in this process sets the log up anew
    if is_without_database(request.node):
        with django_db_blocker.block():
            yield
        leak_check.check()
        return
    yield
    from django.core.cache import cache
    from django.db import IntegrityError

    from menpai.audit import aggregation

    aggregation.flush()
    if rig.redis:
        leaks.read_redis(*map(rig.redis.client, BROKER))
    leaks.read_rows(tables.filled())
    for left in reversed(range(5)):
        try:
            tables.empty()
            break
        except IntegrityError:  # a server that a test has walked away from still finished something
            if not left:
                raise
    if rig.redis:
        rig.redis.flush()  # the cache as well
    else:
        cache.clear()
    leak_check.check()


@pytest.fixture(autouse=True)
def real_hashes(request: pytest.FixtureRequest, database: None) -> Iterator[None]:
    """For the tests marked `real_hashes`; all others hash cheaply."""
    with hashes.real() if request.node.get_closest_marker("real_hashes") else contextlib.nullcontext():
        yield


@pytest.fixture
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.config.getoption("--engine"))


@pytest.fixture
def postgres() -> Iterator[Postgres]:
    """The server, for tests that do something to it: meanwhile it waits for its disk."""
    with rig.postgres.durable():
        yield rig.postgres


@pytest.fixture
def redis_server() -> Redis:
    return rig.redis  # type: ignore[no-any-return]


@pytest.fixture
def redis_url(redis_server: Redis) -> str:
    return redis_server.url(2)


@pytest.fixture(scope="session")
def proof(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--proof"))


@pytest.fixture(scope="session")
def rounds(proof: bool) -> int:
    """How often a race is run."""
    return 1000 if proof else 10


@pytest.fixture(scope="session")
def few_rounds(proof: bool) -> int:
    """How often a race is run whose round takes long."""
    return 100 if proof else 10


@pytest.fixture
def keys_file(settings: Any, tmp_path: Path) -> Path:
    """A keys file of the test's own."""
    from menpai.keys import file as key_file

    settings.MENPAI_KEYS_FILE = tmp_path / "keys.json"
    assert key_file.create(settings.MENPAI_KEYS_FILE)
    return tmp_path / "keys.json"


@pytest.fixture
def room_for_all(monkeypatch: pytest.MonkeyPatch, set_rule: Callable[[str, Any], None]) -> None:
    """Cheap hashes, a long queue for them and no count of them, for races that are about something else."""
    from menpai.passwords import hashing

    monkeypatch.setattr(hashing, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    set_rule("HASH_QUEUE", 256)
    for name in ("REGISTRATIONS_PER_CLIENT", "GUESSES_PER_CLIENT", "SIGN_INS_PER_PAIR", "CHANGES_PER_SESSION"):
        set_rule(name, ())


@pytest.fixture(scope="module")
def clients(request: pytest.FixtureRequest, database: None) -> Iterator[ConcurrentClients]:
    """64 clients at once, or as many as the test's module says in CLIENTS, on SQLite in WRITERS: there they queue."""
    many = getattr(request.module, "CLIENTS", 64)
    if request.config.getoption("--engine") == "embedded":
        many = getattr(request.module, "WRITERS", many)
    with ConcurrentClients(many) as running:
        yield running


class Clock:
    def __init__(self, travel: Any) -> None:
        self._travel = travel

    def advance(self, seconds: float) -> None:
        """As if so many seconds had passed, for the process and for the store."""
        self._travel.shift(timedelta(seconds=seconds))
        if rig.redis:
            age_redis(rig.redis.url(2), seconds)

    def step_back(self, seconds: float) -> None:
        """The process's clock alone is put back; time has not."""
        self._travel.shift(-timedelta(seconds=seconds))


@pytest.fixture
def clock() -> Iterator[Clock]:
    with time_machine.travel(datetime.now(UTC), tick=True) as travel:
        yield Clock(travel)


def _client(address: str = "127.0.0.1") -> httpx.Client:
    from menpai.wsgi import application

    def app(environ: dict[str, Any], start_response: Any) -> Any:
        # WSGI wants the bytes of the path as latin-1.
        environ["PATH_INFO"] = environ["PATH_INFO"].encode().decode("latin-1")
        return application(environ, start_response)

    no_cookies = http.cookiejar.CookieJar(http.cookiejar.DefaultCookiePolicy(allowed_domains=[]))
    transport = httpx.WSGITransport(app=app, remote_addr=address)
    listening = {"request": [leak_check.sent], "response": [leak_check.answered]}
    return httpx.Client(
        transport=transport, base_url="http://127.0.0.1:8000", cookies=no_cookies, event_hooks=listening
    )


@pytest.fixture
def client_from(database: None) -> Callable[[str], httpx.Client]:
    """A client at another address."""
    return _client


@pytest.fixture(name="http")
def http_client(database: None) -> Iterator[httpx.Client]:
    """The product's WSGI application, in this process; keeps no cookies."""
    with _client() as client:
        yield client


class Mailbox:
    """The development mailbox, as a developer reads it."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def all(self, to: str) -> list[SimpleNamespace]:
        answer = self._client.get("/dev/mailbox.json", params={"to": to})
        assert answer.status_code == 200, answer.text
        return [SimpleNamespace(**message) for message in answer.json()["messages"]]

    def last(self, to: str) -> SimpleNamespace:
        messages = self.all(to)
        assert messages, f"nothing was sent to {to}"
        return messages[-1]


@pytest.fixture
def mailbox(http: httpx.Client) -> Mailbox:
    return Mailbox(http)


@pytest.fixture
def set_rule(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Any], None]:
    from menpai import rules

    return lambda name, value: monkeypatch.setattr(rules, name, value)


@pytest.fixture
def statements() -> Callable[[], contextlib.AbstractContextManager[Any]]:
    """`with statements() as sql: …; len(sql)` counts the SQL statements of this thread."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    return lambda: CaptureQueriesContext(connection)


@pytest.fixture
def round_trips() -> Callable[[], contextlib.AbstractContextManager[list[str]]]:
    """`with round_trips() as trips: …; trips` names the verbs that went to the ephemeral store."""
    from menpai.ephemeral import store

    @contextlib.contextmanager
    def counted() -> Iterator[list[str]]:
        seen: list[str] = []
        kind = type(store())

        def wrapped(name: str) -> Callable[..., Any]:
            original = getattr(kind, name)

            def call(*arguments: Any, **named: Any) -> Any:
                seen.append(name)
                return original(*arguments, **named)

            return call

        with pytest.MonkeyPatch.context() as patch:
            for name in ("put", "guess", "drop", "count", "release", "pause", "paused", "give", "take", "ping"):
                patch.setattr(kind, name, wrapped(name))
            yield seen

    return counted


@pytest.fixture
def cost(statements: Callable[[], Any], round_trips: Callable[[], Any]) -> Callable[..., tuple[int, list[str]]]:
    """`cost(call)` → (SQL statements, BEGIN, COMMIT and ROLLBACK aside; verbs that went to the ephemeral store)."""
    from menpai.ephemeral import store
    from menpai.ephemeral.sql import SqlStore

    def measured(call: Callable[[], Any]) -> tuple[int, list[str]]:
        with round_trips() as trips, statements() as sql:
            answer = call()
        assert getattr(answer, "status_code", 200) < 500, answer.text
        texts = [statement["sql"] for statement in sql]
        if isinstance(store(), SqlStore):  # in the embedded run the store's verbs are statements too: not counted here
            texts = [text for text in texts if "ephemeral" not in text]
        texts = [text for text in texts if text.split(" ")[0] not in ("BEGIN", "COMMIT", "ROLLBACK")]
        # On PostgreSQL several INSERTs may be one statement.
        return sum(text.count("INSERT INTO") or 1 for text in texts), list(trips)

    return measured


@pytest.fixture(scope="session")
def service(database: None) -> Iterator[Callable[..., Service]]:
    """`service("web", NAME="value")` starts a real process on this engine's database and store."""
    from django.conf import settings

    started: list[Service] = []

    def start(command: str, **environment: str) -> Service:
        keys = {"MENPAI_KEYS_FILE": str(Path(settings.MENPAI_KEYS_FILE))}
        running = Service(command, keys | environment)
        started.append(running)
        return running.start()

    yield start
    for running in started:
        running.stop()
        running.close()


@pytest.fixture
def staff(database: None) -> Any:
    """A browser in which staff have signed in."""
    from tests.operators import hire, signed_in

    hire()
    return signed_in()
