"""Calls to services of the shop: one signed POST, short, and never in the way (decisions.md 23).

Signed as Standard Webhooks does (standardwebhooks.com): `webhook-id`, `webhook-timestamp`, and `webhook-signature`
`v1,<base64 of HMAC-SHA256 over "id.timestamp.body">`, with MENPAI_HOOK_SECRET or each hook key of the keys file.
"""

import base64
import hashlib
import hmac
import logging
import threading
import time
import uuid
from typing import Any

import msgspec
from django.conf import settings

from menpai import keys, rules

logger = logging.getLogger(__name__)
_one_at_a_time = threading.Lock()
_rest_until = 0.0
LONGEST_ANSWER = 4096  # bytes
REST_AFTER_FAILURE = 5.0  # seconds: a service that does not answer is not asked by every login


def merge_cart(user: str, items: list[Any] | None) -> int:
    """Hand the anonymous cart to the shop's cart service; how many things the cart holds now. 0 when it cannot say."""
    if not settings.MENPAI_CART_MERGE_URL:
        return 0
    answer = _post(settings.MENPAI_CART_MERGE_URL, {"user": user, "items": items or []})
    for name in ("count", "len", "carts_count"):
        count = answer.get(name)
        if isinstance(count, int) and not isinstance(count, bool) and 0 <= count < 10**6:
            return count
    return 0


def _post(url: str, content: dict[str, Any]) -> dict[str, Any]:
    """The answered object, or an empty one: whatever goes wrong with a hook is not the customer's business."""
    global _rest_until
    import httpx  # a tenth of a second that a shop without this hook should not pay at start

    seconds = rules.CART_TIMEOUT.total_seconds()
    if time.monotonic() < _rest_until or not _one_at_a_time.acquire(timeout=seconds):
        return {}
    try:
        body = msgspec.json.encode(content)
        deadline, received = time.monotonic() + seconds, b""
        with httpx.stream("POST", url, content=body, headers=_signed(body), timeout=seconds) as answer:
            answer.raise_for_status()
            for part in answer.iter_bytes():  # httpx bounds each wait, not their sum
                received += part
                if time.monotonic() > deadline or len(received) > LONGEST_ANSWER:
                    raise httpx.ReadTimeout("too slow or too long")
        found = msgspec.json.decode(received)
        return found if isinstance(found, dict) else {}
    except (httpx.HTTPError, httpx.InvalidURL, msgspec.DecodeError) as no:
        _rest_until = time.monotonic() + REST_AFTER_FAILURE
        logger.warning("cart hook failed: %s", type(no).__name__)
        return {}
    finally:
        _one_at_a_time.release()


def _signed(body: bytes) -> dict[str, str]:
    # All keys sign, so that the receiver may change over when it likes: one right signature is enough for it.
    ours = [settings.MENPAI_HOOK_SECRET.encode()] if settings.MENPAI_HOOK_SECRET else None
    secrets = ours or [key for _, key in keys.all_of("hook")]
    message_id, timestamp = f"msg_{uuid.uuid4().hex}", str(int(time.time()))
    signed = f"{message_id}.{timestamp}.".encode() + body
    signatures = [base64.b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode() for secret in secrets]
    return {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }
