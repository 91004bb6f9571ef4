"""From a row to a sent message. Any number of workers may do this at once, and any of them may die at any moment.

                  ┌───────── busy, or the lease is over ────────┐
                  ▼                                             │
    enqueue ─▶ queued ─▶ leased ─▶ handed ─┬─▶ accepted ─▶ delivered (by a receipt)
                  │         │              ├─▶ failed      refused for good
                  └────┬────┘              └─▶ unknown     no answer came; asking again might send it twice
                       ▼
                    expired                its life was over before anybody took it

queued → leased    one UPDATE, conditional on the row as it was read: of all workers that try, one succeeds.
leased → handed    committed just before the first byte leaves, together with the gateway's name.

A lease that is over (`due_at`) frees the row. `leased`: surely not sent, so it is sent. `handed`: perhaps sent; a mail
is sent again, an SMS only by the gateway that may have it, and only if that one knows a repeated request by its
reference. So a gateway's name on an unfinished row means: this one may have it.

Every write after the claim demands that `attempts` is still that claim's; whoever lost its lease changes nothing.
No transaction is open while something is sent. What was sealed is blanked with the last state.
"""

import json
import logging
import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import uuid_utils.compat
from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from menpai import errors, keys, rules, writes
from menpai.delivery import answers, mail, sms, texts
from menpai.models import Message

State = Message.State
OPEN = (State.QUEUED, State.LEASED, State.HANDED)
OUTBOX = "outbox"
_BATCH = 1000
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Route:
    """One way to send one message. `safe_again`: asking a second time does not send a second time."""

    name: str
    send: Callable[[], str]  # answers the vendor's id of it
    safe_again: bool


def enqueue(
    kind: str,
    channel: str,
    recipient: str,
    language: str,
    params: Mapping[str, Any],
    life: timedelta,
    customer_id: int | None = None,
) -> int:
    """Insert the row, in the transaction of its cause: one statement. An empty recipient makes a decoy (R20)."""
    reference, now = uuid_utils.compat.uuid7(), timezone.now()
    message = Message(
        reference=reference,
        customer_id=customer_id,
        channel=channel,
        kind=kind,
        recipient=recipient,
        language=language,
        sealed=keys.seal(json.dumps(params), reference.hex),
        due_at=now,
        expires_at=now + life,
    )
    writes.insert_message(message)
    return int(message.pk)


def opened(message: Message) -> dict[str, Any] | None:
    """What fills the message's template; None when it is blanked or its key is gone."""
    raw = keys.unseal(message.sealed, message.reference.hex) if message.sealed else None
    return None if raw is None else dict(json.loads(raw))


def due(limit: int = 50, waiting_since: timedelta = timedelta(0)) -> list[int]:
    """The ids of messages that somebody should take now, oldest first."""
    waiting = Message.objects.filter(state__in=OPEN, due_at__lte=timezone.now() - waiting_since)
    return list(waiting.order_by("due_at").values_list("pk", flat=True)[:limit])


def deliver_due(limit: int = 50) -> int:
    """Deliver what is due, one after the other; how many were looked at."""
    found = due(limit)
    for message_id in found:
        deliver(message_id)
    return len(found)


def deliver(message_id: int) -> str:
    """Send this message if it is due and nobody else has it. Answers its new state, "" when there was nothing to do."""
    now = timezone.now()
    message = Message.objects.filter(pk=message_id, state__in=OPEN, due_at__lte=now).first()
    if message is None or not _claim(message, now):
        return ""
    if not message.recipient:
        message.delete()
        return "decoy"
    params = opened(message)
    if params is None:
        return _end(message, State.FAILED, problem="its sealing key is gone")
    if message.expires_at <= now:
        return _expire(message)
    if not _may_be_sent_again(message):
        return _end(message, State.UNKNOWN)
    return _try(message, _routes(message, params))


def _try(message: Message, routes: Iterable[_Route]) -> str:
    """One gateway after the other, until one of them says something that settles it."""
    last: answers.NotAccepted = answers.Retry("no usable gateway")
    for route in routes:
        if not _hand(message, route):
            return _expire(message)
        try:
            receipt = route.send()
        except answers.NotAccepted as no:
            last, message.problem = no, f"{route.name}: {no}"[:200]
        else:
            return _end(message, State.ACCEPTED, gateway=route.name, vendor_reference=receipt, problem="")
        if isinstance(last, answers.Unanswered):
            return _later(message, State.HANDED, route.name) if route.safe_again else _end(message, State.UNKNOWN)
        if isinstance(last, answers.BadRecipient | answers.Refused):
            break
        if isinstance(last, answers.Misconfigured) and message.channel == Message.Channel.SMS:
            sms.rest(route.name)
    if isinstance(last, answers.BadRecipient | answers.Refused | answers.RateLimited):
        return _end(message, State.UNKNOWN if message.gateway else State.FAILED)
    return _later(message, State.QUEUED, message.gateway)


def _routes(message: Message, params: dict[str, Any]) -> Iterator[_Route]:
    """The ways that are open to this message now, best first."""
    if message.channel == Message.Channel.EMAIL:
        yield _mail_route(message, params)
        return
    try:
        gateways = sms.usable()
    except errors.StoreUnavailable:  # what was accepted is sent all the same
        gateways = sms.ready()
    ready = texts.sms(message, params)
    for gateway in gateways:
        if message.gateway in ("", gateway.name) and gateway.carries(message.kind, ready.region):
            yield _Route(gateway.name, partial(gateway.send, ready), safe_again=gateway.idempotent)


def _mail_route(message: Message, params: dict[str, Any]) -> _Route:
    if settings.MENPAI_EMAIL_IS_OUTBOX:
        return _Route(OUTBOX, str, safe_again=True)
    letter = texts.letter(message.kind, message.language, params, message.created_at)
    ready = mail.compose(letter, message.recipient, message.language, message.reference)
    # Sent twice is a nuisance that the second Message-ID softens; sent three times is a fault.
    return _Route(mail.name, partial(mail.send, ready, message.expires_at), safe_again=not message.gateway)


def _may_be_sent_again(message: Message) -> bool:
    if not message.gateway or message.channel == Message.Channel.EMAIL:
        return True
    gateway = sms.named(message.gateway)
    return gateway is not None and gateway.idempotent


# ── The steps: each is one conditional UPDATE ──
def _claim(message: Message, now: datetime) -> bool:
    as_read = Message.objects.filter(pk=message.pk, state=message.state, attempts=message.attempts)
    claimed = as_read.update(state=State.LEASED, due_at=now + rules.LEASE, attempts=F("attempts") + 1)
    message.attempts += 1
    return claimed == 1


def _hand(message: Message, route: _Route) -> bool:
    """False when its life is over (R16) or another worker has it."""
    now = timezone.now()
    if message.expires_at <= now:
        return False
    return _mine(message).update(state=State.HANDED, gateway=route.name, due_at=now + rules.LEASE) == 1


def _later(message: Message, state: State, gateway: str) -> str:
    """Once more after a while, if it lives that long."""
    pause = rules.RETRY_AFTER[min(message.attempts, len(rules.RETRY_AFTER)) - 1]
    pause *= random.uniform(0.8, 1.2)  # noqa: S311  (so that what failed together does not come back together)
    message.gateway = gateway
    due_at = timezone.now() + pause
    if due_at >= message.expires_at:
        return _expire(message)
    return _write(message, state, due_at=due_at, gateway=gateway, problem=message.problem)


def _expire(message: Message) -> str:
    return _end(message, State.UNKNOWN if message.gateway else State.EXPIRED)


def _end(message: Message, state: State, **changes: str) -> str:
    changes = {"problem": message.problem, **changes}
    if changes.get("gateway") != OUTBOX:  # the development mailbox keeps it
        changes["sealed"] = ""
    return _write(message, state, finished_at=timezone.now(), **changes)


def _write(message: Message, state: State, **changes: Any) -> str:
    if not _mine(message).update(state=state, **changes):
        return ""
    logger.info("message %d (%s, %s): %s %s", message.pk, message.channel, message.kind, state, changes["problem"])
    return str(state)


def _mine(message: Message) -> QuerySet[Message]:
    """The row, as long as this claim is the last one."""
    return Message.objects.filter(pk=message.pk, state__in=(State.LEASED, State.HANDED), attempts=message.attempts)


# ── The broom ──
def sweep() -> int:
    """End and blank what nobody took in time, drop rows older than rules.MESSAGES_KEPT; how many rows were touched."""
    now = timezone.now()
    overdue = Message.objects.filter(Q(state=State.QUEUED) | Q(state__in=OPEN, due_at__lte=now), expires_at__lte=now)
    swept = overdue.filter(recipient="").delete()[0]
    swept += overdue.exclude(gateway="").update(state=State.UNKNOWN, finished_at=now, sealed="")
    swept += overdue.update(state=State.EXPIRED, finished_at=now, sealed="")
    return swept + in_batches(Message.objects.filter(created_at__lt=now - rules.MESSAGES_KEPT))


def in_batches(rows: QuerySet[Any]) -> int:
    """Delete rows, a thousand at a time, so that no lock lasts."""
    deleted = 0
    while found := list(rows.order_by().values_list("pk", flat=True)[:_BATCH]):
        deleted += rows.model._default_manager.filter(pk__in=found).delete()[0]
    return deleted
