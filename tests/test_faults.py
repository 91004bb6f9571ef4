"""What we depend on is slow, mute, full, cut off, read-only or crowded (F03, F04, F13, F14).

Two real web workers behind proxies. Whatever needs it gets an honest 503, whatever does not goes on, nothing is half
done, and it heals by itself.
"""

import contextlib
import statistics
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx
import psycopg
import pytest
import redis
from django.conf import settings
from django.db import connection

from menpai import errors
from menpai.delivery import outbox
from menpai.ephemeral import Window, store
from menpai.models import Address, Customer, Message, SpentSecret
from menpai.rules import Limit
from tests.customers import PASSWORD, Person, a_mobile, an_address_v1, somebody
from tests.invariants import broken
from tests.no_limits import NO_LIMITS, client
from tests.rig.children import until
from tests.rig.postgres import Postgres
from tests.rig.proxy import Proxy
from tests.rig.redis import Redis
from tests.rig.service import Service

pytestmark = [
    pytest.mark.production_only("the embedded run has neither Redis nor PostgreSQL"),
    pytest.mark.timeout(300),
]
HEALS = 5  # seconds (F13)


def through(proxy: Proxy, url: str) -> str:
    parts = urlsplit(url)
    name, at, _ = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{name}{at}127.0.0.1:{proxy.port}"))


@pytest.fixture(scope="module")
def to_redis(database: None) -> Iterator[Proxy]:
    with Proxy(urlsplit(settings.MENPAI_REDIS_URL).port or 0) as proxy:
        yield proxy


@pytest.fixture(scope="module")
def to_postgres(database: None) -> Iterator[Proxy]:
    with Proxy(urlsplit(settings.MENPAI_DATABASE_URL).port or 0) as proxy:
        yield proxy


@pytest.fixture(scope="module")
def web(service: Callable[..., Service], to_redis: Proxy, to_postgres: Proxy) -> Iterator[Service]:
    started = service(
        "web",
        MENPAI_WORKERS="2",
        MENPAI_REDIS_URL=through(to_redis, settings.MENPAI_REDIS_URL),
        MENPAI_DATABASE_URL=through(to_postgres, settings.MENPAI_DATABASE_URL),
        **NO_LIMITS,
    )
    yield started
    started.stop()


@pytest.fixture
def live(web: Service) -> Iterator[httpx.Client]:
    with client(base_url=web.url, timeout=30) as http:
        until(lambda: works(http), 10, "all is well before")
        yield http
        until(lambda: works(http), HEALS, "it heals by itself")
    assert broken() == []
    assert " fault " not in web.log()


def works(http: httpx.Client) -> bool:
    """Everything answers, twelve times in a row: both workers, most of their threads."""
    return all(http.get(f"/user/sms/{a_mobile()}/").status_code == 200 for _ in range(12))


@contextlib.contextmanager
def proxied(proxy: Proxy, **moods: Any) -> Iterator[None]:
    before = {name: getattr(proxy, name) for name in moods}
    for name, value in moods.items():
        setattr(proxy, name, value)
    try:
        yield
    finally:
        for name, value in before.items():
            setattr(proxy, name, value)


@contextlib.contextmanager
def mute(proxy: Proxy) -> Iterator[None]:
    proxy.flows.clear()
    try:
        yield
    finally:
        proxy.flows.set()


def honest(answer: httpx.Response) -> bool:
    return answer.status_code in (503, 507) and 1 <= int(answer.headers["retry-after"]) <= 2


def sign_in(person: Person) -> httpx.Response:
    return person.http.post("/v1/tokens", json={"username": person.name, "password": PASSWORD})


def seconds(call: Callable[[], httpx.Response], times: int = 10) -> list[float]:
    found = []
    for _ in range(times):
        begun = time.monotonic()
        assert call().status_code == 200
        found.append(time.monotonic() - begun)
    return sorted(found)


# ── Redis ──
STORE_FAULTS: dict[str, Callable[[Proxy], contextlib.AbstractContextManager[None]]] = {
    "2 s late": lambda proxy: proxied(proxy, delay=2.0),
    "mute": mute,
    "a slow drip": lambda proxy: proxied(proxy, piece=1, delay=0.1),
}


@pytest.mark.parametrize("fault", STORE_FAULTS)
def test_a_slow_store_sends_nothing_and_slows_nothing_else(
    live: httpx.Client, to_redis: Proxy, fault: str, record_property: Callable[[str, object], None]
) -> None:
    """F03. Sends are refused, not let through; what does not need the store never waits for it."""
    person = somebody(live)
    before = Message.objects.count()
    with STORE_FAULTS[fault](to_redis):
        asked = [live.get(f"/user/sms/{a_mobile()}/") for _ in range(12)]
        assert all(map(honest, asked)), [one.status_code for one in asked]
        assert honest(live.post("/v1/users/password/sms", json={"email": person.email}))
        reads = seconds(lambda: live.get(person.book, headers=person.auth))
        logins = seconds(lambda: sign_in(person))
        assert person.post(person.book, **an_address_v1())["code"] == 200
    assert Message.objects.count() == before
    record_property("seen", f"slowest read {reads[-1] * 1000:.0f} ms, median login {statistics.median(logins):.2f} s")


def test_a_full_store_refuses_and_forgets_nothing(live: httpx.Client, redis_server: Redis) -> None:
    """F04. `noeviction`: a counter that cannot be written is a 503, and never a free guess or a free SMS."""
    mobile, person = a_mobile(), somebody(live)
    assert live.get(f"/user/sms/{mobile}/").status_code == 200
    with redis.Redis(port=redis_server.port) as admin:
        admin.config_set("maxmemory-policy", "noeviction")
        admin.config_set("maxmemory", 1)
        try:
            # What is still let through is counted all the same: the second time is always refused.
            window = [Window(uuid.uuid4().hex, (Limit(1, timedelta(hours=1)),))]
            counted = [was_counted(window) for _ in range(6)]
            assert counted.count(True) <= 1
            guess = {"mobile": mobile, "password": PASSWORD, "sms_code": "000000"}
            assert honest(live.post("/user/register/", json=guess))
            assert len(seconds(lambda: sign_in(person), 3)) == 3
        finally:
            admin.config_set("maxmemory", 0)
    made = outbox.open_params(Message.objects.get(recipient=mobile))
    assert made is not None
    right = guess | {"sms_code": made["code"]}
    assert live.post("/user/register/", json=right).status_code == 201


def was_counted(window: list[Window]) -> bool:
    try:
        return store().count(window) is None
    except errors.StoreUnavailable:
        return False


# ── Connections that end ──
@pytest.mark.parametrize("reset", [False, True])
@pytest.mark.parametrize("server", ["redis", "postgres"])
def test_connections_that_end_cost_at_most_an_honest_503(
    live: httpx.Client, to_redis: Proxy, to_postgres: Proxy, server: str, reset: bool
) -> None:
    person = somebody(live)
    proxy = to_redis if server == "redis" else to_postgres
    for _ in range(5):
        proxy.cut(reset=reset)
        reading = live.get(person.book, headers=person.auth)
        asked = live.get(f"/user/sms/{a_mobile()}/")
        assert reading.status_code == 200
        assert asked.status_code == 200 or honest(asked)


# ── PostgreSQL ──
@pytest.fixture
def admin(postgres: Postgres) -> Iterator["psycopg.Connection[tuple[Any, ...]]"]:
    """A superuser's own line to the database, past the proxy and whatever the service is told."""
    with psycopg.connect(postgres.url("menpai"), autocommit=True) as line:
        line.execute("SET default_transaction_read_only = off")
        yield line


@pytest.fixture
def read_only(live: httpx.Client, admin: "psycopg.Connection[tuple[Any, ...]]") -> Iterator[None]:
    """A database that has just become a standby: what is connected stays connected."""

    def be(what: str) -> None:
        admin.execute(f"ALTER SYSTEM SET default_transaction_read_only = {what}")
        admin.execute("SELECT pg_reload_conf()")

    yield be("on")
    be("off")


def test_a_read_only_database_still_reads(live: httpx.Client, request: pytest.FixtureRequest) -> None:
    """F13. Whoever is signed in stays so and sees the book; every write is a 503 and leaves no trace."""
    person = somebody(live)
    person.add_address()
    request.getfixturevalue("read_only")
    until(lambda: honest(live.post(person.book, json=an_address_v1(), headers=person.auth)), 5, "it is read-only")
    for _ in range(6):
        assert live.get(person.book, headers=person.auth).status_code == 200
        assert honest(live.post(person.book, json=an_address_v1(), headers=person.auth))
        assert honest(sign_in(person))
        assert honest(live.get(f"/user/sms/{a_mobile()}/"))


def test_a_database_without_free_connections_is_a_503(live: httpx.Client, postgres: Postgres) -> None:
    """F13. Others took them all, and ours were ended."""
    person = somebody(live)
    live.get(person.book, headers=person.auth)
    connection.close()
    with psycopg.connect(postgres.url("postgres"), autocommit=True) as admin:
        admin.execute("ALTER DATABASE menpai ALLOW_CONNECTIONS false")  # what superusers are refused too
        try:
            admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'menpai'")
            assert all(honest(live.get(person.book, headers=person.auth)) for _ in range(12))
            assert honest(sign_in(person))
        finally:
            admin.execute("ALTER DATABASE menpai ALLOW_CONNECTIONS true")


def test_a_row_that_somebody_holds_is_waited_for_and_then_a_503(
    live: httpx.Client, admin: "psycopg.Connection[tuple[Any, ...]]"
) -> None:
    """F14. Three seconds (environment.py), and nothing happened."""
    person = somebody(live)
    with admin.transaction():
        admin.execute("SELECT 1 FROM menpai_customer FOR UPDATE")
        assert honest(live.post(person.book, json=an_address_v1(), headers=person.auth))
    assert person.addresses() == []
    assert person.post(person.book, **an_address_v1())["code"] == 200


CONFLICTS = {"serialization failure": "40001", "deadlock": "40P01"}


@pytest.mark.parametrize("conflict", CONFLICTS)
def test_a_conflict_in_the_database_undoes_all_of_it(
    live: httpx.Client, admin: "psycopg.Connection[tuple[Any, ...]]", conflict: str
) -> None:
    """F14. The last row of a registration does not fit: no customer, no spent code; the same request again succeeds."""
    mobile = a_mobile()
    assert live.get(f"/user/sms/{mobile}/").status_code == 200
    made = outbox.open_params(Message.objects.get(recipient=mobile))
    assert made is not None
    sent = {"mobile": mobile, "password": PASSWORD, "sms_code": made["code"]}
    admin.execute(
        "CREATE FUNCTION conflict() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION 'conflict' USING ERRCODE = '{CONFLICTS[conflict]}'; END $$"
    )
    admin.execute("CREATE TRIGGER conflict BEFORE INSERT ON menpai_session EXECUTE FUNCTION conflict()")
    try:
        assert honest(live.post("/user/register/", json=sent))
    finally:
        admin.execute("DROP FUNCTION conflict CASCADE")
    assert not Customer.objects.exists() and not SpentSecret.objects.exists()
    assert live.post("/user/register/", json=sent).status_code == 201


def test_a_database_that_answers_late_is_waited_for(live: httpx.Client, to_postgres: Proxy) -> None:
    """A fifth of a second there and back for each statement: everything is slow, and nothing is wrong."""
    person = somebody(live)
    with proxied(to_postgres, delay=0.1):
        assert person.post(person.book, **an_address_v1())["code"] == 200
        assert sign_in(person).status_code == 200
    assert Address.objects.filter(is_default=True).count() == 1
