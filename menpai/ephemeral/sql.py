"""The ephemeral store in the database, for the embedded run. Every verb commits by itself.

Who changes a row holds its lock: on PostgreSQL the row's, on SQLite the only writer's (IMMEDIATE). Locks are taken one
by one in the order of the keys, and the sweeper waits for none, so that nobody waits in a circle. The time is read once
they are held.
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
from menpai.ephemeral import Exceeded, Guess, Window
from menpai.models import EphemeralSecret, EphemeralWindow
from menpai.rules import Limit

Row = TypeVar("Row", EphemeralSecret, EphemeralWindow)
SWEPT_AT_ONCE = 500
SHORTEST_WAIT = 0.001  # seconds


@contextmanager
def _asked() -> Iterator[None]:
    try:
        yield
    except (OperationalError, InterfaceError) as away:
        raise errors.StoreUnavailable from away


@contextmanager
def _committed() -> Iterator[None]:
    """A transaction of its own: what is counted stays counted, whatever becomes of the caller's work."""
    with _asked(), transaction.atomic(durable=True):
        yield


def _locked(fresh: Row) -> Row:
    """The row of this key, locked; `fresh` where there was none."""
    kind = type(fresh)
    while True:
        # Twice at least where there was none, and again when another inserted it or the sweeper took it meanwhile.
        found = kind.objects.select_for_update().filter(key=fresh.key).first()
        if found is not None:
            return found
        kind.objects.bulk_create([fresh], ignore_conflicts=True)


class SqlStore:
    def put(
        self,
        key: str,
        secrets: Mapping[str, str],
        *,
        life: timedelta,
        tries: int | None = None,
        keep_tries: bool = False,
    ) -> bool:
        with _committed():
            row = _locked(EphemeralSecret(key=key))
            now = time.time()
            if not (keep_tries and row.tries_until > now):
                row.tries, row.tries_until = 0, now + life.total_seconds() if life else math.inf
            elif tries is not None and row.tries >= tries:
                return False
            row.secrets = dict(secrets)
            row.expires_at = now + life.total_seconds() if life else None
            row.save()
        return True

    def guess(self, key: str, secret: str, *, tries: int | None = None, count_right: bool = False) -> Guess:
        with _committed():
            row = EphemeralSecret.objects.select_for_update().filter(key=key).first()
            if row is None or not row.secrets or (row.expires_at is not None and row.expires_at <= time.time()):
                return Guess("gone")
            if tries is not None and row.tries >= tries:
                return Guess("gone")
            row.tries += 1
            subject = row.secrets.get(secret)
            if tries is not None and (subject is None or count_right):
                row.save(update_fields=["tries"])
        return Guess("wrong") if subject is None else Guess("right", subject)

    def drop(self, key: str, secret: str) -> None:
        with _committed():
            row = EphemeralSecret.objects.select_for_update().filter(key=key).first()
            if row and row.secrets.pop(secret, None) is not None:
                row.save(update_fields=["secrets"])

    def count(self, windows: Sequence[Window]) -> Exceeded | None:
        limits: dict[str, list[Limit]] = {}
        for window in windows:
            limits.setdefault(window.key, []).extend(window.limits)
        if not limits:
            return None
        with _committed():
            rows = {key: _locked(EphemeralWindow(key=key, expires_at=0)) for key in sorted(limits)}
            now = time.time()
            waits = [_wait(rows[window.key].stamps, window.limits, now) for window in windows]
            full = [index for index, wait in enumerate(waits) if wait]
            if full:
                return Exceeded(full[0], timedelta(seconds=max(waits)))
            for key, row in rows.items():
                longest = max((limit.span.total_seconds() for limit in limits[key]), default=0.0)
                row.stamps = sorted([*(stamp for stamp in row.stamps if stamp > now - longest), now])
                row.expires_at = row.stamps[-1] + longest
                row.save()
        return None

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
            found = set(resting.values_list("key", flat=True))
        return [name in found for name in names]

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
            # What somebody holds comes back to life at this moment, or waits for the next sweep.
            held = kind.objects.select_for_update(skip_locked=True).filter(condition)
            keys = list(held.values_list("key", flat=True)[:SWEPT_AT_ONCE])
            total += kind.objects.filter(key__in=keys).delete()[0] if keys else 0
        if len(keys) < SWEPT_AT_ONCE:
            return total


def _wait(stamps: Sequence[float], limits: Sequence[Limit], now: float) -> float:
    """Seconds until every limit has room; 0 when all of them have. `stamps` are in order."""
    wait = 0.0
    for limit in limits:
        span = limit.span.total_seconds()
        inside = [stamp for stamp in stamps if stamp > now - span]
        if len(inside) >= limit.many:
            # There is room once the event that is `many` from the newest has left.
            leaves = inside[-limit.many] if limit.many else now
            wait = max(wait, SHORTEST_WAIT, leaves + span - now)
    return wait


def _pause(key: str) -> str:
    return f"pause:{key}"


def _given(key: str) -> str:
    return f"given:{key}"
