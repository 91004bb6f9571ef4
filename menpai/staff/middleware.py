"""Django's sessions, sign-in, CSRF check and messages, for the staff admin only.

Outside /admin/ each of them does nothing, so no contract pays for them and no customer's request can have the rights of
staff. Customers have their own table and tokens.
"""

import ipaddress
import logging
import math
import time
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.exceptions import ValidationError
from django.core.paginator import InvalidPage
from django.db import DataError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.common import CommonMiddleware
from django.middleware.csrf import CsrfViewMiddleware
from django.template.loader import render_to_string
from django.urls import reverse

from menpai import audit, errors, rules
from menpai.audit import events
from menpai.staff import attempts, passwords, second_factor
from menpai.staff.sign_in import FACTOR

logger = logging.getLogger(__name__)

STAFF = "/admin/"
HEADERS = {
    # Alpine.js, which unfold uses, evaluates expressions in attributes; nothing comes from other hosts.
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
    # Not no-referrer: browsers would then send `Origin: null` with a form, and the CSRF check would refuse it.
    "Referrer-Policy": "same-origin",
}


# What Django, unfold and the databases raise for a value that a query string or a form should not have.
_BAD_INPUT = (ValueError, OverflowError, DataError, ValidationError, InvalidPage)


class _StaffOnly:
    """A mixin that restricts a middleware of Django's to /admin/."""

    get_response: Any

    def __call__(self, request: HttpRequest) -> Any:
        if request.path_info.startswith(STAFF):
            return super().__call__(request)  # type: ignore[misc]  # the middleware that is mixed in
        return self.get_response(request)


class Sessions(_StaffOnly, SessionMiddleware):
    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        for name, value in HEADERS.items():
            response.headers[name] = value
        attempts.remember_device(request, response)
        return super().process_response(request, response)


class Networks:
    """Refuses /admin/ to clients outside of MENPAI_STAFF_NETWORKS, if there are any."""

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> Any:
        if not request.path_info.startswith(STAFF) or is_in_staff_network():
            return self.get_response(request)
        audit.refuse(events.ACCESS_REFUSED, what="staff_networks")
        zh = "只能从指定的网络访问控制台（MENPAI_STAFF_NETWORKS）。"
        return refusal(HTTPStatus.FORBIDDEN, zh, "The console is open to certain networks only.")


def is_in_staff_network() -> bool:
    """Returns True if this client may reach the admin; anybody may where no networks are set."""
    networks = settings.MENPAI_STAFF_NETWORKS
    if not networks:
        return True
    client = audit.request_client()
    if client is None or not client.address:
        return False
    address = ipaddress.ip_address(client.address)
    return any(address in network for network in networks)


class Common(_StaffOnly, CommonMiddleware):
    pass


class Csrf(_StaffOnly, CsrfViewMiddleware):
    def process_view(self, request: HttpRequest, callback: Any, callback_args: Any, callback_kwargs: Any) -> Any:
        if request.path_info.startswith(STAFF):
            return super().process_view(request, callback, callback_args, callback_kwargs)
        return None


class Authentication(_StaffOnly, AuthenticationMiddleware):
    pass


class Messages(_StaffOnly, MessageMiddleware):
    pass


class SignedIn:
    """Ends sessions that are over or lack the second factor; asks for a password that is due."""

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> Any:
        if request.path_info.startswith(STAFF) and request.user.is_authenticated:
            audit.set_staff(request.user.pk)
            if not (_is_fresh(request.session) and _has_passed_factor(request)):
                request.session.flush()
                request.user = AnonymousUser()
        return self.get_response(request)

    def process_view(self, request: HttpRequest, callback: Any, _arguments: Any, _named: Any) -> HttpResponse | None:
        if not request.path_info.startswith(STAFF) or not request.user.is_authenticated:
            return None
        allowed = [reverse(f"admin:{name}") for name in ("password_change", "logout", "login", "jsi18n")]
        if request.path_info in allowed or not passwords.is_due(request.user):
            return None
        return HttpResponseRedirect(allowed[0])


def _has_passed_factor(request: HttpRequest) -> bool:
    """Returns True if the session was opened with the present second factor, where one is needed."""
    factor = second_factor.find(request.user.pk)
    mark = str(factor.mark) if factor else ""
    return request.session.get(FACTOR, "") == mark and bool(mark or not second_factor.is_required())


def _is_fresh(session: Any) -> bool:
    """Returns True unless the session was idle or lasted too long; notes that it is in use."""
    now = int(time.time())
    began, seen = session.setdefault("began", now), session.get("seen", now)
    session["seen"] = now
    return bool(
        now - seen <= rules.STAFF_IDLE.total_seconds() and now - began <= rules.STAFF_SESSION_LONGEST.total_seconds()
    )


class Refusals:
    """Answers refusals that a view of /admin/ raises."""

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> Any:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not request.path_info.startswith(STAFF):
            return None
        if isinstance(error, errors.ComeBackLater):
            seconds = max(1, math.ceil(error.retry_after.total_seconds()))
            zh, en = f"操作过于频繁，请在 {seconds} 秒后再试。", f"Too many attempts. Try again in {seconds} seconds."
            response = refusal(HTTPStatus.TOO_MANY_REQUESTS, zh, en)
            response.headers["Retry-After"] = str(seconds)
            return response
        if isinstance(error, _BAD_INPUT):
            logger.warning("bad input at %s: %s", request.path_info, type(error).__name__)
            return refusal(HTTPStatus.BAD_REQUEST, "请求里的某个值无效。", "A value in this request is invalid.")
        return None


def refusal(status: int, zh: str, en: str) -> HttpResponse:
    """Returns a small page, which costs next to nothing to make."""
    context = {"brand": settings.MENPAI_BRAND_NAME, "zh": zh, "en": en}
    return HttpResponse(render_to_string("admin/refused.html", context), status=status)
