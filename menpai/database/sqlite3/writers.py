"""The queue of the writers of one SQLite database.

SQLite lets one writer in at a time. The others sleep in its busy handler, longer each time, and whoever happens to wake
up is next. Here the threads of a process wait in the order of their arrival. The first of them holds a lock file while
it waits for SQLite's own lock, so a process that has just written cannot begin again before one that waits.

Only the order is decided here. Two writers are excluded by SQLite's lock, which the system takes from a killed process
as it takes the lock file.
"""

import fcntl
import os
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from menpai import rules

T = TypeVar("T")
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_BUSY_RECOVERY)
POLL = 0.0005  # seconds between two looks at a lock that another process holds
_queues: dict[Path, "WriterQueue"] = {}
_opening = threading.Lock()


class WriterQueue:
    """The threads of this process that want to write, in the order of their arrival."""

    def __init__(self, lock_file: Path) -> None:
        self._lock_file = lock_file
        self._file: int | None = None
        self.forget()

    def forget(self) -> None:
        """Begins anew: after a fork the threads of the parent are not here, nor is its lock file ours."""
        # Re-entrant: the collector may end a connection, and so its turn, in the middle of what stands under it.
        self._guard, self._is_busy, self._waiting = threading.RLock(), False, deque[threading.Lock]()
        if self._file is not None:
            os.close(self._file)
            self._file = None

    @property
    def length(self) -> int:
        """The number of threads that wait."""
        return len(self._waiting)

    def enter(self, deadline: float) -> None:
        """Returns when it is the caller's turn.

        Raises OperationalError if the queue is full, or at the deadline.
        """
        place = threading.Lock()
        place.acquire()
        with self._guard:
            if not self._is_busy:
                self._is_busy = True
                return
            if len(self._waiting) >= rules.SQLITE_WRITERS_WAITING:
                raise sqlite3.OperationalError("too many writers wait")
            self._waiting.append(place)
        is_called = False
        try:
            is_called = place.acquire(timeout=max(0.0, deadline - time.monotonic()))
        finally:
            if not is_called:
                self._withdraw(place)
        if not is_called:
            raise sqlite3.OperationalError("other writers took too long")

    def leave(self) -> None:
        """Calls the thread that has waited longest."""
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._is_busy = False

    def _withdraw(self, place: threading.Lock) -> None:
        with self._guard:
            if place in self._waiting:
                self._waiting.remove(place)
                return
        self.leave()  # it was called in the last moment

    @contextmanager
    def first_of_processes(self, deadline: float) -> Iterator[None]:
        """The block runs in one process at a time: in it, SQLite's own lock is waited for."""
        file = self._opened()
        while not _is_locked(file):
            if time.monotonic() > deadline:
                raise sqlite3.OperationalError("another process is writing")
            time.sleep(POLL)
        try:
            yield
        finally:
            fcntl.flock(file, fcntl.LOCK_UN)

    def _opened(self) -> int:
        if self._file is None:
            try:
                self._file = os.open(self._lock_file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            except OSError as error:
                raise sqlite3.OperationalError(f"unable to open the lock file: {error.strerror}") from error
        return self._file


def queue_of(database: str | Path) -> WriterQueue:
    """Returns the queue of a database, one in each process."""
    path = Path(f"{database}.writers")
    with _opening:
        return _queues.get(path) or _queues.setdefault(path, WriterQueue(path))


def patiently(attempt: Callable[[], T], deadline: float) -> T:
    """Returns `attempt()`, tried again while another process holds SQLite's lock.

    Raises OperationalError.
    """
    while True:
        try:
            return attempt()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode not in _BUSY or time.monotonic() > deadline:
                raise
        time.sleep(POLL)


def _is_locked(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _forget_all() -> None:
    global _opening
    _opening = threading.Lock()
    for queue in _queues.values():
        queue.forget()


os.register_at_fork(after_in_child=_forget_all)
