"""Browsers that somebody signed in with before, known by their device cookie."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from menpai.database.compiled import CompiledSelect
from menpai.identifiers import Client
from menpai.models import Session


def is_known(client: Client) -> bool:
    """True if anybody signed in with this browser before. One statement, if it sent a cookie."""
    return client.known and bool(select_device(client.device))


def is_known_to(customer_id: int, client: Client) -> bool:
    """True if this customer signed in with this browser before. One statement, if it sent a cookie."""
    return client.known and bool(select_customer_device(client.device, customer_id))


def _device(device: str) -> "QuerySet[Any, Any]":
    return Session.objects.filter(device=device).values_list("id")[:1]


def _customer_device(device: str, customer_id: int) -> "QuerySet[Any, Any]":
    return Session.objects.filter(device=device, customer_id=customer_id).values_list("id")[:1]


def _id(stored: UUID | str) -> UUID:
    return UUID(str(stored))  # SQLite returns text


select_device = CompiledSelect(_device, "sample", row=_id)
select_customer_device = CompiledSelect(_customer_device, "sample", -1, row=_id)
