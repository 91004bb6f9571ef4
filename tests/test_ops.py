"""Health and keys, as a load balancer and a sibling service ask for them."""

import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import jwt
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from menpai import ephemeral
from menpai.contracts import health
from tests.customers import somebody


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        yield int(server.getsockname()[1])


def test_livez_touches_nothing(http: httpx.Client) -> None:
    with CaptureQueriesContext(connection) as queries:
        answer = http.get("/livez")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert len(queries) == 0


def test_readyz_is_200_when_database_and_store_answer(http: httpx.Client) -> None:
    assert http.get("/readyz").json() == {"status": "ok"}


def test_readyz_names_missing_migrations(http: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_migrated", False)
    with connection.cursor() as cursor:
        cursor.execute("SELECT MAX(name) FROM django_migrations WHERE app = 'menpai'")
        (newest,) = cursor.fetchone()
        cursor.execute("UPDATE django_migrations SET name = 'later' WHERE app = 'menpai' AND name = %s", [newest])
    try:
        answer = http.get("/readyz")
    finally:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE django_migrations SET name = %s WHERE name = 'later'", [newest])
    assert answer.status_code == 503
    assert answer.json() == {"status": "unavailable", "database": "migrations missing: run `menpai migrate`"}
    assert answer.headers["retry-after"] == "2"


@pytest.mark.production_only("a store beside the database")
def test_readyz_names_a_store_that_does_not_answer(
    http: httpx.Client, silent_port: int, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MENPAI_REDIS_URL = f"redis://127.0.0.1:{silent_port}/2"
    ephemeral.store.cache_clear()
    try:
        answer = http.get("/readyz")
    finally:
        ephemeral.store.cache_clear()
    assert answer.status_code == 503
    assert list(answer.json()) == ["status", "store"]


@pytest.mark.production_only("a Redis for staff sessions")
def test_readyz_names_a_redis_of_staff_sessions_that_is_away(
    http: httpx.Client, silent_port: int, settings: Any
) -> None:
    away = {"LOCATION": f"redis://127.0.0.1:{silent_port}/1"}
    settings.CACHES = {name: cache | away for name, cache in settings.CACHES.items()}
    answer = http.get("/readyz")
    assert (answer.status_code, answer.json()["status"], list(answer.json()["slower"])) == (200, "ok", ["sessions"])


def test_readyz_answers_within_its_half_second_whatever_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    hangs, asked = threading.Event(), []

    def hang() -> str:
        asked.append(1)
        hangs.wait(10)
        return ""

    began = time.monotonic()
    complaints = [health._ask({"database": hang, "store": lambda: ""}, 0.2) for _ in range(3)]
    assert time.monotonic() - began < 2
    assert complaints == [{"database": "no answer in time"}] * 3
    assert len(asked) == 1, "what hangs already is not asked again"
    hangs.set()


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/.well-known/jwks.json"])
def test_health_is_read_only_json(path: str, http: httpx.Client) -> None:
    answer = http.post(path)
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")
    assert answer.headers["content-type"] == "application/json"


def test_a_sibling_can_check_a_token_with_the_published_keys(http: httpx.Client) -> None:
    person = somebody(http)
    answer = http.get("/.well-known/jwks.json")
    assert answer.headers["cache-control"] == "public, max-age=300"
    key = jwt.PyJWKSet.from_dict(answer.json()).keys[0]
    claims = jwt.decode(person.token, key, algorithms=["EdDSA"], audience="menpai")
    assert claims["username"] == person.name
    assert "d" not in answer.json()["keys"][0]
