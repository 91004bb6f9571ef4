"""Gateways that do not work are left alone. All workers share what they know of them, in the ephemeral store.

    closed ──(misconfigured, or too many more failures than successes)──▶ open: rests for rules.GATEWAY_PAUSE
      ▲                                                                     │            ▲
      └──────(it works)────── half-open: one message at a time tries ◀──────┘──(it fails)─┘

Losing the store closes every breaker: a gateway is then simply asked again.
"""

import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from menpai import audit, errors, rules
from menpai.audit import events
from menpai.delivery import outcomes
from menpai.ephemeral import Release, Window, store
from menpai.integrations import alerts
from menpai.rules import Limit

logger = logging.getLogger(__name__)
_ALERTS = {
    events.GATEWAY_OPENED: alerts.GATEWAY_RESTS,
    events.GATEWAY_CLOSED: alerts.GATEWAY_BACK,
    events.GATEWAY_DOUBTED: alerts.GATEWAY_DOUBTFUL,
}
_OUTBOX = "outbox"  # of development: it never rests
_BROKEN = (outcomes.Misconfigured, outcomes.Retry, outcomes.Unanswered)  # about the gateway, not about the message


@dataclass(frozen=True)
class Breaker:
    """`resting`: nobody asks it. `open` and not resting: it may be tried. `doubtful`: its messages do not arrive."""

    resting: bool = False
    open: bool = False
    doubtful: bool = False


CLOSED = Breaker()


def read_states(names: Sequence[str]) -> list[Breaker]:
    """Of each gateway, in the order given; one question to the store at most. Raises StoreUnavailable."""
    asked = [name for name in names if name != _OUTBOX]
    if not asked:
        return [CLOSED] * len(names)
    told = store().paused([_key(name, what) for what in ("resting", "open", "doubtful") for name in asked])
    many = len(asked)
    threes = zip(told[:many], told[many : 2 * many], told[2 * many :], strict=True)
    known = {name: Breaker(*three) for name, three in zip(asked, threes, strict=True)}
    return [known.get(name, CLOSED) for name in names]


def claim_trial(name: str) -> bool:
    """Whether this message is the one that tries a gateway whose rest is over; nobody else is for the next while."""
    try:
        return store().count([Window(_key(name, "trial"), (Limit(1, rules.LEASE),))]) is None
    except errors.StoreUnavailable:
        return True


def record_outcome(name: str, no: outcomes.NotAccepted | None, *, trial: bool) -> None:
    """What a gateway said to a message; None: accepted. A "no" to this one message is the answer of one that works."""
    if name == _OUTBOX:
        return
    with suppress(errors.StoreUnavailable):
        if not isinstance(no, _BROKEN):
            _worked(name, trial)
        elif trial or isinstance(no, outcomes.Misconfigured) or _too_often(name):
            _open(name, no)


def doubt(name: str) -> None:
    """Ask it last for a while: its receipts say that most of its messages did not arrive."""
    if not store().paused([_key(name, "doubtful")])[0]:
        _tell(events.GATEWAY_DOUBTED, name, "most messages do not arrive")
    store().pause(_key(name, "doubtful"), rules.GATEWAY_DOUBT)


def _too_often(name: str) -> bool:
    limit = Limit(rules.GATEWAY_FAILURES - 1, rules.GATEWAY_WINDOW)
    return store().count([Window(_key(name, "failures"), (limit,))]) is not None


def _worked(name: str, trial: bool) -> None:
    # Each success makes up for a failure: a busy gateway is not put to rest by the few that fail everywhere.
    store().release([Release(_key(name, "failures"), oldest=rules.GATEWAY_FAILURES if trial else 1)])
    if trial:
        for what in ("open", "resting"):
            store().pause(_key(name, what), timedelta(0))
        _tell(events.GATEWAY_CLOSED, name, "works again")


def _open(name: str, no: outcomes.NotAccepted) -> None:
    # Of all who find it broken in one rest, one tells.
    first = store().count([Window(_key(name, "told"), (Limit(1, rules.GATEWAY_PAUSE),))]) is None
    was_open = store().paused([_key(name, "open")])[0]
    store().pause(_key(name, "resting"), rules.GATEWAY_PAUSE)
    store().pause(_key(name, "open"), rules.GATEWAY_OPEN)
    if first and not was_open:
        _tell(events.GATEWAY_OPENED, name, str(no))


def _tell(event: str, name: str, why: str) -> None:
    level = logging.INFO if event == events.GATEWAY_CLOSED else logging.WARNING
    logger.log(level, "SMS gateway %s: %s (%s)", name, event, why)
    audit.record(event, gateway=name, why=why)
    alerts.raise_alert(_ALERTS[event], name, why=why)


def _key(name: str, what: str) -> str:
    return f"gateway:{name}:{what}"
