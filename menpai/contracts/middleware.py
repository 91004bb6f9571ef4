"""The outermost middleware: what every answer carries, and how a fault is told.

A dependency that is away is a 503 with Retry-After in the words of the contract that was spoken; anything unforeseen is
a JSON 500 with a request id, logged, without a trace in the answer (security.md R80). Views keep to refusals.
"""

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse

from menpai import audit
from menpai.contracts import request_context, responses

Respond = Callable[[HttpRequest], HttpResponse]
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    # For what is no page and is looked at as one all the same; pages say their own.
    "Content-Security-Policy": "default-src 'none'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'",
}
HSTS = "max-age=31536000"  # a year; whether every sibling host speaks https too, only the operator knows


class ResponseHeaders:
    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with audit.requested_by(lambda: request_context.client(request)):
            response = self.get_response(request)
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
