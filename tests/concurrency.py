"""Many clients doing something at the same moment: threads with a database connection each, released together."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from queue import SimpleQueue
from types import TracebackType
from typing import Any, Self

from django.db import IntegrityError, OperationalError, connection

from menpai import errors
from menpai.identifiers import Client

CLIENT = Client("127.0.0.1", "127.0.0.1", "race")  # for use cases that are called without HTTP
Job = Callable[[int], Any]


class ConcurrentClients:
    """`rush(job)` runs job(0) … job(size - 1) at once and answers what each returned or raised, in that order.

    The threads and their connections live as long as the clients, so that a round costs only its work.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self._barrier = threading.Barrier(size + 1)
        self._job: Job | None = None
        self._results: SimpleQueue[tuple[int, Any]] = SimpleQueue()
        self._threads = [threading.Thread(target=self._work, args=(number,), daemon=True) for number in range(size)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        self.rush(lambda _number: connection.ensure_connection())
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._job = None
        self._barrier.wait()
        for thread in self._threads:
            thread.join(timeout=10)

    def rush(self, job: Job) -> list[Any]:
        self._job = job
        self._barrier.wait()
        results = dict(self._results.get() for _ in range(self.size))
        return [results[number] for number in range(self.size)]

    def _work(self, number: int) -> None:
        try:
            while True:
                self._barrier.wait()
                job = self._job
                if job is None:
                    return
                try:
                    outcome: Any = job(number)
                except Exception as raised:  # noqa: BLE001  (what was raised is a result)
                    outcome = raised
                self._results.put((number, outcome))
        finally:
            connection.close()


def at_once(*jobs: Callable[[], Any]) -> list[Any]:
    """What each of the jobs returned or raised, in this order; they begin at the same moment."""
    with ConcurrentClients(len(jobs)) as clients:
        return clients.rush(lambda number: jobs[number]())


def outcomes(results: list[Any]) -> Counter[str]:
    """How often each happened: "done", or the name of a refusal or of a violated constraint.

    Raises any other exception.
    """
    for result in results:
        if isinstance(result, errors.Unavailable) or (
            isinstance(result, Exception) and not isinstance(result, errors.Refusal | IntegrityError)
        ):
            raise result
    return Counter(type(result).__name__ if isinstance(result, Exception) else "done" for result in results)


def insisting(job: Job) -> Job:
    """`job`, tried again where SQLite sent it away because another one was writing: nothing was done."""

    def insisted(number: int) -> Any:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                return job(number)
            except (errors.StoreUnavailable, OperationalError):
                if connection.vendor != "sqlite":
                    raise
        raise TimeoutError

    return insisted
