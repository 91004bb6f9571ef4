"""The audit trail: an unchangeable row for each event, with who and where (docs/audit.md).

`record` writes in the transaction of the event itself: without the row there is no effect (F21). `refuse` records a
refusal; it costs the request nothing and cannot fill the disk. Neither may be given personal data, only ids, counts and
fixed words; what somebody typed goes through `subject`.

events         the names of events
aggregation    refusals, summed up before they are written
chain          seals that chain the rows, and the deletion of old ones
verify         the check of the whole chain
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from menpai import identifiers, user_agents
from menpai.audit import aggregation
from menpai.database import compiled
from menpai.database.compiled import CompiledInsert
from menpai.environment import counters
from menpai.identifiers import Client
from menpai.keys import ring
from menpai.models import AuditEvent


@dataclass
class _Request:
    client: Callable[[], Client]
    session_id: UUID | None = None
    staff_id: int | None = None


@dataclass(frozen=True)
class Origin:
    """The origin of a request, as far as the audit trail may store it."""

    network: str = ""
    browser: str = ""
    system: str = ""


_KINDS = ("how", "purpose", "kind", "what", "gateway")  # the details that name the kind of an event
_request: ContextVar[_Request | None] = ContextVar("request", default=None)


@contextmanager
def requested_by(client: Callable[[], Client]) -> Iterator[None]:
    """Attributes all events recorded within to this client, which is read only if there are any."""
    token = _request.set(_Request(client))
    try:
        yield
    finally:
        _request.reset(token)


def set_session(session_id: UUID) -> None:
    """Attributes further events of this request to this session."""
    if request := _request.get():
        request.session_id = session_id


def set_staff(staff_id: int) -> None:
    """Attributes what is recorded from now on in this request to this member of staff."""
    if request := _request.get():
        request.staff_id = staff_id


def request_origin() -> Origin:
    """Returns the origin of the current request; empty outside of one."""
    client = request_client()
    return origin_of(client) if client else Origin()


def request_client() -> Client | None:
    """Returns the client of the current request; None outside of one."""
    request = _request.get()
    return request.client() if request else None


def origin_of(client: Client) -> Origin:
    """Returns the client's network, browser and system."""
    browser, system = user_agents.browser(client.user_agent), user_agents.system(client.user_agent)
    return Origin(identifiers.wide_network(client.address), browser, system)


def subject(typed: str) -> str:
    """Returns the keyed hash of a typed name: equal for equal texts, and not reversible."""
    return ring.keyed_hash("audit", typed)


def record(event: str, customer_id: int | None = None, *, subject: str = "", **details: Any) -> None:
    """Records a success, in the caller's transaction, by one INSERT."""
    row = new_event(event, customer_id, subject=subject, **details)
    insert_event(row)
    count_recorded(row)


def record_with(
    insert: CompiledInsert, row: Any, event: str, customer_id: int | None = None, *, subject: str = "", **details: Any
) -> None:
    """Records a success and inserts the row that it is about, both or neither, in one round trip."""
    recorded = new_event(event, customer_id, subject=subject, **details)
    compiled.insert_together((insert, row), (insert_event, recorded))
    count_recorded(recorded)


def refuse(event: str, customer_id: int | None = None, *, subject: str = "", **details: Any) -> None:
    """Records a refusal: without a statement now, written within about a second. Never fails."""
    aggregation.gather(_event(event, customer_id, None, subject, details, succeeded=False))
    _count(event, details, is_staff=bool(details.get("staff")))


def new_event(event: str, customer_id: int | None = None, *, subject: str = "", **details: Any) -> AuditEvent:
    """The row of a success, for `insert_event`; `count_recorded` comes after it."""
    request = _request.get()
    return _event(event, customer_id, request.staff_id if request else None, subject, details, succeeded=True)


def count_recorded(row: AuditEvent) -> None:
    """Counts a row that was inserted, once it is committed."""
    is_staff = row.staff_id is not None
    transaction.on_commit(partial(_count, row.event, row.details, is_staff=is_staff))


def _count(event: str, details: dict[str, Any], *, is_staff: bool) -> None:
    kind = next((str(details[name]) for name in _KINDS if name in details), "")
    counters.EVENTS.add(event, kind, "staff" if is_staff else "customer")


def _event(
    event: str,
    customer_id: int | None,
    staff_id: int | None,
    subject: str,
    details: dict[str, Any],
    *,
    succeeded: bool,
) -> AuditEvent:
    request, origin = _request.get(), request_origin()
    return AuditEvent(
        at=timezone.now(),
        event=event,
        customer_id=customer_id,
        staff_id=staff_id,
        subject=subject,
        network=origin.network,
        browser=origin.browser,
        system=origin.system,
        session_id=request.session_id if request else None,
        succeeded=succeeded,
        details=details,
    )


insert_event = CompiledInsert(AuditEvent)
