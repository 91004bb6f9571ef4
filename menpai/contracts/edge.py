"""The outermost middleware: what every answer carries, and how a fault is told.

A dependency that is away is a 503 with Retry-After in the words of the contract that was spoken; anything unforeseen is
a JSON 500 with a request id, logged, without a trace in the answer (security.md R80). Views keep to refusals.
"""

import logging
import secrets
from collections.abc import Callable

import msgspec
from django.conf import settings
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import DatabaseError, InterfaceError, connection
from django.db.utils import InternalError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse

from menpai import audit, errors
from menpai.audit import events
from menpai.contracts import bearer

logger = logging.getLogger(__name__)
Respond = Callable[[HttpRequest], HttpResponse]

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    # For what is no page and is looked at as one all the same; pages say their own.
    "Content-Security-Policy": "default-src 'none'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'",
}
HSTS = "max-age=31536000"  # a year; whether every sibling host speaks https too, only the operator knows


def answer(content: object, status: int = 200, retry_after: int | None = None) -> HttpResponse:
    """JSON, as every contract answers."""
    response = HttpResponse(msgspec.json.encode(content), status=status, content_type="application/json")
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    return response


def seconds(too_soon: errors.ComeBackLater) -> int:
    """Whole seconds for a Retry-After header, rounded up: coming back then must succeed."""
    return max(1, -int(-too_soon.retry_after.total_seconds() // 1))


def as_unavailable(fault: BaseException) -> errors.Unavailable | None:
    """What a database's error means to a client; None when it is our mistake."""
    if isinstance(fault, errors.Unavailable):
        return fault
    if isinstance(fault, OperationalError | InterfaceError | InternalError):
        return errors.DatabaseUnavailable()
    return None


class Edge:
    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with audit.asked_by(lambda: bearer.client(request)):
            response = self.get_response(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        bearer.keep_device(request, response)
        if settings.SECURE:
            response.headers["Strict-Transport-Security"] = HSTS
        return response

    def process_exception(self, _request: HttpRequest, fault: Exception) -> HttpResponse | None:
        if isinstance(fault, Http404 | PermissionDenied | SuspiciousOperation):
            return None  # Django's own answers, in the staff admin
        if as_unavailable(fault):
            log_unavailable(fault)
            return answer({"detail": "服务暂时不可用，请稍后再试。"}, 503, retry_after=2)
        reference = log_fault(fault)
        return answer({"detail": "服务器出错，请联系客服工作人员！", "reference": reference}, 500)


def note_refusal(no: errors.Refusal) -> None:
    """What every door does with a "no" before it words it: who asks too often is kept in the audit trail."""
    if isinstance(no, errors.ComeBackLater) and not isinstance(no, errors.Busy | errors.CaptchaRequired):
        audit.refuse(events.THROTTLED, subject=no.subject, what=no.code)


def log_unavailable(fault: BaseException) -> None:
    if isinstance(fault, DatabaseError | InterfaceError):
        # The next request of this thread opens a new connection instead of finding the broken one.
        connection.close_if_unusable_or_obsolete()
    logger.warning("unavailable: %s (%s)", type(fault).__name__, type(fault.__cause__).__name__)


def log_fault(fault: BaseException) -> str:
    """Log where it happened, under a reference that is answered. The text may hold what a customer typed: left out."""
    reference = secrets.token_hex(6)
    nameless = RuntimeError(type(fault).__name__).with_traceback(fault.__traceback__)
    logger.error("fault %s", reference, exc_info=nameless)
    return reference
