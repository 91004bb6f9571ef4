"""Doing a thing once however often a client asks: the Idempotency-Key of whoever lost an answer and asks again.

What was done is written in the transaction that does it, so that the two cannot differ. Only the id of what was made is
kept, and keyed hashes; the answer is made anew. The sweeper forgets it after rules.IDEMPOTENCY_KEPT.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from django.db import IntegrityError
from django.utils import timezone

from menpai import errors, rules
from menpai.keys import ring
from menpai.models import RepeatableRequest

T = TypeVar("T")


@dataclass(frozen=True)
class Key:
    """Keyed hashes: of who asks for what under which key → of the whole body. One a pepper, the one in use first."""

    bodies: dict[str, str]


class _Repeated(Exception):
    """Another request with this key was done a moment ago."""


def key(operation: str, who: str, raw: str, body: bytes) -> Key:
    """Raises BadRequest for anything but 1–100 printable ASCII characters."""
    if not (0 < len(raw) <= 100 and raw.isascii() and raw.isprintable()):
        raise errors.BadRequest
    marks = ring.hashers()
    return Key({mark("idempotency", operation, who, raw): mark("idempotent-body", body.hex()) for mark in marks})


def once(
    key: Key | None, work: Callable[[], T], again: Callable[[str], T], within: timedelta = rules.IDEMPOTENCY_KEPT
) -> T:
    """`work()`, or, when this was done already, and not longer ago than `within`, `again(subject)`.

    Raises IdempotencyKeyReused.
    """
    if key is None:
        return work()
    if (subject := _subject(key, within)) is not None:
        return again(subject)
    try:
        return work()
    except (errors.Refusal, _Repeated) as no:
        # A twin was faster: it spent the code that was refused here, or wrote the row that did not fit twice.
        subject = _subject(key, within)
        if subject is not None:
            return again(subject)
        if isinstance(no, _Repeated):
            raise errors.IdempotencyKeyReused from no
        raise


def remember(key: Key | None, subject: object) -> None:
    """Inside the transaction that makes `subject`. Ends it when a twin was faster."""
    if key is None:
        return
    mark, body = next(iter(key.bodies.items()))
    try:
        RepeatableRequest.objects.create(key=mark, body=body, subject=str(subject))
    except IntegrityError as twin:
        raise _Repeated from twin


def _subject(key: Key, within: timedelta) -> str | None:
    lately = RepeatableRequest.objects.filter(pk__in=key.bodies, created_at__gt=timezone.now() - within)
    done = lately.values_list("key", "body", "subject").first()
    if done is None:
        return None
    if done[1] != key.bodies[done[0]]:
        raise errors.IdempotencyKeyReused
    return str(done[2])
