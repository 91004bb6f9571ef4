"""Gauges for Prometheus, read from rows by indexed statements and from the ephemeral store.

They tell what is waiting now, and what an hour brought: the sweeper deletes nothing that is younger. A label is a word
of the code, or a gateway's name from the configuration.
"""

import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import DatabaseError, InterfaceError, connection
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.utils import timezone

from menpai import errors
from menpai.delivery import outbox
from menpai.delivery.sms import breaker, budget, vendors
from menpai.environment.counters import Metric
from menpai.ephemeral import store
from menpai.models import Message, Session, Spending, SpentSecret, Submission

HOUR = timedelta(hours=1)
Samples = Iterator[tuple[str, tuple[str, ...], float]]  # metric, values of its labels, value
_SENT = (Message.State.ACCEPTED, Message.State.DELIVERED, Message.State.UNKNOWN)
_HELP: dict[str, tuple[str, tuple[str, ...]]] = {
    "menpai_database_up": ("1 while the database answers.", ()),
    "menpai_database_round_trip_seconds": ("Time of an empty statement.", ()),
    "menpai_messages_waiting": ("Messages that have to be sent yet, decoys included.", ("channel", "state")),
    "menpai_messages_oldest_due_seconds": ("For how long the oldest message that is due has been due.", ()),
    "menpai_messages_last_hour": ("Messages that were made within an hour.", ("channel", "state")),
    "menpai_codes_last_hour": ("Codes of an hour: asked, of these sent, delivered, used.", ("channel", "stage")),
    "menpai_submissions_last_hour": ("Messages handed to a gateway within an hour.", ("gateway", "state")),
    "menpai_sms_cost_last_hour_yuan": ("Prices of what a gateway took within an hour.", ("gateway",)),
    "menpai_sms_budget_yuan": ("Budget for SMS of this hour and this day.", ("period",)),
    "menpai_sms_budget_spent_yuan": ("The part of the budget that is spent.", ("period",)),
    "menpai_sessions_started_last_hour": ("Sessions that began within an hour.", ("kind",)),
    "menpai_sessions": ("Sessions that have not ended or expired.", ("kind",)),
    "menpai_store_up": ("1 while the ephemeral store answers.", ()),
    "menpai_store_round_trip_seconds": ("Time of an empty call.", ()),
    "menpai_gateway_state": ("1 for the states that a gateway is in: paused, open, doubtful.", ("gateway", "state")),
}
GAUGES = {name: Metric(name, "gauge", text, labels) for name, (text, labels) in _HELP.items()}


def text() -> str:
    """Returns all gauges in Prometheus' text format; those of a dependency that is away are left out."""
    now, values = timezone.now(), dict[str, float]()
    groups = {"database": (_ping_database, _waiting, _messages, _submissions, _budgets, _sessions)}
    for name, readers in (groups | {"store": (_ping_store, _gateways)}).items():
        samples, is_up = _read(readers, now)
        values |= samples | {f"menpai_{name}_up": float(is_up)}
    return "".join(f"{line}\n" for gauge in GAUGES.values() for line in gauge.lines(values))


def _read(readers: tuple[Callable[[datetime], Samples], ...], now: datetime) -> tuple[dict[str, float], bool]:
    samples: dict[str, float] = {}
    try:
        for read in readers:
            samples |= {GAUGES[name].series(labels)[0]: float(value) for name, labels, value in read(now)}
    except (DatabaseError, InterfaceError, errors.Unavailable):
        connection.close_if_unusable_or_obsolete()
        return {}, False
    return samples, True


# ── The database ──
def _ping_database(_: datetime) -> Samples:
    connection.ensure_connection()
    begun = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    yield "menpai_database_round_trip_seconds", (), time.perf_counter() - begun


def _waiting(now: datetime) -> Samples:
    counts = Counter({(channel, state): 0 for channel in Message.Channel.values for state in outbox.OPEN})
    waiting = outbox.open_messages().order_by()
    rows = waiting.values_list("channel", "state")
    counts.update({(channel, state): many for channel, state, many in rows.annotate(many=Count("pk"))})
    for labels, many in counts.items():
        yield "menpai_messages_waiting", labels, many
    oldest = waiting.filter(due_at__lte=now).order_by("due_at").values_list("due_at", flat=True).first()
    yield "menpai_messages_oldest_due_seconds", (), (now - oldest).total_seconds() if oldest else 0.0


def _messages(now: datetime) -> Samples:
    counts = Counter({(channel, state): 0 for channel in Message.Channel.values for state in Message.State.values})
    stages = ("asked", "sent", "delivered", "used")
    codes = Counter({(channel, stage): 0 for channel in Message.Channel.values for stage in stages})
    for channel, state, many, asked, used in messages_since(now - HOUR):
        counts[channel, state] += many
        reached = (True, state in _SENT, state == Message.State.DELIVERED)
        codes.update({(channel, stage): asked * is_so for stage, is_so in zip(stages, reached, strict=False)})
        codes[channel, "used"] += used
    yield from (("menpai_messages_last_hour", labels, many) for labels, many in counts.items())
    yield from (("menpai_codes_last_hour", labels, many) for labels, many in codes.items())


def _submissions(now: datetime) -> Samples:
    names = [gateway.name for gateway in vendors.configured_gateways()]
    counts = Counter({(name, state): 0 for name in names for state in Submission.State.values})
    cost = Counter(dict.fromkeys(names, 0))
    for gateway, state, many, price in submissions_since(now - HOUR):
        counts[gateway, state] += many
        cost[gateway] += price
    yield from (("menpai_submissions_last_hour", labels, many) for labels, many in counts.items())
    yield from (("menpai_sms_cost_last_hour_yuan", (name,), price / 10**6) for name, price in cost.items())


def _budgets(now: datetime) -> Samples:
    periods = budget.periods(now)
    spent = dict(Spending.objects.filter(period__in=[one.key for one in periods]).values_list("period", "spent"))
    for period in periods:
        yield "menpai_sms_budget_yuan", (period.name,), period.budget / 10**6
        yield "menpai_sms_budget_spent_yuan", (period.name,), spent.get(period.key, 0) / 10**6


def _sessions(now: datetime) -> Samples:
    started, live = sessions_since(now - HOUR), live_sessions(now)
    for name, rows in (("menpai_sessions_started_last_hour", started), ("menpai_sessions", live)):
        counts = dict.fromkeys(Session.Kind.values, 0) | dict(rows.values_list("kind").annotate(many=Count("pk")))
        yield from ((name, (kind,), many) for kind, many in counts.items())


def messages_since(begin: datetime) -> "QuerySet[Message, Any]":
    """Returns channel, state, and how many messages, codes and used codes; without decoys."""
    used = Exists(SpentSecret.objects.filter(pk=OuterRef("secret")))
    rows = Message.objects.filter(created_at__gte=begin).exclude(recipient="").annotate(used=used).order_by()
    counts = {
        "many": Count("pk"),
        "codes": Count("pk", filter=~Q(secret="")),
        "spent": Count("pk", filter=Q(used=True)),
    }
    return rows.values_list("channel", "state").annotate(**counts)


def submissions_since(begin: datetime) -> "QuerySet[Submission, Any]":
    rows = Submission.objects.filter(handed_at__gte=begin).order_by().values_list("gateway", "state")
    return rows.annotate(many=Count("pk"), cost=Sum("price"))


def sessions_since(begin: datetime) -> QuerySet[Session]:
    """Returns the sessions that began since then: their ids begin with the time."""
    return Session.objects.filter(pk__gte=uuid.UUID(int=int(begin.timestamp() * 1000) << 80)).order_by()


def live_sessions(now: datetime) -> QuerySet[Session]:
    return Session.objects.filter(ended_at__isnull=True, expires_at__gt=now).order_by()


# ── The store ──
def _ping_store(_: datetime) -> Samples:
    begun = time.perf_counter()
    store().ping()
    yield "menpai_store_round_trip_seconds", (), time.perf_counter() - begun


def _gateways(_: datetime) -> Samples:
    names = [gateway.name for gateway in vendors.configured_gateways()]
    for name, state in zip(names, breaker.read_states(names), strict=True):
        for word in ("paused", "open", "doubtful"):
            yield "menpai_gateway_state", (name, word), getattr(state, word)
