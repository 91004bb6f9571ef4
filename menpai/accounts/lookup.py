"""Customers by what they sign in with: a user name, a proven mobile, a proven e-mail.

The row of a new customer is made here too.
"""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import IntegrityError
from django.db.models import QuerySet

from menpai import errors
from menpai.database import violated_constraint
from menpai.database.compiled import CompiledInsert, CompiledSelect
from menpai.models import Customer


class Account(NamedTuple):
    """The columns of a customer that sign-in reads. On SQLite `public_id` is text."""

    id: int
    public_id: UUID | str
    username: str | None
    mobile: str | None
    email_verified_at: datetime | None
    password: str
    disabled_at: datetime | None


def insert(customer: Customer) -> None:
    """Inserts a new customer; the constraints settle every race.

    Raises UsernameTaken, MobileTaken, which must end the transaction.
    """
    try:
        insert_customer(customer)
    except IntegrityError as error:
        raise _taken(error) from error


def _taken(error: IntegrityError) -> Exception:
    violated = violated_constraint.name(error)
    if "username_key" in violated:
        return errors.UsernameTaken()
    if "verified_mobile" in violated or "customer.mobile" in violated:
        return errors.MobileTaken()
    return error


def _by_username(key: str) -> "QuerySet[Any, Any]":
    return Customer.objects.filter(username_key=key).values_list(*Account._fields)


def _by_mobile(key: str) -> "QuerySet[Any, Any]":
    return Customer.objects.filter(mobile=key, mobile_verified_at__isnull=False).values_list(*Account._fields)


def _by_email(key: str) -> "QuerySet[Any, Any]":
    return Customer.objects.filter(email_key=key, email_verified_at__isnull=False).values_list(*Account._fields)


def _owner_of_mobile(mobile: str) -> "QuerySet[Any, Any]":
    return Customer.objects.filter(mobile=mobile, mobile_verified_at__isnull=False).values_list("id")


select_by_username = CompiledSelect(_by_username, "sample", row=Account)
select_by_mobile = CompiledSelect(_by_mobile, "sample", row=Account)
select_by_email = CompiledSelect(_by_email, "sample", row=Account)
select_owner_of_mobile = CompiledSelect(_owner_of_mobile, "sample", row=int)
insert_customer = CompiledInsert(Customer)
