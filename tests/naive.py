"""Naive variants, which look and then write, and the helper that shows that a story of a race catches them.

A story takes the clients and reports what it saw with `promised`. The naive variant first serves the clients one after
another and must keep the promise: it is a working implementation as long as nobody races. Then only a broken promise
counts as caught.
"""

from collections.abc import Callable
from typing import Any

from django.db import IntegrityError, transaction

from menpai import errors
from menpai.codes import one_time
from menpai.database.idempotency import IdempotencyKey
from menpai.models import RepeatableRequest, Snapshot, SpentSecret
from tests.concurrency import ConcurrentClients, Job

RACES = 100  # at least: one race may go well by chance


class PromiseBroken(AssertionError):
    """The story's own check failed; its text is what was seen."""


def promised(kept: bool, seen: object = "") -> None:
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


def is_caught(story: Callable[[ConcurrentClients], object], clients: ConcurrentClients, rounds: int = RACES) -> bool:
    """True if the naive variant, which works without a race, breaks the story's promise in one of the races.

    Every other exception fails the test.
    """
    story(InTurn(clients.size))
    for _ in range(max(rounds, RACES)):
        try:
            story(clients)
        except PromiseBroken:
            return True
    return False


def naive_remember(key: IdempotencyKey, subject: object) -> None:
    """Look whether it is remembered, then remember it."""
    mark, body = next(iter(key.bodies.items()))
    if not RepeatableRequest.objects.filter(pk=mark).exists():
        row = RepeatableRequest(key=mark, body=body, subject=str(subject))
        RepeatableRequest.objects.bulk_create([row], ignore_conflicts=True)


def naive_store(row: Snapshot) -> None:
    """Look whether the request was carried out, then store the snapshot."""
    if Snapshot.objects.filter(request=row.request).exists():
        raise IntegrityError
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:  # what would be stored without the constraint
        row.request, row.sealed = None, ""
        row.save(force_insert=True)


def naive_spend(secret: one_time.Secret, hold: Callable[[], Any] = lambda: None) -> Any:
    """Look whether it is spent, then write that it is."""
    if SpentSecret.objects.filter(id=secret.id).exists():
        raise errors.CodeExpired
    SpentSecret.objects.bulk_create([SpentSecret(id=secret.id, purpose="naive")], ignore_conflicts=True)
    return hold()
