"""How often somebody may guess a password of staff; counted before anything is hashed (docs/adr/0016).

An attempt counts for the name, for the client address and for both together, and is taken back when it was right. A
browser in which this member of staff signed in before has a count of its own, so that strangers lock nobody out; all of
them together have a ceiling, which right ones count for too. A new password or phone makes every browser unknown.
"""

import hashlib
from collections.abc import Sequence
from secrets import token_hex

from django.conf import settings
from django.contrib.auth.models import User
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare

from menpai import audit, errors, rules
from menpai.audit import events
from menpai.ephemeral import Window, local, store
from menpai.keys import ring
from menpai.passwords.attempts import Attempt
from menpai.staff import second_factor

_signer = signing.TimestampSigner(salt="menpai.staff.known-device")
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
    try:
        if device:
            windows = [Window(_key("device", account, device), rules.LOGIN_FAILURES_PER_DEVICE, event)]
            return count(windows, known=_ceiling("devices", account, event))
        return count(windows)
    except errors.ClientTooFast:
        audit.refuse(events.LOGIN_BLOCKED, subject=audit.subject(name), staff=True)
        raise


def begin_code(user: User, request: HttpRequest) -> Attempt:
    """Counts a guess at a code of the second factor. Raises ClientTooFast."""
    device = _device_of(user, request)
    event = token_hex(8)
    windows = [Window(_key("code", str(user.pk), device), rules.STAFF_CODE_TRIES, event)]
    try:
        return count(windows, known=_ceiling("code-devices", str(user.pk), event) if device else ())
    except errors.ClientTooFast:
        audit.refuse(events.CODE_GONE, subject=audit.subject(user.username), staff=True)
        raise


def count(windows: Sequence[Window], *, known: Sequence[Window] = ()) -> Attempt:
    """Counts in all of these windows; while the store is away, in this process. Raises ClientTooFast.

    `known`: the ceiling of known browsers, if this is one; right attempts stay counted there.
    """
    is_local, all_windows = False, [*windows, *known]
    try:
        exceeded = store().count(all_windows)
    except errors.StoreUnavailable:
        exceeded, is_local = local.windows().count(all_windows), True
    if exceeded:
        raise errors.ClientTooFast(exceeded.retry_after)
    return Attempt(windows, is_local, bool(known), known)


def remember_device(request: HttpRequest, response: HttpResponse) -> None:
    """Sets the cookie by which this browser is known to whoever has just signed in with it."""
    user = getattr(request, "signed_in_staff", None)
    if user is not None:
        response.set_cookie(
            COOKIE,
            _signer.sign(f"{user.pk}.{_credentials(user.pk, user.get_session_auth_hash())}.{token_hex(8)}"),
            max_age=int(rules.DEVICE_LIFE.total_seconds()),
            path=settings.SESSION_COOKIE_PATH,
            secure=settings.SECURE,
            httponly=True,
            samesite="Lax",
        )


def _device_of(user: User, request: HttpRequest) -> str:
    """Returns the random name of a browser in which this member of staff signed in before; else nothing.

    With the present password and second factor, and not too long ago.
    """
    try:
        signed = _signer.unsign(request.COOKIES.get(COOKIE, ""), max_age=rules.DEVICE_LIFE)
    except signing.BadSignature:
        return ""
    user_id, credentials, device = signed.split(".")
    if user_id != str(user.pk):
        return ""
    hashes = (user.get_session_auth_hash(), *user.get_session_auth_fallback_hash())
    return device if any(constant_time_compare(credentials, _credentials(user.pk, hash_)) for hash_ in hashes) else ""


def _credentials(user_id: int, password_mark: str) -> str:
    """Returns a mark of the password and the second factor."""
    factor = second_factor.find(user_id)
    return hashlib.sha256(f"{password_mark}.{factor.mark if factor else ''}".encode()).hexdigest()[:32]


def _ceiling(name: str, account: str, event: str) -> list[Window]:
    return [Window(_key(name, account), rules.STAFF_KNOWN_DEVICE_TRIES, event)]


def _key(*parts: str) -> str:
    return ring.keyed_hash("window", "staff", *parts)
