"""The mark of a customer's present credentials, part of every one-time secret for a customer.

A new password and a disabled account change the mark, and so does another mobile or e-mail for what was sent to it.
`one_time.spend` compares it with the customer's row, which its caller holds: what was issued before has ended, without
anybody looking for it. A secret of no customer yet carries the time of its issue instead.
"""

import hashlib
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple

from django.db.models import QuerySet

from menpai.database import compiled
from menpai.database.compiled import CompiledSelect
from menpai.models import Customer

Channel = Literal["", "mobile", "email"]
_UNCHANGED = "0" * 8  # the credentials are those of the beginning; or the secret was sent to nothing proven


class Credentials(NamedTuple):
    """The columns that a mark is made of."""

    password_changed_at: datetime | None
    last_disabled_at: datetime | None
    mobile_verified_at: datetime | None
    email_verified_at: datetime | None


def mark_of(customer: Customer | Credentials, channel: Channel = "", *, outlives_password: bool = False) -> str:
    """The mark for a secret of this customer; `channel`: where it is sent, if it ends with that."""
    changed = None if outlives_password else customer.password_changed_at
    contact = getattr(customer, f"{channel}_verified_at") if channel else None
    return f"{_digest('credentials', changed, customer.last_disabled_at)}-{_digest(channel, contact)}"


def mark_of_owner(mobile: str) -> str:
    """The mark for a code by SMS to the customer who has proven this mobile; blank without one.

    One SQL statement.
    """
    row = next(iter(select_owner(mobile)), None)
    return mark_of(Credentials(*(moment and compiled.aware(moment) for moment in row)), "mobile") if row else ""


def is_current(mark: str, customer: Customer, *, outlives_password: bool = False) -> bool:
    """True if nothing has changed since the secret with this mark was issued.

    One without a mark was issued by the version before, or before anybody had proven the number.
    """
    if mark and not has_owner(mark):
        return not _is_older(mark, customer)
    credentials, _, contact = (mark or f"{_UNCHANGED}-{_UNCHANGED}").partition("-")
    now, _, _ = mark_of(customer, outlives_password=outlives_password).partition("-")
    contacts = {_digest("mobile", customer.mobile_verified_at), _digest("email", customer.email_verified_at)}
    return credentials == now and contact in contacts | {_UNCHANGED}


def mark_of_time(moment: datetime) -> str:
    """The mark for a secret that stands for no customer yet."""
    return f"{int(moment.timestamp() * 1000):x}"


def has_owner(mark: str) -> bool:
    """True for the mark of a customer's credentials, False for a mark of the time and for none."""
    return "-" in mark


def _is_older(mark: str, customer: Customer) -> bool:
    changes = [moment for moment in (customer.password_changed_at, customer.last_disabled_at) if moment]
    return any(int(mark, 16) / 1000 <= moment.timestamp() for moment in changes)


def _digest(name: str, *moments: datetime | None) -> str:
    """Eight digits that differ for other times; nobody can choose these."""
    if not any(moments):
        return _UNCHANGED
    texts = [moment.astimezone(UTC).isoformat() if moment else "" for moment in moments]
    return hashlib.sha256("|".join([name, *texts]).encode()).hexdigest()[:8]


def _owner(mobile: str) -> "QuerySet[Any, Any]":
    return Customer.objects.filter(mobile=mobile, mobile_verified_at__isnull=False).values_list(*Credentials._fields)


select_owner = CompiledSelect(_owner, "sample", row=Credentials)
