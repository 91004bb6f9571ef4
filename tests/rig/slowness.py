"""A test may take ten seconds; one that takes longer says why, as `slow("reason")`.

What counts is what a quiet machine would need: the processor time of this process, or the wall clock less the time in
which anything on this machine waited for a processor, whichever is more. Other work on the machine adds to the wall
clock and to that waiting alike, so a busy machine fails no test; without Linux' /proc/pressure only processor time
counts.
"""

import time
from pathlib import Path
from typing import Any

import pytest

SECONDS = 10
PRESSURE = Path("/proc/pressure/cpu")


def stalled() -> float | None:
    """Seconds since the start of the machine in which some process waited for a processor; None: nobody counts."""
    try:
        some = PRESSURE.read_text().splitlines()[0]
    except OSError:
        return None
    return int(some.rpartition("total=")[2]) / 1e6


class Stopwatch:
    def __init__(self) -> None:
        self._wall, self._worked, self._stalled = time.monotonic(), time.process_time(), stalled()

    def seconds(self) -> float:
        worked, now = time.process_time() - self._worked, stalled()
        if self._stalled is None or now is None:
            return worked
        return max(worked, time.monotonic() - self._wall - (now - self._stalled))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Any:
    watch = Stopwatch()
    result = yield
    if not item.config.getoption("--proof") and not item.get_closest_marker("slow"):
        seconds = watch.seconds()
        assert seconds <= SECONDS, f"{seconds:.1f} s of a quiet machine: shorten it, or mark it `slow` with the reason"
    return result
