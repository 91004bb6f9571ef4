"""Receipts: a vendor reports an SMS as delivered, or as failed.

Then another gateway may send it again.

Receipts may come twice, late, in any order, or before the vendor's answer is recorded; the first one for a handing-over
counts. The number of statements does not depend on the number of receipts.

A failed SMS is sent again only if that helps and does no harm (`_goes_again`), never by a gateway that has had it, and
only after "failed": an unknown outcome is no reason to send a second one.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime

import msgspec
from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from menpai import errors, identifiers, rules
from menpai.delivery.sms import breaker, routes, selection, vendors
from menpai.delivery.sms.gateway import Receipt
from menpai.ephemeral import store
from menpai.keys import ring
from menpai.models import Message, SpentSecret, Submission

State = Submission.State
logger = logging.getLogger(__name__)
_CHANGED = ("state", "sealed", "gateway", "vendor_reference", "problem", "due_at", "finished_at")


def addresses() -> dict[str, str]:
    """Configured gateway → the address to which its vendor sends receipts."""
    names = [name for name in routes.gateway_names() if vendors.find_reporting_gateway(name)]
    return {name: f"{settings.MENPAI_PUBLIC_URL}/receipts/{name}/{secrets(name)[0]}" for name in names}


def secrets(gateway: str) -> list[str]:
    """The last parts of its address: the current one, then those of peppers not yet retired."""
    return [mark("receipts", gateway)[:32] for mark in ring.hashers()]


def apply(gateway: str, reported: Sequence[Receipt]) -> list[int]:
    """Record what is new; returns the ids of messages to be sent again.

    Raises StoreUnavailable, DatabaseError.
    """
    unknown, again = _write(gateway, reported)
    if unknown and _under_way(gateway):
        # Kept first, then looked for once more: of this request and the sender, the second sees what the first wrote.
        early = unknown[: rules.EARLY_RECEIPTS]
        for receipt in early:
            store().put(
                _key(gateway, receipt.vendor_reference), {"receipt": _packed(receipt)}, life=rules.EARLY_RECEIPT_KEPT
            )
        unknown, more = _write(gateway, early)
        again += more
    if unknown:
        logger.info("%d receipts of %s are of no SMS that we know", len(unknown), gateway)
    return again


def catch_up(gateway: str, vendor_reference: str) -> None:
    """Apply a receipt that came before the gateway's answer was recorded.

    The relay sends what must go again.
    """
    with suppress(errors.StoreUnavailable):
        key = _key(gateway, vendor_reference)
        guess = store().guess(key, "receipt")
        if guess.outcome == "right":
            _write(gateway, [_unpacked(vendor_reference, guess.subject)])
            store().drop(key, "receipt")


def _write(gateway: str, reported: Sequence[Receipt]) -> tuple[list[Receipt], list[int]]:
    """Apply receipts, in one transaction.

    Returns the unknown ones, and the ids of messages to be sent again.
    """
    by_reference = {receipt.vendor_reference: receipt for receipt in reversed(reported) if receipt.vendor_reference}
    with transaction.atomic():
        mine = Submission.objects.filter(gateway=gateway, vendor_reference__in=list(by_reference))
        # The messages are locked first, as everywhere; what is read after that cannot change.
        list(Message.objects.filter(pk__in=mine.values("message_id")).order_by("pk").select_for_update(no_key=True))
        rows = list(_with_facts(mine))
        news = [row for row in rows if row.state == State.ACCEPTED]
        again = _settle(news, by_reference)
    if any(row.state == State.FAILED for row in news):
        _judge(gateway)
    known = {row.vendor_reference for row in rows}
    return [receipt for reference, receipt in by_reference.items() if reference not in known], again


def _with_facts(rows: QuerySet[Submission]) -> QuerySet[Submission]:
    """The rows with the facts that decide if a message may be sent again."""
    later = Message.objects.filter(
        recipient=OuterRef("message__recipient"), kind=OuterRef("message__kind"), pk__gt=OuterRef("message_id")
    )
    spent = SpentSecret.objects.filter(pk=OuterRef("message__secret"))
    return rows.select_related("message").annotate(newer=Exists(later), spent=Exists(spent)).order_by("pk")


def _settle(news: Sequence[Submission], by_reference: Mapping[str, Receipt]) -> list[int]:
    now, again = timezone.now(), []
    had = _gateways_of(row.message_id for row in news if by_reference[row.vendor_reference].outcome == "failed")
    for row in news:
        receipt = by_reference[row.vendor_reference]
        row.state, row.reported_at = State(receipt.outcome), min(receipt.at or now, now)
        message = row.message
        # Where the message has moved on, this was about an earlier handing-over.
        current = message.state == Message.State.ACCEPTED and message.vendor_reference == row.vendor_reference
        if row.state == State.FAILED:
            row.reason = f"not delivered {receipt.detail}".strip()[:200]
        if current and row.state == State.DELIVERED:
            message.state, message.sealed = Message.State.DELIVERED, ""
        elif current:
            _failed(message, row, goes_again=_goes_again(row, had.get(message.pk, set()), now), now=now)
            again += [message.pk] if message.state == Message.State.QUEUED else []
    if news:
        Submission.objects.bulk_update(news, ["state", "reason", "reported_at"])
        Message.objects.bulk_update([row.message for row in news], _CHANGED)
    return again


def _failed(message: Message, row: Submission, *, goes_again: bool, now: datetime) -> None:
    message.problem = f"{row.gateway}: {row.reason}"[:200]
    if goes_again:
        # A gateway's name on an unfinished row would mean that it may have the message.
        message.state, message.gateway, message.vendor_reference = Message.State.QUEUED, "", ""
        message.due_at, message.finished_at = now, None
    else:
        message.state, message.sealed = Message.State.FAILED, ""


def _goes_again(row: Submission, had: set[str], now: datetime) -> bool:
    """True if the message is still wanted and unused, and a gateway is left that has not had it."""
    message = row.message
    wanted = bool(message.sealed) and message.expires_at - now >= rules.RESEND_LEFT
    if not wanted or row.newer or row.spent or len(had) > rules.RESENDS:  # type: ignore[attr-defined]  # annotated
        return False
    left = selection.candidates(message.kind, identifiers.region(message.recipient))
    return any(gateway.name not in had for gateway in left)


def _gateways_of(message_ids: Iterable[int]) -> dict[int, set[str]]:
    """Message → the gateways that took it."""
    gateways: dict[int, set[str]] = {}
    took = Submission.objects.filter(message_id__in=list(message_ids)).exclude(state=State.FAILED, reported_at=None)
    for message_id, gateway in took.values_list("message_id", "gateway"):
        gateways.setdefault(message_id, set()).add(gateway)
    return gateways


def _judge(gateway: str) -> None:
    """Prefer other gateways for a while if most of its last messages did not arrive."""
    since = timezone.now() - rules.RECEIPTS_JUDGED_WITHIN
    reported = Submission.objects.filter(gateway=gateway, handed_at__gte=since, reported_at__isnull=False)
    last = list(reported.order_by("-handed_at").values_list("state", flat=True)[: rules.RECEIPTS_JUDGED])
    if len(last) == rules.RECEIPTS_JUDGED and last.count(State.FAILED) * 2 > len(last):
        with suppress(errors.StoreUnavailable):
            breaker.doubt(gateway)


# ── Receipts that come before the gateway's answer is recorded ──
def _under_way(gateway: str) -> bool:
    """True if this gateway is sending something now; otherwise a receipt cannot be early."""
    since = timezone.now() - rules.EARLY_RECEIPT_KEPT
    handed = Submission.objects.filter(gateway=gateway, handed_at__gte=since)
    return handed.filter(state__in=(State.HANDED, State.UNKNOWN)).exists()


def _key(gateway: str, vendor_reference: str) -> str:
    return ring.keyed_hash("receipt", gateway, vendor_reference)


def _packed(receipt: Receipt) -> str:
    at = receipt.at.timestamp() if receipt.at else None
    return msgspec.json.encode([receipt.outcome, receipt.detail, at]).decode()


def _unpacked(vendor_reference: str, packed: str) -> Receipt:
    outcome, detail, at = msgspec.json.decode(packed)
    return Receipt(vendor_reference, outcome, detail, None if at is None else datetime.fromtimestamp(at, UTC))
