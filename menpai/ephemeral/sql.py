"""The ephemeral store in the database, for the embedded run. Every verb commits by itself.

Each change holds a lock: the row's on PostgreSQL, the single writer's on SQLite (IMMEDIATE). Locks are taken in the
order of the keys, and the sweep skips locked rows, so there is no deadlock. The time is read once they are held.
"""

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from secrets import token_hex
from typing import TypeVar

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Q

from menpai import errors
from menpai.environment import counters
from menpai.ephemeral.protocol import Exceeded, Guess, Put, Release, Window
from menpai.models import EphemeralSecret, EphemeralWindow

Row = TypeVar("Row", EphemeralSecret, EphemeralWindow)
SWEPT_AT_ONCE = 500
SHORTEST_WAIT = 0.001  # seconds


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


def _locked(fresh: Row) -> Row:
    """Returns the locked row of this key, `fresh` if there was none."""
    kind = type(fresh)
    while True:
        # At least two rounds where there was no row, more if the sweep deletes it meanwhile.
        locked = kind.objects.select_for_update().filter(key=fresh.key).first()
        if locked is not None:
            return locked
        kind.objects.bulk_create([fresh], ignore_conflicts=True)


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
            counted = _Counted(windows)
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
            row = EphemeralSecret.objects.select_for_update().filter(key=key).first()
            if row and row.secrets.pop(secret, None) is not None:
                row.save(update_fields=["secrets"])

    def count(self, windows: Sequence[Window], put: Put | None = None) -> Exceeded | None:
        if not windows and put is None:
            return None
        with _committed():
            counted = _Counted(windows)
            exceeded = counted.exceeded()
            if exceeded is None:
                counted.add()
                if put:
                    _put(put)
            return exceeded

    def release(self, releases: Sequence[Release]) -> None:
        with _committed():
            for release in sorted(releases, key=lambda release: release.key):
                row = EphemeralWindow.objects.select_for_update().filter(key=release.key).first()
                if row:
                    row.stamps = [stamp for stamp in row.stamps if stamp[1] != release.event][release.oldest :]
                    row.save(update_fields=["stamps"])

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
            row = _locked(EphemeralSecret(key=_given(key)))
            row.secrets[token_hex(8)] = time.time() + life.total_seconds()
            row.expires_at = max(row.secrets.values())
            row.save()

    def take(self, key: str) -> bool:
        with _committed():
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
        return _swept(EphemeralSecret, over & worn) + _swept(EphemeralWindow, over)


def _swept(kind: type[Row], condition: Q) -> int:
    total = 0
    while True:
        with _committed():
            # A locked row is in use again, or waits for the next sweep.
            held = kind.objects.select_for_update(skip_locked=True).filter(condition)
            keys = list(held.values_list("key", flat=True)[:SWEPT_AT_ONCE])
            total += kind.objects.filter(key__in=keys).delete()[0] if keys else 0
        if len(keys) < SWEPT_AT_ONCE:
            return total


def _put(put: Put, *, keep_tries: bool = False) -> bool:
    """Inside a transaction: puts the secrets; False when the tries are kept and used up."""
    rows = {name: _locked(EphemeralSecret(key=name, expires_at=0)) for name in sorted({put.key, *put.also})}
    now = time.time()
    ends = now + put.life.total_seconds() if put.life else math.inf
    counted = [row for row in rows.values() if keep_tries and row.tries_until > now]
    used = sum(row.tries for row in counted)
    if counted and put.tries is not None and used >= put.tries:
        return False
    EphemeralSecret.objects.filter(key__in=set(put.also) - {put.key}).delete()
    row = rows[put.key]
    row.tries, row.tries_until = used, max((row.tries_until for row in counted), default=ends)
    row.secrets, row.expires_at = dict(put.secrets), ends if put.life else None
    row.save()
    return True


class _Counted:
    """The locked rows of some windows, and one event that may be counted in them."""

    def __init__(self, windows: Sequence[Window]) -> None:
        self._windows, attempt = windows, token_hex(8)
        self._events = {window.key: window.event or attempt for window in windows}
        self._rows = {key: _locked(EphemeralWindow(key=key, expires_at=0)) for key in sorted(self._events)}
        self._now = time.time()

    def exceeded(self) -> Exceeded | None:
        waits = [self._wait(window) for window in self._windows]
        full = [index for index, wait in enumerate(waits) if wait]
        return Exceeded(full[0], timedelta(seconds=max(waits))) if full else None

    def add(self) -> None:
        for key, row in self._rows.items():
            spans = [limit.span for window in self._windows if window.key == key for limit in window.limits]
            longest = max(spans, default=timedelta()).total_seconds()
            event = self._events[key]
            kept = (stamp for stamp in row.stamps if stamp[0] > self._now - longest and stamp[1] != event)
            row.stamps = sorted([*kept, [self._now, event]])
            row.expires_at = row.stamps[-1][0] + longest
            row.save()

    def _wait(self, window: Window) -> float:
        """Returns the seconds until every limit has room, 0 if all have. Stamps are in order."""
        wait, event = 0.0, self._events[window.key]
        for limit in window.limits:
            span = limit.span.total_seconds()
            inside = [stamp for stamp in self._rows[window.key].stamps if stamp[0] > self._now - span]
            if len(inside) >= limit.many and not any(stamp[1] == event for stamp in inside):
                # There is room once the event that is `many` from the newest has left.
                leaves = inside[-limit.many][0] if limit.many else self._now
                wait = max(wait, SHORTEST_WAIT, leaves + span - self._now)
        return wait


def _pause(key: str) -> str:
    return f"pause:{key}"


def _given(key: str) -> str:
    return f"given:{key}"
