"""Look, then write: what the story of a race must catch.

A story takes a crowd, and tells what it saw with `promised`. The naive variant is run one after another first, where
it must keep the promise: it is a working implementation as long as nobody races. Then only a broken promise counts.
"""

from collections.abc import Callable
from typing import Any

from menpai.database.idempotency import IdempotencyKey
from menpai.models import RepeatableRequest
from tests.concurrency import ConcurrentClients, Job


class PromiseBroken(AssertionError):
    """The story's own check failed; its text is what was seen."""


def promised(kept: bool, seen: object) -> None:
    """Raises PromiseBroken if the promise was not kept."""
    if not kept:
        raise PromiseBroken(str(seen))


class InTurn(ConcurrentClients):
    """The same clients one after another: nobody races."""

    def __init__(self, size: int) -> None:
        self.size = size

    def rush(self, job: Job) -> list[Any]:
        return [self._outcome(job, number) for number in range(self.size)]

    @staticmethod
    def _outcome(job: Job, number: int) -> Any:
        try:
            return job(number)
        except Exception as error:  # noqa: BLE001  (what was raised is a result)
            return error


def is_caught(story: Callable[[ConcurrentClients], object], crowd: ConcurrentClients, rounds: int) -> bool:
    """True if the naive variant, which works without a race, breaks the story's promise within the rounds.

    Every other exception fails the test.
    """
    story(InTurn(crowd.size))
    for _ in range(rounds):
        try:
            story(crowd)
        except PromiseBroken:
            return True
    return False


def naive_remember(key: IdempotencyKey, subject: object) -> None:
    """Look whether it is remembered, then remember it."""
    mark, body = next(iter(key.bodies.items()))
    if not RepeatableRequest.objects.filter(pk=mark).exists():
        row = RepeatableRequest(key=mark, body=body, subject=str(subject))
        RepeatableRequest.objects.bulk_create([row], ignore_conflicts=True)
