"""The part of the audit trail that customers may see: events of their own account, newest first."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from menpai import identifiers, rules
from menpai.audit import events
from menpai.models import AuditEvent
from menpai.sessions.tokens import Caller

# Event → what tells its kinds apart, and the kinds.
_ONE: dict[str, str] = {
    events.REGISTERED: "registered",
    events.LOGIN: "signed_in",
    events.LOGIN_FAILED: "sign_in_failed",
    events.LOGIN_BLOCKED: "sign_in_held_up",
    events.TOKEN_REUSED: "token_reused",
    events.PASSWORD_CHANGE_FAILED: "password_wrong",
}
_SEVERAL: dict[str, tuple[str, dict[str, str]]] = {
    events.PASSWORD_CHANGED: ("how", {"change": "password_changed", "recovery": "password_recovered"}),
    events.USER_UPDATED: (
        "what",
        {
            "email": "email_changed",
            "mobile": "mobile_changed",
            "email_verified": "email_verified",
            "email_refused": "email_refused",
            "social_linked": "social_linked",
            "social_unlinked": "social_unlinked",
        },
    ),
    events.SESSION_ENDED: (
        "how",
        {
            "sign_out": "signed_out",
            "device": "device_ended",
            "others": "others_ended",
            "surplus": "surplus_ended",
        },
    ),
    events.ADMIN_ACTION: (
        "what",
        {"disable": "disabled", "enable": "enabled", "end_sessions": "ended_by_staff"},
    ),
}
KINDS = (*_ONE.values(), *(kind for _, kinds in _SEVERAL.values() for kind in kinds.values()))
_SHOWN = Q(event__in=_ONE)
for _event, (_detail, _kinds) in _SEVERAL.items():
    _SHOWN |= Q(**{"event": _event, f"details__{_detail}__in": list(_kinds)})


@dataclass(frozen=True)
class Activity:
    id: int
    kind: str  # one of KINDS
    at: datetime
    browser: str  # empty when it cannot be told, and for what staff did
    system: str
    network: str  # partly masked
    times: int
    current: bool  # done by the session that asks


@dataclass(frozen=True)
class Page:
    events: list[Activity]
    before: int | None  # what the next page is asked for with; None: there is none


def list_for(caller: Caller, before: int | None = None) -> Page:
    """rules.ACTIVITY_PAGE of them, or those that came before the one with this id. One SQL statement."""
    events_of_caller = AuditEvent.objects.filter(_SHOWN, customer_id=caller.id).order_by("-pk")
    if before is not None:
        events_of_caller = events_of_caller.filter(pk__lt=before)
    rows = list(events_of_caller[: rules.ACTIVITY_PAGE + 1])
    shown = [_activity(row, caller) for row in rows[: rules.ACTIVITY_PAGE]]
    return Page(shown, shown[-1].id if len(rows) > rules.ACTIVITY_PAGE else None)


def _activity(row: AuditEvent, caller: Caller) -> Activity:
    by_staff = row.staff_id is not None
    return Activity(
        id=row.pk,
        kind=_kind(row),
        at=row.at,
        browser="" if by_staff else row.browser,
        system="" if by_staff else row.system,
        network="" if by_staff else identifiers.masked_network(row.network),
        times=row.details.get("times", 1),
        current=row.session_id == caller.session_id,
    )


def _kind(row: AuditEvent) -> str:
    if row.event in _ONE:
        return _ONE[row.event]
    detail, kinds = _SEVERAL[row.event]
    return kinds[row.details[detail]]
