"""What happened, who did it, from where: one row each, which nobody changes afterwards (docs/audit.md).

`record` writes inside the transaction of what it tells: no row, no deed (F21). `refuse` tells of what did not happen;
nobody waits for it, and no flood of it fills the disk (aggregation.py). The worker chains the rows (chain.py).
No argument of either may be personal data: ids, counts, words of ours. What somebody typed goes through `subject`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils import timezone

from menpai import identifiers, user_agents
from menpai.audit import aggregation
from menpai.database.compiled import CompiledInsert
from menpai.identifiers import Client
from menpai.keys import ring
from menpai.models import AuditEvent


@dataclass
class _Request:
    client: Callable[[], Client]
    session_id: UUID | None = None


@dataclass(frozen=True)
class Place:
    """Where a request comes from, as far as the audit trail may know it."""

    network: str = ""
    browser: str = ""
    system: str = ""


_request: ContextVar[_Request | None] = ContextVar("request", default=None)


@contextmanager
def asked_by(client: Callable[[], Client]) -> Iterator[None]:
    """Whatever is recorded inside was asked for by this client; it is looked at only when something is recorded."""
    token = _request.set(_Request(client))
    try:
        yield
    finally:
        _request.reset(token)


def acting(session_id: UUID) -> None:
    """From here on this request acts in this session."""
    if request := _request.get():
        request.session_id = session_id


def place() -> Place:
    """Of the request that is being answered; empty outside of one."""
    request = _request.get()
    return place_of(request.client()) if request else Place()


def place_of(client: Client) -> Place:
    browser, system = user_agents.browser(client.user_agent), user_agents.system(client.user_agent)
    return Place(identifiers.wide_network(client.address), browser, system)


def subject(typed: str) -> str:
    """A keyed hash of what somebody typed: the same text is the same subject, and nobody reads it back."""
    return ring.keyed_hash("audit", typed)


def record(
    event: str, customer_id: int | None = None, *, staff_id: int | None = None, subject: str = "", **details: Any
) -> None:
    """Inside the transaction of what it tells; one INSERT."""
    insert_event(_event(event, customer_id, staff_id, subject, details, succeeded=True))


def refuse(event: str, customer_id: int | None = None, *, subject: str = "", **details: Any) -> None:
    """For a "no": costs no statement, is written within a second or so, and never fails."""
    aggregation.gather(_event(event, customer_id, None, subject, details, succeeded=False))


def _event(
    event: str,
    customer_id: int | None,
    staff_id: int | None,
    subject: str,
    details: dict[str, Any],
    *,
    succeeded: bool,
) -> AuditEvent:
    request, where = _request.get(), place()
    return AuditEvent(
        at=timezone.now(),
        event=event,
        customer_id=customer_id,
        staff_id=staff_id,
        subject=subject,
        network=where.network,
        browser=where.browser,
        system=where.system,
        session_id=request.session_id if request else None,
        succeeded=succeeded,
        details=details,
    )


insert_event = CompiledInsert(AuditEvent)
