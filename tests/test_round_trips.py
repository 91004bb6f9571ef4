"""How often a request waits for the database and the store of codes: every round trip that a relay sees, pinned.

Each request is made once before it is counted: a new connection has statements to prepare and scripts to load.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection

from menpai.ephemeral import store
from tests.api.clients import App, newcomer
from tests.customers import a_mobile, an_address_in_parts
from tests.rig.proxy import CountingProxy

pytestmark = pytest.mark.production_only("SQLite is in the process: there are no trips")
Trips = Callable[[Callable[[], Any]], int]


@pytest.fixture
def trips(redis_server) -> Iterator[Trips]:
    """`trips(call)`: of a request that was answered with success."""
    kept: Any = store()
    pool = kept._redis.connection_pool
    with CountingProxy(int(connection.settings_dict["PORT"])) as database, CountingProxy(redis_server.port) as codes:
        connection.close()
        pool.disconnect()
        pool.reset()
        with pytest.MonkeyPatch.context() as patch:
            patch.setitem(connection.settings_dict, "PORT", str(database.port))
            patch.setitem(pool.connection_kwargs, "port", codes.port)
            connection.ensure_connection()
            kept.ping()

            def counted(call: Callable[[], Any]) -> int:
                before = database.trips + codes.trips
                assert call().status_code < 300
                return database.trips + codes.trips - before

            yield counted
            connection.close()
            pool.disconnect()
            pool.reset()


@pytest.fixture
def person(http, mailbox) -> App:
    app = newcomer(http, mailbox)
    for _ in range(2):
        app.post("/me/addresses", **an_address_in_parts())
    return app


def twice(trips: Trips, call: Callable[[], Any]) -> int:
    call()
    return trips(call)


@pytest.mark.parametrize("path", ["/me", "/me/addresses", "/me/addresses/default"])
def test_a_signed_in_read_is_one_trip(trips, person, path):
    assert twice(trips, lambda: person.get(path)) == 1


def test_setting_the_default_address_is_two_trips(trips, person):
    ids = [address["id"] for address in person.get("/me/addresses").json()["addresses"]]
    choices = iter(ids * 2)
    # The session; lock, clear, set, trail and book together.
    assert twice(trips, lambda: person.put("/me/addresses/default", id=next(choices))) == 2


def test_asking_for_a_code_is_at_most_three_trips(trips, http):
    # Whose number it is; the limits with the code; its message with the trail.
    ask = lambda: http.post("/api/sessions/code", json={"mobile": a_mobile()})  # noqa: E731
    assert twice(trips, ask) == 3
    # Nobody's by nature.
    assert twice(trips, lambda: http.post("/api/registrations/code", json={"mobile": a_mobile()})) == 2


def test_nothing_escapes_the_count(trips, person):
    def call():
        connection.cursor().execute("SELECT 1")
        store().ping()
        return person.get("/me")

    assert twice(trips, call) == 3
