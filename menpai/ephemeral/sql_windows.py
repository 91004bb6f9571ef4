"""The sliding windows of the store in the database: a row for each event.

A row costs the same however many there are in its window, where a list in one row would be read and written as a whole.
Call everything inside the transaction that holds the keys (sql.py).
"""

import time
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from django.db import connection

from menpai.ephemeral.protocol import Exceeded, Release, Window

SHORTEST_WAIT = 0.001  # seconds
# Stops at the smallest limit: in most windows there are a few events.
_HOW_MANY = """SELECT {index}, (SELECT count(*) FROM
    (SELECT 1 FROM menpai_ephemeralevent WHERE key = %s AND at > %s LIMIT %s) AS events)"""
_NEWEST = "SELECT at FROM menpai_ephemeralevent WHERE key = %s AND at > %s ORDER BY at DESC LIMIT 1 OFFSET %s"
_NAMED = "SELECT 1 FROM menpai_ephemeralevent WHERE key = %s AND at > %s AND event = %s LIMIT 1"
_DROP_NAMED = "DELETE FROM menpai_ephemeralevent WHERE key = %s AND event = %s"
_DROP_OLDEST = """DELETE FROM menpai_ephemeralevent WHERE id IN
    (SELECT id FROM menpai_ephemeralevent WHERE key = %s AND expires_at > %s ORDER BY at, id LIMIT %s)"""
_INSERT = "INSERT INTO menpai_ephemeralevent (key, at, event, expires_at) VALUES "


class Counted:
    """Some windows, and one event that may be counted in them. The time is read once the keys are held."""

    def __init__(self, windows: Sequence[Window]) -> None:
        self._windows, self._now = windows, time.time()
        self._by_key: dict[str, list[Window]] = {}
        for window in windows:
            self._by_key.setdefault(window.key, []).append(window)

    def exceeded(self) -> Exceeded | None:
        near = self._near_limits() if self._windows else set()
        waits = [self._wait(window) if window.key in near else 0.0 for window in self._windows]
        full = [index for index, wait in enumerate(waits) if wait]
        return Exceeded(full[0], timedelta(seconds=max(waits))) if full else None

    def add(self) -> None:
        rows: list[Any] = []
        for key, windows in self._by_key.items():
            if windows[0].event:
                _execute(_DROP_NAMED, [key, windows[0].event])
            rows += [key, self._now, windows[0].event, self._now + self._longest(key)]
        if rows:
            _execute(_INSERT + ", ".join(["(%s, %s, %s, %s)"] * len(self._by_key)), rows)

    def _longest(self, key: str) -> float:
        spans = [limit.span for window in self._by_key[key] for limit in window.limits]
        return max(spans, default=timedelta()).total_seconds()

    def _near_limits(self) -> set[str]:
        """Returns the keys with as many events in the longest span as the smallest limit allows.

        One statement asks for all of them.
        """
        keys, parameters = list(self._by_key), []
        for key, windows in self._by_key.items():
            fewest = min((limit.many for window in windows for limit in window.limits), default=2**31)
            parameters.append((key, self._now - self._longest(key), fewest))
        sql = " UNION ALL ".join(_HOW_MANY.format(index=index) for index in range(len(keys)))
        counts = _execute(sql, [value for values in parameters for value in values])
        return {keys[index] for index, count in counts if count >= parameters[index][2]}

    def _wait(self, window: Window) -> float:
        """Returns the seconds until every limit has room, 0 if all have."""
        wait = 0.0
        for limit in window.limits:
            since = self._now - limit.span.total_seconds()
            # There is room once the event that is `many` from the newest has left.
            leaves = _execute(_NEWEST, [window.key, since, limit.many - 1]) if limit.many else [(self._now,)]
            if leaves and not (window.event and _execute(_NAMED, [window.key, since, window.event])):
                wait = max(wait, SHORTEST_WAIT, leaves[0][0] - since)
        return wait


def release(releases: Iterable[Release]) -> None:
    """Removes events from their windows."""
    for removal in releases:
        if removal.event:
            _execute(_DROP_NAMED, [removal.key, removal.event])
        if removal.oldest:
            _execute(_DROP_OLDEST, [removal.key, time.time(), removal.oldest])


def _execute(sql: str, parameters: Sequence[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall() if cursor.description else []
