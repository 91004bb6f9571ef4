"""The circuit breaker: gateways that do not work are paused.

All workers share its state, in the ephemeral store.

    closed ──(misconfigured, or too many more failures than successes)──▶ open: paused for GATEWAY_PAUSE
      ▲                                                                     │            ▲
      └──────(it works)────── half-open: one message at a time tries ◀──────┘──(it fails)─┘

Losing the store closes every breaker: the gateways are then tried again.
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
_OUTBOX = "outbox"  # for development: it is never paused
_BROKEN = (outcomes.Misconfigured, outcomes.Retry, outcomes.Unanswered)  # about the gateway, not about the message


@dataclass(frozen=True)
class Breaker:
    """`paused`: not used.

    `open` and not paused: one message may try it. `doubtful`: its messages do not arrive.
    """

    paused: bool = False
    open: bool = False
    doubtful: bool = False


CLOSED = Breaker()


def read_states(names: Sequence[str]) -> list[Breaker]:
    """The state of each gateway, in order, with one call to the store at most. Raises StoreUnavailable."""
    shared = [name for name in names if name != _OUTBOX]
    if not shared:
        return [CLOSED] * len(names)
    answers = store().paused([_key(name, state) for state in ("resting", "open", "doubtful") for name in shared])
    count = len(shared)
    threes = zip(answers[:count], answers[count : 2 * count], answers[2 * count :], strict=True)
    known = {name: Breaker(*three) for name, three in zip(shared, threes, strict=True)}
    return [known.get(name, CLOSED) for name in names]


def claim_trial(name: str) -> bool:
    """True if this message may try a gateway whose pause is over; no other may for rules.LEASE."""
    try:
        return store().count([Window(_key(name, "trial"), (Limit(1, rules.LEASE),))]) is None
    except errors.StoreUnavailable:
        return True


def record_outcome(name: str, refusal: outcomes.NotAccepted | None, *, trial: bool) -> None:
    """Count a gateway's answer; no refusal: accepted.

    A refusal of one message shows that the gateway works.
    """
    if name == _OUTBOX:
        return
    with suppress(errors.StoreUnavailable):
        if not isinstance(refusal, _BROKEN):
            _worked(name, trial)
        elif trial or isinstance(refusal, outcomes.Misconfigured) or _too_often(name):
            _open(name, refusal)


def doubt(name: str) -> None:
    """Use it last for a while, since receipts report that most of its messages did not arrive."""
    if not store().paused([_key(name, "doubtful")])[0]:
        _tell(events.GATEWAY_DOUBTED, name, "most messages do not arrive")
    store().pause(_key(name, "doubtful"), rules.GATEWAY_DOUBT)


def _too_often(name: str) -> bool:
    limit = Limit(rules.GATEWAY_FAILURES - 1, rules.GATEWAY_WINDOW)
    return store().count([Window(_key(name, "failures"), (limit,))]) is not None


def _worked(name: str, trial: bool) -> None:
    # Each success cancels a failure: a busy gateway is not paused because of the few that fail everywhere.
    store().release([Release(_key(name, "failures"), oldest=rules.GATEWAY_FAILURES if trial else 1)])
    if trial:
        for state in ("open", "resting"):
            store().pause(_key(name, state), timedelta(0))
        _tell(events.GATEWAY_CLOSED, name, "works again")


def _open(name: str, refusal: outcomes.NotAccepted) -> None:
    # Of all workers that find it broken in one pause, one reports it.
    first = store().count([Window(_key(name, "told"), (Limit(1, rules.GATEWAY_PAUSE),))]) is None
    was_open = store().paused([_key(name, "open")])[0]
    store().pause(_key(name, "resting"), rules.GATEWAY_PAUSE)
    store().pause(_key(name, "open"), rules.GATEWAY_OPEN)
    if first and not was_open:
        _tell(events.GATEWAY_OPENED, name, str(refusal))


def _tell(event: str, name: str, why: str) -> None:
    level = logging.INFO if event == events.GATEWAY_CLOSED else logging.WARNING
    logger.log(level, "SMS gateway %s: %s (%s)", name, event, why)
    audit.record(event, gateway=name, why=why)
    alerts.raise_alert(_ALERTS[event], name, why=why)


def _key(name: str, state: str) -> str:
    return f"gateway:{name}:{state}"
