"""The caller: the client address behind the trusted proxies, the customer behind the token."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from menpai import errors, identifiers, rules
from menpai.sessions import tokens

_SCHEMES = ("jwt", "bearer")


def client(request: HttpRequest) -> identifiers.Client:
    """The same each time that it is asked about one request."""
    found: identifiers.Client | None = getattr(request, "menpai_client", None)
    if found is None:
        found = request.menpai_client = _client(request)  # type: ignore[attr-defined]  # ours
    return found


def _client(request: HttpRequest) -> identifiers.Client:
    """The address of the socket, or the one that the outermost of the trusted proxies saw."""
    address = request.META.get("REMOTE_ADDR", "")
    proxies = settings.MENPAI_TRUSTED_PROXIES
    if proxies:
        hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
        seen = identifiers.client(hops[-proxies], "") if len(hops) >= proxies else None
        address = seen.address if seen and seen.address else address
    agent, cookie = request.META.get("HTTP_USER_AGENT", ""), request.COOKIES.get(device_cookie(), "")
    return identifiers.client(address, _printable(agent), cookie)


def device_cookie() -> str:
    return "__Host-menpai-device" if settings.SECURE else "menpai_device"


def remember_device(request: HttpRequest) -> None:
    """Marks the device as known: somebody signed in on it, and guesses elsewhere do not block it (R26).

    The middleware sets the cookie.
    """
    request.signed_in_device = client(request).device  # type: ignore[attr-defined]  # ours


def set_device_cookie(request: HttpRequest, response: HttpResponse) -> None:
    device = getattr(request, "signed_in_device", "")
    if device:
        life = int(rules.DEVICE_LIFE.total_seconds())
        response.set_cookie(
            device_cookie(), device, max_age=life, secure=settings.SECURE, httponly=True, samesite="Lax"
        )


def caller_of(request: HttpRequest, *, shared_key: bool = True) -> tokens.Caller:
    """`Authorization`: the token as it is, or after `jwt` or `Bearer`, in any case. Raises NotSignedIn."""
    token = request.META.get("HTTP_AUTHORIZATION", "").strip()
    scheme, _, rest = token.partition(" ")
    if rest and scheme.lower() in _SCHEMES:
        token = rest.strip()
    if not token or len(token) > 4096 or not token.isascii():
        raise errors.NotSignedIn
    return tokens.caller_by_token(token, shared_key=shared_key)


def caller_named(request: HttpRequest, name: str) -> tokens.Caller:
    """The caller, who must be the one that the path names; nobody learns whether the other exists (H15)."""
    caller = caller_of(request)
    if identifiers.casefold(name) != identifiers.casefold(caller.name):
        raise errors.NotSignedIn
    return caller


def _printable(text: str) -> str:
    return "".join(char for char in text if char.isprintable())
