"""The queue for the threads that hash: short, and fair to every client address (docs/adr/0004).

The threads are one per core that this worker may use, and below everything else in the system's priorities, so that a
storm of sign-ins never slows reads. A request that finds no place is told to come back.

Addresses take turns, whichever of them asked first and however often. When all places are taken, the address that holds
most of them gives its latest to one that would still hold fewer, and that request is told to come back. So an address
may fill the queue while nobody else wants it, and keeps nobody out of it.
"""

import contextlib
import os
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from typing import Any, ParamSpec, TypeVar

from django.conf import settings

from menpai import audit, errors, rules
from menpai.environment import counters

_P = ParamSpec("_P")
_T = TypeVar("_T")


@dataclass(frozen=True)
class _Job:
    work: Callable[[], Any]
    result: Future[Any] = field(default_factory=Future)
    since: float = field(default_factory=time.monotonic)

    def run(self) -> None:
        try:
            self.result.set_result(self.work())
        except BaseException as error:  # noqa: BLE001  (raised where the result is waited for)
            self.result.set_exception(error)


class FairQueue:
    """Runs jobs on an executor's threads; at most rules.HASH_QUEUE of them run or wait at a time."""

    def __init__(self, executor: Executor) -> None:
        self._executor, self._running = executor, 0
        self._waiting: OrderedDict[str, deque[_Job]] = OrderedDict()  # client → its jobs; the next client first
        self._lock = threading.Lock()

    def run(self, client: str, work: Callable[[], _T]) -> _T:
        """The result of the work, when this client had its turn. Raises Busy, and what the work raises."""
        job = _Job(work)
        with self._lock:
            is_full = self._running + self._count_waiting() >= rules.HASH_QUEUE
            if is_full:
                self._make_room(client)
            self._waiting.setdefault(client, deque()).append(job)
            self._show()
        if not is_full:  # else the turn of the job that left is free
            self._executor.submit(self._run_next)
        result: _T = job.result.result()
        return result

    def _show(self) -> None:
        counters.HASHING_JOBS.set("running", to=self._running)
        counters.HASHING_JOBS.set("waiting", to=self._count_waiting())

    def _count_waiting(self) -> int:
        return sum(map(len, self._waiting.values()))

    def _make_room(self, client: str) -> None:
        """Sends the latest job of the client with most of them away. Raises Busy if that is no fairer."""
        counters.HASHING_REFUSED.add()
        largest = max(self._waiting, key=lambda one: len(self._waiting[one]), default=client)
        if len(self._waiting.get(largest, ())) <= len(self._waiting.get(client, ())) + 1:
            raise errors.Busy(rules.BUSY_COME_BACK_AFTER)
        self._waiting[largest].pop().result.set_exception(errors.Busy(rules.BUSY_COME_BACK_AFTER))

    def _run_next(self) -> None:
        with self._lock:
            client, jobs = self._waiting.popitem(last=False)
            job = jobs.popleft()
            if jobs:
                self._waiting[client] = jobs  # at the end
            self._running += 1
            self._show()
        counters.HASHING_WAIT.observe(value=time.monotonic() - job.since)
        try:
            job.run()
        finally:
            with self._lock:
                self._running -= 1
                self._show()


def in_turn(work: Callable[_P, _T], *arguments: _P.args, **named: _P.kwargs) -> _T:
    """Hashes for the client whose request this is, on the threads that hash. Raises Busy."""
    client = audit.request_client()
    return _queue().run(client.network if client else "", lambda: work(*arguments, **named))


@cache
def _queue() -> FairQueue:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    threads = max(1, cores // (settings.MENPAI_WORKERS or (cores if settings.PRODUCTION else 1)))
    threads = min(threads, max(1, rules.HASH_QUEUE // 2))  # who runs cannot be sent away: half the places can be
    return FairQueue(ThreadPoolExecutor(threads, thread_name_prefix="hash", initializer=_step_back))


def _step_back() -> None:
    """Below the threads that answer: on Linux a thread has a niceness of its own."""
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), rules.HASH_NICENESS)
