"""How often somebody may guess a password of staff; counted before anything is hashed (docs/adr/0016).

An attempt counts for the name, for the client address and for both together, and is taken back when it was right. A
browser in which this member of staff signed in before has a count of its own, so that strangers lock nobody out.
"""

from collections.abc import Sequence
from secrets import token_hex

from django.conf import settings
from django.contrib.auth.models import User
from django.core import signing
from django.http import HttpRequest, HttpResponse

from menpai import audit, errors, rules
from menpai.audit import events
from menpai.ephemeral import Window, local, store
from menpai.keys import ring
from menpai.passwords.attempts import Attempt

_signer = signing.Signer(salt="menpai.staff.device")
COOKIE = "menpai_staff_device"


def begin(user: User | None, name: str, request: HttpRequest | None) -> Attempt:
    """Counts an attempt to sign in, as this member of staff or by a name that nobody has.

    Raises ClientTooFast.
    """
    client = audit.request_client()
    network = client.network if client else ""
    account = f"#{user.pk}" if user else f"?{name[:254]}"
    device = _device_of(user, request) if user and request else ""
    event = token_hex(8)
    windows = [
        Window(_key("pair", account, network), rules.LOGIN_FAILURES_PER_PAIR, event),
        Window(_key("account", account), rules.LOGIN_FAILURES_PER_ACCOUNT, event),
        Window(_key("client", network), rules.LOGIN_FAILURES_PER_CLIENT, event),
    ]
    if device:
        windows = [Window(_key("device", account, device), rules.LOGIN_FAILURES_PER_DEVICE, event)]
    try:
        return count(windows, own=bool(device))
    except errors.ClientTooFast:
        audit.refuse(events.LOGIN_BLOCKED, subject=audit.subject(name), staff=True)
        raise


def begin_code(user: User, request: HttpRequest) -> Attempt:
    """Counts a guess at a code of the second factor. Raises ClientTooFast."""
    device = _device_of(user, request)
    key = _key("code", str(user.pk), device)
    try:
        return count([Window(key, rules.STAFF_CODE_TRIES, token_hex(8))], own=bool(device))
    except errors.ClientTooFast:
        audit.refuse(events.CODE_GONE, subject=audit.subject(user.username), staff=True)
        raise


def count(windows: Sequence[Window], *, own: bool = False) -> Attempt:
    """Counts in all of these windows; while the store is away, in this process. Raises ClientTooFast."""
    is_local = False
    try:
        exceeded = store().count(windows)
    except errors.StoreUnavailable:
        exceeded, is_local = local.windows().count(windows), True
    if exceeded:
        raise errors.ClientTooFast(exceeded.retry_after)
    return Attempt(windows, is_local, own)


def remember_device(request: HttpRequest, response: HttpResponse) -> None:
    """Sets the cookie by which this browser is known to whoever has just signed in with it."""
    user_id = getattr(request, "signed_in_staff", None)
    if user_id is not None:
        response.set_cookie(
            COOKIE,
            _signer.sign(f"{user_id}.{token_hex(8)}"),
            max_age=int(rules.DEVICE_LIFE.total_seconds()),
            path=settings.SESSION_COOKIE_PATH,
            secure=settings.SECURE,
            httponly=True,
            samesite="Lax",
        )


def _device_of(user: User, request: HttpRequest) -> str:
    """Returns the random name of a browser in which this member of staff signed in before; else nothing."""
    try:
        user_id, _, device = _signer.unsign(request.COOKIES.get(COOKIE, "")).partition(".")
    except signing.BadSignature:
        return ""
    return device if user_id == str(user.pk) else ""


def _key(*parts: str) -> str:
    return ring.keyed_hash("window", "staff", *parts)
