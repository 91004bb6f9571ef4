"""Idempotency keys: a repeated request with the same Idempotency-Key has one effect.

The effect and its record are written in one transaction, so they cannot differ. The record holds keyed hashes and the
id of what was created; the answer is built again. The sweep deletes it after rules.IDEMPOTENCY_KEPT.
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
class IdempotencyKey:
    """Keyed hash of operation, caller and key → keyed hash of the body.

    One for each pepper, the current one first.
    """

    bodies: dict[str, str]


class _Repeated(Exception):
    """Another request with this key was completed meanwhile."""


def parse_key(operation: str, caller: str, raw: str, body: bytes) -> IdempotencyKey:
    """Returns the key of a request. Raises BadRequest unless `raw` is 1–100 printable ASCII characters."""
    if not (0 < len(raw) <= 100 and raw.isascii() and raw.isprintable()):
        raise errors.BadRequest
    return IdempotencyKey(
        {
            hasher("idempotency", operation, caller, raw): hasher("idempotent-body", body.hex())
            for hasher in ring.hashers()
        }
    )


def run_once(
    key: IdempotencyKey | None,
    work: Callable[[], T],
    repeat: Callable[[str], T],
    within: timedelta = rules.IDEMPOTENCY_KEPT,
) -> T:
    """Returns `work()`, or `repeat(subject)` if a request with this key was completed `within` that time.

    Raises IdempotencyKeyReused.
    """
    if key is None:
        return work()
    if (subject := _find_subject(key, within)) is not None:
        return repeat(subject)
    try:
        return work()
    except (errors.Refusal, _Repeated) as refusal:
        # A concurrent request was faster: it used the code that was refused here, or wrote the same record.
        subject = _find_subject(key, within)
        if subject is not None:
            return repeat(subject)
        if isinstance(refusal, _Repeated):
            raise errors.IdempotencyKeyReused from refusal
        raise


def record_request(key: IdempotencyKey | None, subject: object) -> None:
    """Records `subject` inside the transaction that creates it.

    Ends it if a concurrent request was faster.
    """
    if key is None:
        return
    request, body = next(iter(key.bodies.items()))
    try:
        RepeatableRequest.objects.create(key=request, body=body, subject=str(subject))
    except IntegrityError as error:
        raise _Repeated from error


def _find_subject(key: IdempotencyKey, within: timedelta) -> str | None:
    recent = RepeatableRequest.objects.filter(pk__in=key.bodies, created_at__gt=timezone.now() - within)
    row = recent.values_list("key", "body", "subject", named=True).first()
    if row is None:
        return None
    if row.body != key.bodies[row.key]:
        raise errors.IdempotencyKeyReused
    return str(row.subject)
