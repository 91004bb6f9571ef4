"""A word to the customer when somebody signs in on a device that they have not used before.

A device is known by its cookie; or by its browser and system, from a year of the customer's own sign-ins in the audit
trail; or, where neither can be told (a program, an unusual browser), by its network.
"""

from contextlib import suppress
from dataclasses import dataclass

from menpai import audit, delivery, errors, identifiers, limits, reads
from menpai.audit import events
from menpai.identifiers import Client
from menpai.models import Customer


@dataclass(frozen=True)
class Notice:
    customer: Customer
    place: audit.Place

    def send(self) -> None:
        """Inside the transaction that signs them in."""
        network = identifiers.masked_network(self.place.network)
        delivery.new_device(self.customer, self.place.browser, self.place.system, network)


def notice_for(customer_id: int, client: Client) -> Notice | None:
    """Before somebody is signed in, outside any transaction; None when the device is known, or when there is no proven
    mailbox to tell it to, or often enough for today."""
    place = audit.place_of(client)
    if _is_known(customer_id, client, place):
        return None
    customer = Customer.objects.filter(pk=customer_id, email_verified_at__isnull=False).first()
    if customer is None:
        return None
    with suppress(errors.TargetTooSoon, errors.StoreUnavailable):
        limits.new_device(customer_id)
        return Notice(customer, place)
    return None


def _is_known(customer_id: int, client: Client, place: audit.Place) -> bool:
    if client.known and reads.customers_device(client.device, customer_id):
        return True
    own = (customer_id, events.LOGIN, events.REGISTERED)
    if place.browser or place.system:
        return bool(reads.device_seen(*own, place.browser, place.system))
    return bool(reads.network_seen(*own, place.network))
