"""Both ephemeral stores, for the tests that hold for either; and naive ones, which those tests must catch."""

import time
import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest

from menpai.ephemeral import Exceeded, Guess, Store
from menpai.ephemeral.redis import RedisStore
from menpai.ephemeral.sql import SqlStore
from menpai.models import EphemeralSecret, EphemeralWindow

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


class NaiveSql(SqlStore):
    """Looks, decides in Python, writes."""

    def put(self, key, secrets, *, life, tries=None, keep_tries=False, also=()):
        row = EphemeralSecret.objects.filter(key=key).first() or EphemeralSecret(key=key)
        if keep_tries and tries is not None and row.tries >= tries:
            return False
        EphemeralSecret.objects.update_or_create(key=key, defaults={"secrets": dict(secrets), "tries": row.tries})
        return True

    def guess(self, key, secret, *, tries=None, count_right=False):
        row = EphemeralSecret.objects.get(key=key)
        if row.tries >= tries:
            return Guess("gone")
        EphemeralSecret.objects.filter(key=key).update(tries=row.tries + 1)
        return Guess("right" if secret in row.secrets else "wrong")

    def drop(self, key, secret):
        row = EphemeralSecret.objects.get(key=key)
        row.secrets.pop(secret, None)
        EphemeralSecret.objects.filter(key=key).update(secrets=row.secrets)

    def sweep(self):
        over = list(EphemeralSecret.objects.filter(expires_at__lte=time.time()).values_list("key", flat=True))
        return sum(EphemeralSecret.objects.filter(key=key).delete()[0] for key in over)

    def count(self, windows):
        logs = [EphemeralWindow.objects.filter(key=window.key).first() for window in windows]
        for index, (log, window) in enumerate(zip(logs, windows, strict=True)):
            if log and len(log.stamps) >= window.limits[0].many:
                return Exceeded(index, timedelta(hours=1))
        for log, window in zip(logs, windows, strict=True):
            stamps = [*(log.stamps if log else []), time.time()]
            EphemeralWindow.objects.update_or_create(key=window.key, defaults={"stamps": stamps, "expires_at": 9e9})
        return None

    def give(self, key, life):
        row, _ = EphemeralSecret.objects.get_or_create(key=key)
        row.secrets[uuid.uuid4().hex] = time.time()
        row.save()

    def take(self, key):
        row = EphemeralSecret.objects.get(key=key)
        if row.secrets:
            row.secrets.popitem()
            row.save()
            return True
        return False


class NaiveRedis:
    """The same: a hash for the secrets, with the count beside them; a list of events for a window."""

    def __init__(self, client):
        self._client = client

    def put(self, key, secrets, *, life, tries=None, keep_tries=False, also=()):
        used = int(self._client.hget(key, "t") or 0)
        if keep_tries and used >= tries:
            return False
        self._client.delete(key)
        self._client.hset(key, mapping={"t": used} | secrets)
        return True

    def guess(self, key, secret, *, tries=None, count_right=False):
        used = int(self._client.hget(key, "t") or 0)
        if used >= tries:
            return Guess("gone")
        self._client.hset(key, "t", used + 1)
        return Guess("right" if self._client.hexists(key, secret) else "wrong")

    def drop(self, key, secret):
        left = self._client.hgetall(key)
        if left.pop(secret, None) is not None:
            self._client.delete(key)
            self._client.hset(key, mapping=left)

    def count(self, windows):
        for index, window in enumerate(windows):
            if self._client.llen(window.key) >= window.limits[0].many:
                return Exceeded(index, timedelta(hours=1))
        for window in windows:
            self._client.rpush(window.key, 1)
        return None

    def give(self, key, life):
        self._client.rpush(key, 1)

    def take(self, key):
        if self._client.llen(key) == 0:
            return False
        self._client.lpop(key)
        return True
