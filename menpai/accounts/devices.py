"""Where a customer is signed in, and signing out: here, there, everywhere else."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from menpai import audit, errors, identifiers, user_agents
from menpai.audit import events
from menpai.models import Session
from menpai.sessions import tokens
from menpai.sessions.tokens import Caller


@dataclass(frozen=True)
class Device:
    id: UUID
    current: bool
    browser: str  # empty when it cannot be told
    system: str
    network: str  # partly masked
    signed_in_at: datetime
    last_seen_at: datetime
    expires_at: datetime


def list_for(caller: Caller) -> list[Device]:
    """This device first, then by when they were last seen. One SQL statement."""
    living = Session.objects.filter(customer_id=caller.id, ended_at__isnull=True, expires_at__gt=timezone.now())
    devices = [_device(session, caller) for session in living.order_by("-last_seen_at", "-pk")]
    return sorted(devices, key=lambda device: not device.current)


def sign_out(caller: Caller) -> None:
    with transaction.atomic():
        if tokens.end(caller.id, caller.session_id):
            audit.record(events.SESSION_ENDED, caller.id, how="sign_out")


def end(caller: Caller, device_id: UUID) -> None:
    """Ends one session of the customer. Raises DeviceUnknown."""
    with transaction.atomic():
        if not tokens.end(caller.id, device_id):
            raise errors.DeviceUnknown
        audit.record(events.SESSION_ENDED, caller.id, how="device", ended=device_id.hex)


def end_others(caller: Caller) -> None:
    with transaction.atomic():
        if ended := tokens.end_others(caller.id, caller.session_id):
            audit.record(events.SESSION_ENDED, caller.id, how="others", many=ended)


def _device(session: Session, caller: Caller) -> Device:
    return Device(
        id=session.pk,
        current=session.pk == caller.session_id,
        browser=user_agents.browser(session.user_agent),
        system=user_agents.system(session.user_agent),
        network=identifiers.masked_network(session.network),
        signed_in_at=session.created_at,
        last_seen_at=session.last_seen_at or session.created_at,
        expires_at=session.expires_at,
    )
