"""The delivery of messages from their rows.

Any number of workers do this at once; any may die at any moment.

                  ┌───────── busy, or the lease is over ────────┐
                  ▼                                             │
    enqueue ─▶ queued ─▶ leased ─▶ handed ─┬─▶ accepted ─▶ delivered, failed or queued again, by a receipt
                  │         │              ├─▶ failed      refused for good
                  └────┬────┘              └─▶ unknown     no answer came; asking again might send it twice
                       ▼
                    expired                its life was over before anybody took it

queued → leased    one UPDATE, conditional on the row as it was read: of all workers that try, one succeeds.
leased → handed    committed just before the first byte leaves, together with the gateway's name and a Submission, whose
                   end is written with the message's next step.

A lease that is over (`due_at`) frees the row. `leased`: surely not sent, so it is sent. `handed`: perhaps sent; a mail
is sent again, an SMS only by the gateway that may have it, and only if that one knows a repeated request by its
reference; either rules.REPEATS times. So a gateway's name on an unfinished row means: this one may have it.

An answer is written until it stands, for as long as rules.ANSWER_KEPT: a database that restarts makes no second copy.

Every write after the claim requires `attempts` to be unchanged; a worker that lost its lease changes nothing.
No transaction is open while a message is sent. The sealed content is blanked with the last state, or, if a receipt may
still report a failure, once the message is delivered, spent or expired.
"""

import contextlib
import json
import logging
import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import uuid_utils.compat
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from menpai import rules
from menpai.database import retry
from menpai.database.compiled import CompiledInsert
from menpai.delivery import channels, outcomes
from menpai.delivery.channels import OUTBOX, Channel
from menpai.delivery.sms import budget, receipts, submissions
from menpai.environment import counters
from menpai.keys import ring
from menpai.models import Message, SpentSecret, Submission

State = Message.State
OPEN = (State.QUEUED, State.LEASED, State.HANDED)
_REFERENCE_LENGTH = 128  # of the columns: an answer with a longer one could never be written
logger = logging.getLogger(__name__)


@dataclass
class _Held:
    """A message that this worker has claimed, and its last handing-over, whose result is not written yet."""

    message: Message
    handed: Submission | None = None


def new_message(
    kind: str,
    channel: str,
    recipient: str,
    language: str,
    params: Mapping[str, Any],
    life: timedelta,
    customer_id: int | None = None,
    *,
    secret: str = "",
    known: bool = False,
) -> Message:
    """The row of a message, for `insert_message`; an empty recipient makes a decoy (R20)."""
    reference, now = uuid_utils.compat.uuid7(), timezone.now()
    return Message(
        reference=reference,
        customer_id=customer_id,
        channel=channel,
        kind=kind,
        recipient=recipient,
        language=language,
        secret=secret,
        known=known,
        sealed=ring.seal(json.dumps(params), reference.hex),
        due_at=now,
        expires_at=now + life,
    )


def open_params(message: Message) -> dict[str, Any] | None:
    """The values of the message's text; None if they are blanked or their key is gone."""
    raw = ring.unseal(message.sealed, message.reference.hex) if message.sealed else None
    return None if raw is None else dict(json.loads(raw))


def open_messages() -> QuerySet[Message]:
    """Returns the messages of the index `messages_to_send`.

    SQLite takes that index only for a condition without parameters.
    """
    states = ", ".join(f"'{state.value}'" for state in OPEN)
    return Message.objects.extra(where=[f"state IN ({states})"])  # noqa: S610  (our own words)


def find_due(limit: int = 50, waiting_since: timedelta = timedelta(0)) -> list[int]:
    """The ids of messages that are due, oldest first."""
    waiting = open_messages().filter(due_at__lte=timezone.now() - waiting_since)
    return list(waiting.order_by("due_at").values_list("pk", flat=True)[:limit])


def deliver_due(limit: int = 50) -> int:
    """Deliver what is due, one after the other; returns how many were looked at."""
    message_ids = find_due(limit)
    for message_id in message_ids:
        deliver(message_id)
    return len(message_ids)


def deliver(message_id: int) -> str:
    """Send this message if it is due and not claimed.

    Returns its new state, "" if there was nothing to do.
    """
    now = timezone.now()
    message = Message.objects.filter(pk=message_id, state__in=OPEN, due_at__lte=now).first()
    if message is None or not _claim(message, now):
        return ""
    if not message.recipient:
        message.delete()
        return "decoy"
    held, params = _Held(message), open_params(message)
    if params is None:
        return _end(held, State.FAILED, problem="its sealing key is gone")
    if message.expires_at <= now:
        return _expire(held)
    if not channels.can_send_again(message):
        return _end(held, State.UNKNOWN)
    return _try(held, channels.open_channels(message, params))


def _try(held: _Held, open_channels: Iterable[Channel]) -> str:
    """Try one channel after the other, until an answer settles the message."""
    message = held.message
    last: outcomes.NotAccepted = outcomes.Retry("no usable gateway")
    for channel in open_channels:
        try:
            row = _hand(held, channel)
        except budget.UsedUp as refusal:  # another channel may be cheaper
            last, message.problem = outcomes.Retry(budget.PROBLEM), budget.PROBLEM
            budget.alert_used_up(refusal)
            continue
        if row is None:
            return _expire(held)
        try:
            reference = channel.send()
        except outcomes.NotAccepted as refusal:
            last, message.problem = refusal, f"{channel.name}: {refusal}"[:200]
            submissions.mark_refused(row, refusal)
        else:
            return _accepted(held, channel, reference)
        channels.record_outcome(message, channel, last)
        if isinstance(last, outcomes.Unanswered):
            return _later(held, State.HANDED, channel.name) if channel.safe_again else _end(held, State.UNKNOWN)
        if isinstance(last, outcomes.BadRecipient | outcomes.Refused):
            break
    if isinstance(last, outcomes.BadRecipient | outcomes.Refused | outcomes.RateLimited):
        return _end(held, State.UNKNOWN if message.gateway else State.FAILED)
    return _later(held, State.QUEUED, message.gateway)


def _accepted(held: _Held, channel: Channel, reference: str) -> str:
    message, reference = held.message, reference.replace("\x00", "")[:_REFERENCE_LENGTH]
    if held.handed:
        submissions.mark_accepted(held.handed, reference)
    named = {"gateway": channel.name, "vendor_reference": reference, "problem": ""}
    state = _end(held, State.ACCEPTED, keep=channel.reports or channel.name == OUTBOX, **named)
    channels.record_outcome(message, channel, None)
    if state and channel.reports and reference:
        receipts.catch_up(channel.name, reference)
    return state


# ── The steps: each is one conditional UPDATE, and the row of its handing-over in the same transaction ──
def _claim(message: Message, now: datetime) -> bool:
    as_read = Message.objects.filter(pk=message.pk, state=message.state, attempts=message.attempts)
    with transaction.atomic() if message.state == State.HANDED else contextlib.nullcontext():
        claimed = as_read.update(state=State.LEASED, due_at=now + rules.LEASE, attempts=F("attempts") + 1)
        if claimed and message.state == State.HANDED:
            submissions.mark_unknown([message.pk])
    message.attempts += 1
    return claimed == 1


def _hand(held: _Held, channel: Channel) -> Submission | None:
    """The handing-over's row; None if the message has expired (R16) or another worker has it.

    Raises budget.UsedUp.
    """
    message, now = held.message, timezone.now()
    if message.expires_at <= now:
        return None
    with transaction.atomic():
        if not _mine(message).update(state=State.HANDED, gateway=channel.name, due_at=now + rules.LEASE):
            return None
        submissions.save(held.handed)
        held.handed = submissions.begin(message, channel, now)
    return held.handed


def _later(held: _Held, state: State, gateway: str) -> str:
    """Schedule another attempt, unless the message expires before."""
    message = held.message
    pause = rules.RETRY_AFTER[min(message.attempts, len(rules.RETRY_AFTER)) - 1]
    pause *= random.uniform(0.8, 1.2)  # noqa: S311  (so that what failed together does not come back together)
    message.gateway = gateway
    due_at = timezone.now() + pause
    if due_at >= message.expires_at:
        return _expire(held)
    return _write(held, state, due_at=due_at, gateway=gateway, problem=message.problem)


def _expire(held: _Held) -> str:
    return _end(held, State.UNKNOWN if held.message.gateway else State.EXPIRED)


def _end(held: _Held, state: State, *, keep: bool = False, **changes: str) -> str:
    changes = {"problem": held.message.problem, **changes}
    if not keep:
        changes["sealed"] = ""
    return _write(held, state, finished_at=timezone.now(), **changes)


def _write(held: _Held, state: State, **changes: Any) -> str:
    message = held.message
    if not retry.until_written(lambda: _save(held, state, **changes), rules.ANSWER_KEPT):
        return ""
    counters.MESSAGES.add(message.channel, str(state))
    if held.handed and held.handed.state != Submission.State.FAILED:
        counters.SPENT.add(held.handed.gateway, by=held.handed.price / 10**6)
    logger.info("message %d (%s, %s): %s %s", message.pk, message.channel, message.kind, state, changes["problem"])
    return str(state)


def _save(held: _Held, state: State, **changes: Any) -> bool:
    """Write the step; False if another worker has the message.

    True as well if the last try wrote it unnoticed.
    """
    message = held.message
    with transaction.atomic():
        if _mine(message).update(state=state, **changes):
            submissions.save(held.handed)
            return True
    return Message.objects.filter(pk=message.pk, state=state, attempts=message.attempts).exists()


def _mine(message: Message) -> QuerySet[Message]:
    """The row, if this claim is still the last one."""
    return Message.objects.filter(pk=message.pk, state__in=(State.LEASED, State.HANDED), attempts=message.attempts)


# ── Sweeping ──
def sweep() -> int:
    """Expire and blank overdue messages, delete rows older than rules.MESSAGES_KEPT.

    Returns how many were touched.
    """
    now = timezone.now()
    overdue = Message.objects.filter(Q(state=State.QUEUED) | Q(state__in=OPEN, due_at__lte=now), expires_at__lte=now)
    swept = overdue.filter(recipient="").delete()[0]
    swept += _end_unknown(overdue.exclude(gateway=""), now)
    swept += overdue.filter(gateway="").update(state=State.EXPIRED, finished_at=now, sealed="")
    swept += _blank(now)
    return swept + delete_in_batches(Message.objects.filter(created_at__lt=now - rules.MESSAGES_KEPT))


def _end_unknown(lost: QuerySet[Message], now: datetime) -> int:
    ended = 0
    while True:
        with transaction.atomic():
            locked = lost.select_for_update(skip_locked=True, of=("self",)).order_by("pk")
            message_ids = list(locked.values_list("pk", flat=True)[: rules.CHANGED_AT_ONCE])
            ended += Message.objects.filter(pk__in=message_ids).update(state=State.UNKNOWN, finished_at=now, sealed="")
            submissions.mark_unknown(message_ids)
        if len(message_ids) < rules.CHANGED_AT_ONCE:
            return ended


def _blank(now: datetime) -> int:
    """Blank accepted messages once their code is spent or expired.

    Until then another gateway may have to send them.
    """
    kept = Message.objects.filter(state=State.ACCEPTED).exclude(sealed="").exclude(gateway=OUTBOX)
    spent = Exists(SpentSecret.objects.filter(pk=OuterRef("secret")))
    return kept.filter(Q(expires_at__lte=now) | spent).update(sealed="")


def delete_in_batches(rows: QuerySet[Any]) -> int:
    """Delete rows, a hundred at a time, so that locks are short; returns how many."""
    deleted = 0
    while keys := list(rows.order_by().values_list("pk", flat=True)[: rules.CHANGED_AT_ONCE]):
        deleted += rows.model._default_manager.filter(pk__in=keys).delete()[0]
    return deleted


insert_message = CompiledInsert(Message)
