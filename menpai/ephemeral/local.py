"""Windows of one process: bounded, lost with the process, and without a round trip.

They stand in, more strictly, while the store is unavailable, and count what is no more than a nuisance.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from secrets import token_hex

from menpai import rules
from menpai.ephemeral.protocol import Exceeded, Release, Window

MOST_KEYS = 10_000


class LocalWindows:
    """`count` and `release` of a Store, with one part in `share` of each limit."""

    def __init__(self, share: int = 1) -> None:
        self._share = share
        self._events: OrderedDict[str, dict[str, float]] = OrderedDict()  # key → event → monotonic time
        self._lock = threading.Lock()

    def count(self, windows: Sequence[Window]) -> Exceeded | None:
        with self._lock:
            now = time.monotonic()
            waits = [self._wait(window, now) for window in windows]
            full = [index for index, wait in enumerate(waits) if wait]
            if full:
                return Exceeded(full[0], timedelta(seconds=max(waits)))
            for window in windows:
                self._events.setdefault(window.key, {})[window.event or token_hex(8)] = now
                self._events.move_to_end(window.key)
            while len(self._events) > MOST_KEYS:
                self._events.popitem(last=False)
            return None

    def release(self, releases: Sequence[Release]) -> None:
        with self._lock:
            for release in releases:
                events = self._events.get(release.key, {})
                events.pop(release.event, None)
                for event in list(events)[: release.oldest]:
                    del events[event]

    def _wait(self, window: Window, now: float) -> float:
        events, wait = self._events.get(window.key, {}), 0.0
        longest = max((limit.span.total_seconds() for limit in window.limits), default=0.0)
        for event in [event for event, at in events.items() if at <= now - longest]:
            del events[event]
        if window.event in events:
            return 0.0
        for limit in window.limits:
            span = limit.span.total_seconds()
            inside = [at for at in events.values() if at > now - span]
            if len(inside) >= (max(1, limit.many // self._share) if limit.many else 0):
                wait = max(wait, 0.001, (inside[0] if inside else now) + span - now)
        return wait


@cache
def windows() -> LocalWindows:
    """Those that stand in for the store."""
    return LocalWindows(rules.DEGRADED_SHARE)
