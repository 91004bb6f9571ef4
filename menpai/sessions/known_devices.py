"""Browsers in which a customer signed in before, known by their device cookie.

Anybody has browsers in which they signed in themselves: that *somebody* was here before says nothing.
"""

from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from menpai.database.compiled import CompiledSelect
from menpai.identifiers import Client
from menpai.models import Session


def is_known_to(customer_id: int, client: Client) -> bool:
    """True if this customer signed in with this browser before. One statement, if it sent a cookie."""
    return client.known and bool(select_customer_device(client.device, customer_id))


def is_known_to_owner(target: str, client: Client) -> bool:
    """True if the owner of this mobile or e-mail (its key) signed in with this browser before.

    The owner has proven it. One statement, if it sent a cookie.
    """
    return client.known and bool(select_owner_device(client.device, target))


def forget(customer_id: int, kept: str = "") -> None:
    """Makes this customer's browsers unknown, but for the one with the device cookie `kept`."""
    known = Session.objects.filter(customer_id=customer_id).exclude(device__in=("", kept))
    known.update(device="")


def _customer_device(device: str, customer_id: int) -> "QuerySet[Any, Any]":
    return Session.objects.filter(device=device, customer_id=customer_id).values_list("id")[:1]


def _owner_device(device: str, target: str) -> "QuerySet[Any, Any]":
    mobile = Q(customer__mobile=target, customer__mobile_verified_at__isnull=False)
    email = Q(customer__email_key=target, customer__email_verified_at__isnull=False)
    return Session.objects.filter(mobile | email, device=device).values_list("id")[:1]


def _id(stored: UUID | str) -> UUID:
    return UUID(str(stored))  # SQLite returns text


select_customer_device = CompiledSelect(_customer_device, "sample", -1, row=_id)
select_owner_device = CompiledSelect(_owner_device, "sample", "sample target", row=_id)
