"""The caller: the client address behind the trusted proxies, the customer behind the token."""

import logging
import re
import time

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from menpai import errors, identifiers, rules
from menpai.sessions import changes, tokens

logger = logging.getLogger(__name__)
_SCHEMES = ("jwt", "bearer")
# `192.0.2.1`, `192.0.2.1:4711`, `[2001:db8::1]`, `[2001:db8::1]:4711`, `2001:db8::1`.
_ENTRY = re.compile(r"(?:\[([0-9a-f:.]+)\]|([\d.]+))(?::\d+)?|([0-9a-f:.]+)", re.IGNORECASE | re.ASCII)
_GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))")
_WARN_EVERY = 60.0  # seconds
_warned_at = -_WARN_EVERY
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


def client(request: HttpRequest) -> identifiers.Client:
    """The same each time that it is asked about one request."""
    found: identifiers.Client | None = getattr(request, "menpai_client", None)
    if found is None:
        found = request.menpai_client = _client(request)  # type: ignore[attr-defined]  # ours
    return found


def _client(request: HttpRequest) -> identifiers.Client:
    """The address of the socket, or the one that the outermost of the trusted proxies saw."""
    address = request.META.get("REMOTE_ADDR", "")
    if settings.MENPAI_TRUSTED_PROXIES:
        address = _forwarded_address(request.META.get("HTTP_X_FORWARDED_FOR", ""), settings.MENPAI_TRUSTED_PROXIES)
    agent, cookie = request.META.get("HTTP_USER_AGENT", ""), request.COOKIES.get(device_cookie(), "")
    client = identifiers.client(address, _printable(agent), cookie)
    if not client.address:
        _warn_of_unreadable()
    return client


def _forwarded_address(header: str, proxies: int) -> str:
    """The entry that the outermost of so many proxies wrote, without port, brackets and quotes.

    Blank if there is none.

    A blank address has limits of its own. It never becomes the proxy's, which staff or SMS vendors may be trusted by.
    """
    entries = header.split(",")
    entry = _ENTRY.fullmatch(entries[-proxies].strip(' \t"')) if len(entries) >= proxies else None
    return next(filter(None, entry.groups())) if entry else ""


def _warn_of_unreadable() -> None:
    """Logs at most once a minute in a process: the log must not grow by what clients send."""
    global _warned_at
    if (now := time.monotonic()) - _warned_at >= _WARN_EVERY:
        _warned_at = now
        logger.warning(
            "X-Forwarded-For is missing, has fewer entries than MENPAI_TRUSTED_PROXIES or one that is no address: "
            "all such clients share their limits"
        )


def takes_gzip(request: HttpRequest) -> bool:
    return bool(_GZIP.search(request.headers.get("Accept-Encoding", "")))


def device_cookie() -> str:
    return "__Host-menpai-device" if settings.SECURE else "menpai_device"


def remember_device(request: HttpRequest, device: str = "") -> None:
    """Marks the device as known: somebody signed in on it, and guesses elsewhere do not block it (R26).

    The middleware sets the cookie. `device`: the one of a session that is there already.
    """
    request.signed_in_device = device or client(request).device  # type: ignore[attr-defined]  # ours


def set_device_cookie(request: HttpRequest, response: HttpResponse) -> None:
    device = getattr(request, "signed_in_device", "")
    if device:
        life = int(rules.DEVICE_LIFE.total_seconds())
        response.set_cookie(
            device_cookie(), device, max_age=life, secure=settings.SECURE, httponly=True, samesite="Lax"
        )


def caller_of(
    request: HttpRequest, *, shared_key: bool = True, select: tokens.SessionSelect | None = None
) -> tokens.Caller:
    """The caller by `Authorization`: the token as it is, or after `jwt` or `Bearer`, in any case.

    `select` reads the session and more (tokens.py). Raises NotSignedIn, ClientTooFast.
    """
    token = request.META.get("HTTP_AUTHORIZATION", "").strip()
    scheme, _, rest = token.partition(" ")
    if rest and scheme.lower() in _SCHEMES:
        token = rest.strip()
    if not token or len(token) > 4096 or not token.isascii():
        raise errors.NotSignedIn
    return count_change(request, tokens.caller_by_token(token, shared_key=shared_key, select=select))


def count_change(request: HttpRequest, caller: tokens.Caller) -> tokens.Caller:
    """The caller, after the change that this request asks for was counted. Raises ClientTooFast.

    Every signed-in request of every contract comes by here.
    """
    if request.method not in SAFE_METHODS:
        changes.count(caller.session_id)
    return caller


def caller_named(request: HttpRequest, name: str, select: tokens.SessionSelect | None = None) -> tokens.Caller:
    """The caller, who must be the one that the path names; nobody learns whether the other exists (H15)."""
    caller = caller_of(request, select=select)
    if identifiers.casefold(name) != identifiers.casefold(caller.name):
        raise errors.NotSignedIn
    return caller


def _printable(text: str) -> str:
    return "".join(char for char in text if char.isprintable())
