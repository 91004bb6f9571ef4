"""Calls to services of the shop: one POST, signed (signatures.py), short, and never in the way (decisions.md 23).

An alert is a row first, like every message: whoever raises it waits for nobody, of all workers that raise the same one
in a period one succeeds, and a receiver that is away is asked again.
"""

import logging
import threading
import time
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from django.conf import settings
from django.db.models import F
from django.utils import timezone

from menpai import rules
from menpai.http import signatures
from menpai.models import Alert

logger = logging.getLogger(__name__)
_one_at_a_time = threading.Lock()
_rest_until = 0.0
LONGEST_ANSWER = 4096  # bytes
REST_AFTER_FAILURE = 5.0  # seconds: a service that does not answer is not asked by every login
_AT_ONCE = 10  # alerts in one look

# ── Alerts (docs/sms-costs.md) ──
BUDGET_LOW = "budget-low"  # rules.BUDGET_LOW_PERCENT of it is spent
BUDGET_USED_UP = "budget-used-up"
GATEWAY_RESTS = "gateway-rests"
GATEWAY_BACK = "gateway-back"
GATEWAY_DOUBTFUL = "gateway-doubtful"
CODES_UNUSED = "codes-unused"


def merge_cart(user: str, items: list[Any] | None) -> int:
    """Hand the anonymous cart to the shop's cart service; how many things the cart holds now. 0 when it cannot say."""
    if not settings.MENPAI_CART_MERGE_URL:
        return 0
    answer = _ask_cart(settings.MENPAI_CART_MERGE_URL, {"user": user, "items": items or []})
    for name in ("count", "len", "carts_count"):
        count = answer.get(name)
        if isinstance(count, int) and not isinstance(count, bool) and 0 <= count < 10**6:
            return count
    return 0


def alert(event: str, about: str = "", *, period: str = "", **facts: Any) -> None:
    """Tell the operator, once in each `period` (this hour, unless told) for each event and what it is about. One
    INSERT, which may be part of a transaction. No fact may be personal data."""
    now = timezone.now()
    key = f"{event} {about} {period or now.astimezone(UTC).strftime('%Y-%m-%dT%H')}"
    row = Alert(key=key, event=event, facts={"about": about, **facts}, created_at=now, due_at=now)
    Alert.objects.bulk_create([row], ignore_conflicts=True)


def tell_alerts() -> int:
    """POST the alerts that wait; how many were told. In the worker, never in a request."""
    told, now = 0, timezone.now()
    for row in Alert.objects.filter(due_at__lte=now).order_by("due_at")[:_AT_ONCE]:
        mine = Alert.objects.filter(pk=row.pk, attempts=row.attempts, due_at=row.due_at)
        if not mine.update(attempts=F("attempts") + 1, due_at=_next_try(row, now)):
            continue  # another worker has it
        if not row.attempts:
            logger.warning("alert: %s %s", row.event, row.facts)
        if not settings.MENPAI_ALERT_URL or _told(row):
            told += Alert.objects.filter(pk=row.pk).update(due_at=None)
    return told


def _next_try(row: Alert, now: datetime) -> datetime | None:
    waits = rules.ALERT_RETRY_AFTER
    return now + waits[row.attempts] if row.attempts < len(waits) else None


def _told(row: Alert) -> bool:
    content = {"event": row.event, "at": row.created_at.astimezone(UTC).isoformat(timespec="seconds"), **row.facts}
    try:
        _post(settings.MENPAI_ALERT_URL, content, f"msg_{row.reference.hex}", rules.ALERT_TIMEOUT)
    except _Failed as no:
        logger.warning("alert hook failed: %s", no)
        return False
    return True


def _ask_cart(url: str, content: dict[str, Any]) -> dict[str, Any]:
    """The answered object, or an empty one: whatever goes wrong with a hook is not the customer's business."""
    global _rest_until
    if time.monotonic() < _rest_until or not _one_at_a_time.acquire(timeout=rules.CART_TIMEOUT.total_seconds()):
        return {}
    try:
        found = msgspec.json.decode(_post(url, content, f"msg_{uuid.uuid4().hex}", rules.CART_TIMEOUT))
        return found if isinstance(found, dict) else {}
    except (_Failed, msgspec.DecodeError) as no:
        _rest_until = time.monotonic() + REST_AFTER_FAILURE
        logger.warning("cart hook failed: %s", no if isinstance(no, _Failed) else type(no).__name__)
        return {}
    finally:
        _one_at_a_time.release()


class _Failed(Exception):
    """No answer, or none that says yes. The text is a category: addresses may hold secrets."""


def _post(url: str, content: dict[str, Any], message_id: str, within: timedelta) -> bytes:
    """One signed POST; what was answered. Raises _Failed."""
    import httpx  # a tenth of a second that a shop without hooks should not pay at start

    body, seconds = msgspec.json.encode(content), within.total_seconds()
    signed = signatures.headers(body, message_id, signatures.shared_secrets())
    deadline, received = time.monotonic() + seconds, b""
    try:
        with httpx.stream("POST", url, content=body, headers=signed, timeout=seconds) as answer:
            answer.raise_for_status()
            for part in answer.iter_bytes():  # httpx bounds each wait, not their sum
                received += part
                if time.monotonic() > deadline or len(received) > LONGEST_ANSWER:
                    raise _Failed("too slow or too long")
    except (httpx.HTTPError, httpx.InvalidURL) as no:
        raise _Failed(type(no).__name__) from None
    return received
