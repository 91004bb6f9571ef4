"""The Idempotency-Key header."""

from django.http import HttpRequest

from menpai.database import idempotency
from menpai.database.idempotency import IdempotencyKey, run_once

__all__ = ["idempotency_key", "run_once"]


def idempotency_key(request: HttpRequest, operation: str, who: str) -> IdempotencyKey | None:
    """None without the header. Raises BadRequest for one that is no key."""
    raw = request.META.get("HTTP_IDEMPOTENCY_KEY")
    return None if raw is None else idempotency.parse_key(operation, who, raw, request.body)
