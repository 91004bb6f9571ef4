"""Signatures of calls between us and the shop's services.

As Standard Webhooks makes them (standardwebhooks.com): `webhook-id`, `webhook-timestamp`, and `webhook-signature`:
`v1,<base64 of HMAC-SHA256 over "id.timestamp.body">` for each secret. One valid signature is enough, so that the two
sides can change a secret at different times.
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
    return [secret for _, secret in ring.secrets_of("hook")]


def parse_secret(text: str) -> bytes:
    """The bytes of a secret: any text, or `whsec_` and base64, as libraries of Standard Webhooks write it."""
    if text.startswith(_PREFIX):
        try:
            return base64.b64decode(text.removeprefix(_PREFIX), validate=True)
        except binascii.Error:
            pass
    return text.encode()


def sign(body: bytes, message_id: str, signing_secrets: Iterable[bytes], at: float | None = None) -> dict[str, str]:
    """The headers of a signed call."""
    stamp = str(int(time.time() if at is None else at))
    return {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": stamp,
        "webhook-signature": " ".join(_signature(secret, message_id, stamp, body) for secret in signing_secrets),
    }


def is_signed(headers: Mapping[str, str], body: bytes, signing_secrets: Iterable[bytes]) -> bool:
    """True if the body was signed with one of the secrets, within rules.WEBHOOK_TOLERANCE of now."""
    message_id, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not message_id or not stamp.isascii() or not stamp.isdigit() or len(stamp) > 12:
        return False
    if abs(time.time() - int(stamp)) > rules.WEBHOOK_TOLERANCE.total_seconds():
        return False
    presented = [signature.encode() for signature in headers.get("webhook-signature", "").split(" ")[:10]]
    valid = [_signature(secret, message_id, stamp, body).encode() for secret in signing_secrets]
    return any(hmac.compare_digest(theirs, ours) for theirs in presented for ours in valid)


def _signature(secret: bytes, message_id: str, stamp: str, body: bytes) -> str:
    digest = hmac.digest(secret, f"{message_id}.{stamp}.".encode() + body, hashlib.sha256)
    return f"v1,{base64.b64encode(digest).decode()}"
