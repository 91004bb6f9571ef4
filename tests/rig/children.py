"""Processes that tests start: none stays behind, and nothing is waited for without a deadline."""

import contextlib
import ctypes
import importlib.util
import os
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path


def ends_with_us(number: int = signal.SIGTERM) -> Callable[[], None]:
    """For subprocess's preexec_fn: the child gets this signal when we are gone, however we went."""
    libc = ctypes.CDLL(None)

    def ask() -> None:
        libc.prctl(1, number)  # PR_SET_PDEATHSIG

    return ask


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(condition: Callable[[], object], seconds: float, what: str) -> None:
    """Poll until it holds; fails with `what` when it does not within so many seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.01)


def offspring(parent: int) -> list[int]:
    """Every living process below `parent`."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if fields[0] != "Z":
            parents.setdefault(int(fields[1]), []).append(int(entry.parent.name))
    found, queue = [], [parent]
    while queue:
        children = parents.get(queue.pop(), [])
        found += children
        queue += children
    return found


def lives(process: int) -> bool:
    """A zombie does not: it holds nothing, and how long it waits to be buried is up to the machine's first process."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def end(process: int, number: int = signal.SIGKILL) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, number)


def package(name: str) -> Path:
    """The folder of an installed package, found without running any of it."""
    spec = importlib.util.find_spec(name)
    assert spec is not None and spec.origin is not None
    return Path(spec.origin).parent
