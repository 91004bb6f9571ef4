"""Signatures of calls between us and the shop's services, as Standard Webhooks makes them (standardwebhooks.com).

`webhook-id`, `webhook-timestamp`, and `webhook-signature`: `v1,<base64 of HMAC-SHA256 over "id.timestamp.body">` for
each secret, so that either side may change over when it likes: one right signature is enough.
"""

import base64
import binascii
import hashlib
import hmac
import time
from collections.abc import Iterable, Mapping

from django.conf import settings

from menpai import rules
from menpai.keys import ring

_PREFIX = "whsec_"


def shared_secrets() -> list[bytes]:
    """MENPAI_HOOK_SECRET, or every hook key of the keys file."""
    if settings.MENPAI_HOOK_SECRET:
        return [parse_secret(settings.MENPAI_HOOK_SECRET)]
    return [one for _, one in ring.secrets_of("hook")]


def parse_secret(text: str) -> bytes:
    """Any text; or `whsec_` and base64, which is how libraries of Standard Webhooks want it."""
    if text.startswith(_PREFIX):
        try:
            return base64.b64decode(text.removeprefix(_PREFIX), validate=True)
        except binascii.Error:
            pass
    return text.encode()


def sign(body: bytes, message_id: str, with_: Iterable[bytes], at: float | None = None) -> dict[str, str]:
    """What a call carries."""
    stamp = str(int(time.time() if at is None else at))
    return {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": stamp,
        "webhook-signature": " ".join(_signature(one, message_id, stamp, body) for one in with_),
    }


def is_signed(given: Mapping[str, str], body: bytes, with_: Iterable[bytes]) -> bool:
    """Whether somebody who has one of the secrets wrote this, within rules.WEBHOOK_TOLERANCE of now."""
    message_id, stamp = given.get("webhook-id", ""), given.get("webhook-timestamp", "")
    if not message_id or not stamp.isascii() or not stamp.isdigit() or len(stamp) > 12:
        return False
    if abs(time.time() - int(stamp)) > rules.WEBHOOK_TOLERANCE.total_seconds():
        return False
    told = [one.encode() for one in given.get("webhook-signature", "").split(" ")[:10]]
    right = [_signature(one, message_id, stamp, body).encode() for one in with_]
    return any(hmac.compare_digest(one, other) for one in told for other in right)


def _signature(with_: bytes, message_id: str, stamp: str, body: bytes) -> str:
    digest = hmac.digest(with_, f"{message_id}.{stamp}.".encode() + body, hashlib.sha256)
    return f"v1,{base64.b64encode(digest).decode()}"
