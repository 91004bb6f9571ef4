"""A word to the customer when somebody signs in on a device that they have not used before.

A device is known by its cookie; or by its browser, system and network together, from a year of the customer's own
sign-ins in the audit trail.
"""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from menpai import audit, errors, identifiers
from menpai.audit import events
from menpai.codes import send_limits
from menpai.database.compiled import CompiledSelect
from menpai.delivery import messages
from menpai.identifiers import Client
from menpai.models import AuditEvent, Customer
from menpai.sessions import known_devices


@dataclass(frozen=True)
class Notice:
    customer: Customer
    place: audit.Origin

    def send(self) -> None:
        """Inside the transaction that signs them in."""
        network = identifiers.masked_network(self.place.network)
        messages.send_new_device(self.customer, self.place.browser, self.place.system, network)


def find_notice(customer_id: int, client: Client) -> Notice | None:
    """The notice to send if somebody signs in on this device; None if none is due.

    None is due on a known device, without a proven mailbox, or after enough notices today. Call it before the sign-in,
    outside any transaction.
    """
    place = audit.origin_of(client)
    if _is_known(customer_id, client, place):
        return None
    customer = Customer.objects.filter(pk=customer_id, email_verified_at__isnull=False).first()
    if customer is None:
        return None
    try:
        with suppress(errors.StoreUnavailable):  # a notice to a proven mailbox does not depend on the store
            send_limits.count_new_device_notice(customer_id)
    except errors.TargetTooSoon:
        return None
    return Notice(customer, place)


def _is_known(customer_id: int, client: Client, place: audit.Origin) -> bool:
    if known_devices.is_known_to(customer_id, client):
        return True
    sign_ins = (customer_id, events.LOGIN, events.REGISTERED)
    return bool(select_device_seen(*sign_ins, place.browser, place.system, place.network))


# ── Statements ──
def _device_seen(
    customer_id: int, event: str, other: str, browser: str, system: str, network: str
) -> "QuerySet[Any, Any]":
    either = AuditEvent.objects.filter(Q(event=event) | Q(event=other), customer_id=customer_id)
    return either.filter(browser=browser, system=system, network=network).values_list("id")[:1]


_SAMPLES = (-1, "one event", "other event", "browser", "system", "sample network")
select_device_seen = CompiledSelect(_device_seen, *_SAMPLES, row=int)
