"""Alerts to the operator's service: one signed POST each (decisions.md 23).

An alert is a row first, like every message: raising it waits for no receiver, of all workers that raise the same one in
a period one succeeds, and delivery is retried.
"""

import logging
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from menpai import rules
from menpai.http.outbound import RequestFailed, post_signed
from menpai.models import Alert

logger = logging.getLogger(__name__)
_AT_ONCE = 10  # alerts in one look

# ── Alerts (docs/sms-costs.md) ──
BUDGET_LOW = "budget-low"  # rules.BUDGET_LOW_PERCENT of it is spent
BUDGET_USED_UP = "budget-used-up"
GATEWAY_RESTS = "gateway-rests"
GATEWAY_BACK = "gateway-back"
GATEWAY_DOUBTFUL = "gateway-doubtful"
CODES_UNUSED = "codes-unused"


def raise_alert(event: str, about: str = "", *, period: str = "", **facts: Any) -> None:
    """Alert the operator, once in each `period` (by default this hour) for each event and subject.

    One INSERT, which may be part of a transaction. No fact may be personal data.
    """
    now = timezone.now()
    key = f"{event} {about} {period or now.astimezone(UTC).strftime('%Y-%m-%dT%H')}"
    row = Alert(key=key, event=event, facts={"about": about, **facts}, created_at=now, due_at=now)
    Alert.objects.bulk_create([row], ignore_conflicts=True)


def deliver_alerts() -> int:
    """POST the alerts that are due; returns how many were delivered. In the worker, never in a request."""
    delivered, now = 0, timezone.now()
    for row in Alert.objects.filter(due_at__lte=now).order_by("due_at")[:_AT_ONCE]:
        mine = Alert.objects.filter(pk=row.pk, attempts=row.attempts, due_at=row.due_at)
        if not mine.update(attempts=F("attempts") + 1, due_at=_next_try(row, now)):
            continue  # another worker has it
        if not row.attempts:
            logger.warning("alert: %s %s", row.event, row.facts)
        if not settings.MENPAI_ALERT_URL or _post(row):
            delivered += Alert.objects.filter(pk=row.pk).update(due_at=None)
    return delivered


def _next_try(row: Alert, now: datetime) -> datetime | None:
    waits = rules.ALERT_RETRY_AFTER
    return now + waits[row.attempts] if row.attempts < len(waits) else None


def _post(row: Alert) -> bool:
    content = {"event": row.event, "at": row.created_at.astimezone(UTC).isoformat(timespec="seconds"), **row.facts}
    try:
        post_signed(settings.MENPAI_ALERT_URL, content, f"msg_{row.reference.hex}", rules.ALERT_TIMEOUT)
    except RequestFailed as error:
        logger.warning("alert hook failed: %s", error)
        return False
    return True
