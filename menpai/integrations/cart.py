"""The shop's cart: an anonymous cart is handed over when its owner signs in."""

import logging
import threading
import time
import uuid
from collections.abc import Callable
from typing import Any

import msgspec
from django.conf import settings

from menpai import rules
from menpai.http.outbound import RequestFailed, post_signed

logger = logging.getLogger(__name__)
REST_AFTER_FAILURE = 5.0  # seconds: an unavailable service is not called at every sign-in
_one_at_a_time = threading.Lock()
_rest_until = 0.0


def merge_cart(user: str, items: list[Any] | None, message_id: Callable[[], str]) -> int:
    """Hand the anonymous cart to the shop's cart service.

    Returns how many items the cart holds now, 0 if unknown. `message_id`: the same for a repeated sign-in, so that the
    service need not add the items twice.
    """
    if not settings.MENPAI_CART_MERGE_URL:
        return 0
    identifier = message_id() if items else uuid.uuid4().hex
    answer = _post(settings.MENPAI_CART_MERGE_URL, {"user": user, "items": items or []}, identifier)
    for name in ("count", "len", "carts_count"):
        count = answer.get(name)
        if isinstance(count, int) and not isinstance(count, bool) and 0 <= count < 10**6:
            return count
    return 0


def _post(url: str, content: dict[str, Any], message_id: str) -> dict[str, Any]:
    """The object in the response; empty on any failure, which must not affect the customer's sign-in."""
    global _rest_until
    if time.monotonic() < _rest_until or not _one_at_a_time.acquire(timeout=rules.CART_TIMEOUT.total_seconds()):
        return {}
    try:
        response = msgspec.json.decode(post_signed(url, content, f"msg_{message_id}", rules.CART_TIMEOUT))
        return response if isinstance(response, dict) else {}
    except (RequestFailed, msgspec.DecodeError) as error:
        _rest_until = time.monotonic() + REST_AFTER_FAILURE
        logger.warning("cart hook failed: %s", error if isinstance(error, RequestFailed) else type(error).__name__)
        return {}
    finally:
        _one_at_a_time.release()
