"""The ephemeral store in the database, for the embedded run. Every verb commits by itself.

Each change holds a lock: an advisory one for each key on PostgreSQL, the single writer's on SQLite (IMMEDIATE). Locks
are taken in one order, and the sweep skips locked rows, so there is no deadlock. The time is read once they are held.
"""

import json
import math
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from hashlib import blake2b
from secrets import token_hex
from typing import TypeVar

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Q

from menpai import errors
from menpai.environment import counters
from menpai.ephemeral import sql_windows
from menpai.ephemeral.protocol import Exceeded, Guess, Put, Release, Window
from menpai.ephemeral.sql_windows import Counted
from menpai.models import EphemeralEvent, EphemeralSecret, EphemeralWindow

Row = TypeVar("Row", EphemeralSecret, EphemeralEvent, EphemeralWindow)
SWEPT_AT_ONCE = 500
_PUT = """
    INSERT INTO menpai_ephemeralsecret (key, secrets, tries, tries_until, expires_at) VALUES (%s, %s, %s, %s, %s)
    ON CONFLICT (key) DO UPDATE SET secrets = excluded.secrets, tries = excluded.tries,
        tries_until = excluded.tries_until, expires_at = excluded.expires_at
"""


@contextmanager
def _asked() -> Iterator[None]:
    try:
        with counters.STORE_CALLS.timed():
            yield
    except (OperationalError, InterfaceError) as error:
        counters.STORE_FAILURES.add()
        raise errors.StoreUnavailable from error


@contextmanager
def _committed() -> Iterator[None]:
    """A transaction of its own: a count stays, even if the caller's work fails."""
    with _asked(), transaction.atomic(durable=True):
        yield


def _hold(*keys: str) -> None:
    """Holds these keys until the transaction ends; their rows may not be there yet."""
    if connection.vendor == "postgresql":
        marks = [int.from_bytes(blake2b(key.encode(), digest_size=8).digest(), signed=True) for key in keys]
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(mark) FROM unnest(%s::bigint[]) AS mark", [sorted(marks)])


class SqlStore:
    """The store in the database."""

    def put(
        self,
        key: str,
        secrets: Mapping[str, str],
        *,
        life: timedelta,
        tries: int | None = None,
        keep_tries: bool = False,
        also: Sequence[str] = (),
    ) -> bool:
        with _committed():
            _hold(key, *also)
            return _put(Put(key, secrets, life, tries, also), keep_tries=keep_tries)

    def guess(
        self,
        key: str,
        secret: str,
        *,
        tries: int | None = None,
        count_right: bool = False,
        windows: Sequence[Window] = (),
    ) -> Guess:
        with _committed():
            _hold(key, *(window.key for window in windows))
            counted = Counted(windows)
            if exceeded := counted.exceeded():
                return Guess("held", exceeded=exceeded)
            row = EphemeralSecret.objects.select_for_update().filter(key=key).first()
            if row is None or not row.secrets or (row.expires_at is not None and row.expires_at <= time.time()):
                return Guess("gone")
            if tries is not None and row.tries >= tries:
                return Guess("gone")
            row.tries += 1
            subject = row.secrets.get(secret)
            if tries is not None and (subject is None or count_right):
                row.save(update_fields=["tries"])
            if subject is None:
                counted.add()
        return Guess("wrong") if subject is None else Guess("right", subject)

    def drop(self, key: str, secret: str) -> None:
        with _committed():
            _hold(key)
            row = EphemeralSecret.objects.select_for_update().filter(key=key).first()
            if row and row.secrets.pop(secret, None) is not None:
                row.save(update_fields=["secrets"])

    def count(self, windows: Sequence[Window], put: Put | None = None) -> Exceeded | None:
        if not windows and put is None:
            return None
        with _committed():
            _hold(*(window.key for window in windows), *((put.key, *put.also) if put else ()))
            counted = Counted(windows)
            exceeded = counted.exceeded()
            if exceeded is None:
                counted.add()
                if put:
                    _put(put)
            return exceeded

    def release(self, releases: Sequence[Release]) -> None:
        with _committed():
            _hold(*(removal.key for removal in releases))
            sql_windows.release(releases)

    def pause(self, key: str, life: timedelta) -> None:
        with _committed():
            row = EphemeralSecret(key=_pause(key), expires_at=time.time() + life.total_seconds())
            EphemeralSecret.objects.bulk_create(
                [row], update_conflicts=True, unique_fields=["key"], update_fields=["expires_at"]
            )

    def paused(self, keys: Sequence[str]) -> list[bool]:
        names = [_pause(key) for key in keys]
        with _asked():
            resting = EphemeralSecret.objects.filter(key__in=names, expires_at__gt=time.time())
            paused_keys = set(resting.values_list("key", flat=True))
        return [name in paused_keys for name in names]

    def give(self, key: str, life: timedelta) -> None:
        with _committed():
            _hold(_given(key))
            row = EphemeralSecret.objects.select_for_update().filter(key=_given(key)).first()
            row = row or EphemeralSecret(key=_given(key))
            row.secrets[token_hex(8)] = time.time() + life.total_seconds()
            row.expires_at = max(row.secrets.values())
            row.save()

    def take(self, key: str) -> bool:
        with _committed():
            _hold(_given(key))
            row = EphemeralSecret.objects.select_for_update().filter(key=_given(key)).first()
            if row is None:
                return False
            now = time.time()
            alive = sorted((ends, name) for name, ends in row.secrets.items() if ends > now)
            row.secrets = {name: ends for ends, name in alive[1:]}
            row.save(update_fields=["secrets"])
        return bool(alive)

    def ping(self) -> None:
        with _asked():
            EphemeralSecret.objects.filter(key="").exists()

    def sweep(self) -> int:
        over = Q(expires_at__lte=time.time())
        worn = Q(tries_until__lte=time.time())
        # EphemeralWindow: what the version before counted.
        return _swept(EphemeralSecret, over & worn) + _swept(EphemeralEvent, over) + _swept(EphemeralWindow, over)


def _tries(keys: Collection[str], now: float) -> list[tuple[int, float]]:
    """Returns the wrong guesses under each of these keys that still count, and until when they do."""
    counting = EphemeralSecret.objects.filter(key__in=keys, tries_until__gt=now)
    return list(counting.values_list("tries", "tries_until"))


def _swept(kind: type[Row], condition: Q) -> int:
    total = 0
    while True:
        with _committed():
            # A locked row is in use again, or waits for the next sweep.
            held = kind.objects.select_for_update(skip_locked=True).filter(condition)
            keys = list(held.values_list("pk", flat=True)[:SWEPT_AT_ONCE])
            total += kind.objects.filter(pk__in=keys).delete()[0] if keys else 0
        if len(keys) < SWEPT_AT_ONCE:
            return total


def _put(put: Put, *, keep_tries: bool = False) -> bool:
    """Puts the secrets, in a transaction that holds the keys; False if kept tries are used up."""
    now = time.time()
    ends = now + put.life.total_seconds() if put.life else math.inf
    counted = _tries({put.key, *put.also}, now) if keep_tries else []
    used = sum(count for count, _ in counted)
    if counted and put.tries is not None and used >= put.tries:
        return False
    if former := set(put.also) - {put.key}:
        EphemeralSecret.objects.filter(key__in=former).delete()
    until = max((until for _, until in counted), default=ends)
    with connection.cursor() as cursor:
        cursor.execute(_PUT, [put.key, json.dumps(dict(put.secrets)), used, until, ends if put.life else None])
    return True


def _pause(key: str) -> str:
    return f"pause:{key}"


def _given(key: str) -> str:
    return f"given:{key}"
