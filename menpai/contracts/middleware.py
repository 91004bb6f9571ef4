"""The outermost middleware: what every answer carries, and how a fault is told.

A dependency that is away is a 503 with Retry-After in the words of the contract that was spoken; anything unforeseen is
a JSON 500 with a request id, logged, without a trace in the answer (security.md R80). Views keep to refusals.
"""

import logging
import time
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse

from menpai import audit
from menpai.contracts import request_context, responses
from menpai.environment import logs

access_logger = logging.getLogger("menpai.access")
Respond = Callable[[HttpRequest], HttpResponse]
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    # For what is no page and is looked at as one all the same; pages say their own.
    "Content-Security-Policy": "default-src 'none'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'",
}
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
HSTS = "max-age=31536000"  # a year; whether every sibling host speaks https too, only the operator knows


class ResponseHeaders:
    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        with logs.request(request.headers.get("X-Request-ID", "")) as logged:
            with audit.requested_by(lambda: request_context.client(request)):
                response = self.get_response(request)
            response.headers["X-Request-ID"] = logged.id
            if settings.MENPAI_LOG_FORMAT == "json":
                _log_access(request, response, logged, time.perf_counter() - began)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        request_context.set_device_cookie(request, response)
        if settings.SECURE:
            response.headers["Strict-Transport-Security"] = HSTS
        return response

    def process_exception(self, _request: HttpRequest, fault: Exception) -> HttpResponse | None:
        if isinstance(fault, Http404 | PermissionDenied | SuspiciousOperation):
            return None  # Django's own answers, in the staff admin
        if responses.as_unavailable(fault):
            responses.log_unavailable(fault)
            return responses.json_response({"detail": "服务暂时不可用，请稍后再试。"}, 503, retry_after=2)
        reference = responses.log_fault(fault)
        return responses.json_response({"detail": "服务器出错，请联系客服工作人员！", "reference": reference}, 500)


def _log_access(request: HttpRequest, response: HttpResponse, logged: logs.Request, seconds: float) -> None:
    """A line for each answer: never its address, which may hold a mobile or a code, but the pattern of it."""
    match = request.resolver_match
    fields = {
        "contract": logs.contract_of(request.path_info),
        "method": request.method if request.method in METHODS else "other",
        "route": logs.route_of(match.route) if match else "",
        "status": response.status_code,
        "duration_ms": round(seconds * 1000, 1),
    }
    if logged.message_ids:
        fields["messages"] = logged.message_ids
    access_logger.info("%(method)s %(route)s %(status)s", fields, extra={"fields": fields})
