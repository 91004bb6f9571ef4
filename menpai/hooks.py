"""Calls to services of the shop: one POST, signed (webhooks.py), short, and never in the way (decisions.md 23)."""

import logging
import threading
import time
import uuid
from typing import Any

import msgspec
from django.conf import settings

from menpai import rules, webhooks

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
        signed = webhooks.headers(body, f"msg_{uuid.uuid4().hex}", webhooks.secrets())
        deadline, received = time.monotonic() + seconds, b""
        with httpx.stream("POST", url, content=body, headers=signed, timeout=seconds) as answer:
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
