"""Who is calling: the client address behind the trusted proxies, and the customer behind the token."""

from django.conf import settings
from django.http import HttpRequest

from menpai import errors, identifiers, tokens

_SCHEMES = ("jwt", "bearer")


def client(request: HttpRequest) -> identifiers.Client:
    """The socket's address, or, behind MENPAI_TRUSTED_PROXIES proxies, the one that the outermost of them saw."""
    address = request.META.get("REMOTE_ADDR", "")
    proxies = settings.MENPAI_TRUSTED_PROXIES
    if proxies:
        hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
        seen = identifiers.client(hops[-proxies], "") if len(hops) >= proxies else None
        address = seen.address if seen and seen.address else address
    return identifiers.client(address, _printable(request.META.get("HTTP_USER_AGENT", "")))


def customer(request: HttpRequest, *, shared_key: bool = True) -> tokens.Caller:
    """`Authorization`: the token as it is, or after `jwt` or `Bearer`, in any case. Raises NotSignedIn."""
    token = request.META.get("HTTP_AUTHORIZATION", "").strip()
    scheme, _, rest = token.partition(" ")
    if rest and scheme.lower() in _SCHEMES:
        token = rest.strip()
    if not token or len(token) > 4096 or not token.isascii():
        raise errors.NotSignedIn
    return tokens.caller(token, shared_key=shared_key)


def customer_named(request: HttpRequest, name: str) -> tokens.Caller:
    """The caller, who must be the one that the path names; nobody learns whether the other exists (H15)."""
    caller = customer(request)
    if identifiers.casefold(name) != identifiers.casefold(caller.name):
        raise errors.NotSignedIn
    return caller


def _printable(text: str) -> str:
    return "".join(char for char in text if char.isprintable())
