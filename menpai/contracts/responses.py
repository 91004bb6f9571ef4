"""Shared by the contracts: JSON responses, Retry-After, and the logging of faults."""

import logging
import secrets
from typing import TypeGuard

import msgspec
from django.db import DatabaseError, InterfaceError, connection
from django.db.utils import InternalError, OperationalError
from django.http import HttpResponse

from menpai import audit, errors
from menpai.audit import events
from menpai.environment import counters, logs

logger = logging.getLogger(__name__)


def json_response(content: object, status: int = 200, retry_after: int | None = None) -> HttpResponse:
    """JSON, as every contract answers."""
    response = HttpResponse(msgspec.json.encode(content), status=status, content_type="application/json")
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    return response


def retry_after_seconds(too_soon: errors.ComeBackLater) -> int:
    """Whole seconds for a Retry-After header, rounded up: coming back then must succeed."""
    return max(1, -int(-too_soon.retry_after.total_seconds() // 1))


def is_throttled_sign_in(refusal: errors.Refusal) -> TypeGuard[errors.ComeBackLater]:
    """Returns True for too many tries at a sign-in, where the way on is to wait.

    The published pages show that as one of their own outcomes, and know no 429. A captcha that the operator wants from
    everybody is another thing.
    """
    if isinstance(refusal, errors.CaptchaRequired):
        return refusal.risk is not None
    return isinstance(refusal, errors.ClientTooFast)


def wait_in_words(too_soon: errors.ComeBackLater) -> tuple[str, str]:
    """The time of Retry-After in Chinese and in English: seconds, or whole minutes, rounded up."""
    seconds = retry_after_seconds(too_soon)
    if seconds < 60:
        return f"{seconds}秒", f"{seconds} s"
    minutes = -(-seconds // 60)
    return f"{minutes}分钟", f"{minutes} min"


def as_unavailable(fault: BaseException) -> errors.Unavailable | None:
    """The fault that a database error means to a client; None when it is a mistake of ours."""
    if isinstance(fault, errors.Unavailable):
        return fault
    if isinstance(fault, OperationalError | InterfaceError | InternalError):
        return errors.DatabaseUnavailable()
    return None


def audit_refusal(refusal: errors.Refusal) -> None:
    """Counts a refusal, and records a rate limit in the audit trail, before the contract words it."""
    counters.REFUSALS.add(refusal.code)
    if isinstance(refusal, errors.ComeBackLater) and not isinstance(refusal, errors.Busy | errors.CaptchaRequired):
        audit.refuse(events.THROTTLED, subject=refusal.subject, what=refusal.code)


def log_unavailable(fault: BaseException) -> None:
    if isinstance(fault, DatabaseError | InterfaceError):
        # The next request of this thread opens a new connection instead of finding the broken one.
        connection.close_if_unusable_or_obsolete()
    logger.warning("unavailable: %s (%s)", type(fault).__name__, type(fault.__cause__).__name__)


def log_fault(fault: BaseException) -> str:
    """Logs where a fault happened; returns the reference to answer with: the request's id.

    The exception's text is left out, because it may hold what a customer typed.
    """
    reference = logs.request_id() or secrets.token_hex(6)
    nameless = RuntimeError(type(fault).__name__).with_traceback(fault.__traceback__)
    logger.error("fault %s", reference, exc_info=nameless)
    return reference
