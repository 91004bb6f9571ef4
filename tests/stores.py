"""Both ephemeral stores, for the tests that hold for either."""

from collections.abc import Iterator

import pytest

from menpai.ephemeral import Store
from menpai.ephemeral.redis import RedisStore
from menpai.ephemeral.sql import SqlStore

# SQL is SQLite on the embedded engine and PostgreSQL on the other.
STORES = ["sql", pytest.param("redis", marks=pytest.mark.production_only("the embedded run has no Redis"))]


def opened(request: pytest.FixtureRequest) -> Iterator[Store]:
    """For a fixture with params=STORES: the store that the parameter names, empty."""
    if request.param == "sql":
        yield SqlStore()
        return
    store = RedisStore(request.getfixturevalue("redis_url"))
    yield store
    store._redis.close()
