"""The shipping addresses of a customer: at most rules.LIVE_ADDRESSES, one of them the default.

Every query starts at the owner: a foreign address does not exist. Every change locks the owner's row first, so that
changes of one book happen one after the other; a partial unique index stands behind it.
"""

import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, FilteredRelation, Q, QuerySet
from django.utils import timezone

from menpai import audit, errors, rules
from menpai.addresses import record
from menpai.addresses.record import Draft
from menpai.audit import events
from menpai.database import compiled, idempotency, repeats
from menpai.database.compiled import CompiledInsert, CompiledSelect, CompiledUpdate
from menpai.models import Address, Customer, Session
from menpai.sessions import tokens


def list_for(customer_id: int) -> list[record.Address]:
    """The default first, then newest first. One SQL statement."""
    return select_addresses(customer_id)


def add(customer_id: int, new: Draft, key: idempotency.IdempotencyKey | None = None) -> list[record.Address]:
    """The whole book afterwards. The first address becomes the default. Raises AddressBookFull."""
    with _locked(customer_id):
        defaults = select_defaults(customer_id)
        if len(defaults) >= rules.LIVE_ADDRESSES:
            raise errors.AddressBookFull
        values = record.to_columns(new) | {"postcode": new.postcode or "", "is_default": not any(defaults)}
        address = Address(customer_id=customer_id, **values)
        insert_address(address)
        idempotency.record_request(key, address.pk)
        repeats.note(address.pk)
        audit.record(events.CREATED, customer_id, what="address", id=address.pk)
        return list_for(customer_id)


def edit(customer_id: int, address_id: int, parse: Callable[[Draft | None], Draft]) -> list[record.Address]:
    """Replaces an address; the whole book afterwards. Raises AddressUnknown.

    `parse` makes the new draft out of the row, None if there is none, and refuses bad fields first.
    """
    with _locked(customer_id) as book:
        row = book.filter(pk=address_id).values_list(*record.COLUMNS).first()
        new = parse(record.from_row(*row) if row else None)
        if not row:
            raise errors.AddressUnknown
        book.filter(pk=address_id).update(used_at=timezone.now(), **record.to_columns(new))
        audit.record(events.UPDATED, customer_id, what="address", id=address_id)
        return list_for(customer_id)


def remove(customer_id: int, address_id: int) -> list[record.Address]:
    """Deletes an address softly; the whole book afterwards. Raises AddressUnknown.

    When the default goes, the most recently used of the others takes its place.
    """
    with _locked(customer_id) as book:
        if not book.filter(pk=address_id).update(deleted_at=timezone.now(), is_default=False):
            raise errors.AddressUnknown
        heir = book.order_by("-is_default", "-used_at", "-pk").values_list("pk", "is_default").first()
        if heir and not heir[1]:
            book.filter(pk=heir[0]).update(is_default=True)
        repeats.note(address_id)
        audit.record(events.DELETED, customer_id, what="address", id=address_id)
        return list_for(customer_id)


def set_default(customer_id: int, address_id: int) -> list[record.Address]:
    """Makes an address the default; the whole book afterwards. Raises AddressUnknown."""
    event = audit.new_event(events.UPDATED, customer_id, what="default_address", id=address_id)
    _, _, (_, marked), _, (rows, _) = compiled.execute_together(
        lock_owner.statement(customer_id),
        # A single UPDATE of both rows fails against the unique index (698 of 800 calls when measured): clear, then set.
        clear_default.statement(customer_id, address_id),
        mark_default.statement(customer_id, address_id, timezone.now()),
        audit.insert_event.statement_where(event, select_live.statement(customer_id, address_id)),
        select_addresses.statement(customer_id),
    )
    if not marked:  # then nothing was changed or recorded
        raise errors.AddressUnknown
    audit.count_recorded(event)
    return [record.from_row(*row) for row in rows]


def restore(customer_id: int, address_id: int, *, as_default: bool) -> list[record.Address]:
    """Brings back an address that was deleted a moment ago, or that `list_archived` shows.

    A deletion can be undone for rules.ADDRESS_UNDO. Raises AddressUnknown, AddressBookFull.
    """
    with _locked(customer_id) as book:
        defaults = select_defaults(customer_id)
        deleted = Q(deleted_at__gt=timezone.now() - rules.ADDRESS_UNDO, set_aside_at__isnull=True)
        gone = Address.objects.filter(deleted | _IS_SHOWN_AGAIN, customer_id=customer_id, pk=address_id)
        if not gone.values_list("pk"):
            raise errors.AddressUnknown
        if len(defaults) >= rules.LIVE_ADDRESSES:
            raise errors.AddressBookFull
        if as_default:
            book.filter(is_default=True).update(is_default=False)
        gone.update(deleted_at=None, set_aside_at=None, set_aside_mobile="", is_default=as_default or not any(defaults))
        audit.record(events.CREATED, customer_id, what="address", id=address_id, restored=True)
        return list_for(customer_id)


def list_archived(customer_id: int) -> list[record.Address]:
    """The addresses that a recovery archived, newest first. One SQL statement.

    Only while the customer has proven the number that the account had then: whoever has the mailbox alone is perhaps
    not the person who entered them.
    """
    aside = Address.objects.filter(_IS_SHOWN_AGAIN, customer_id=customer_id).order_by("-pk")
    return [record.from_row(*row) for row in aside.values_list(*record.COLUMNS)]


def default_of(book: Sequence[record.Address]) -> record.Address:
    """The default of a whole book. Raises NoDefaultAddress."""
    first = next(iter(book), None)
    if first is None or not first.is_default:
        raise errors.NoDefaultAddress
    return first


def get(customer_id: int, address_id: int) -> record.Address:
    """One SQL statement. Raises AddressUnknown."""
    for address in list_for(customer_id):
        if address.id == address_id:
            return address
    raise errors.AddressUnknown


def archive_all(customer: Customer) -> None:
    """Inside a transaction that holds the customer's row: puts every live address away, restorably."""
    now = timezone.now()
    Address.objects.filter(customer_id=customer.pk, deleted_at__isnull=True).update(
        deleted_at=now, set_aside_at=now, set_aside_mobile=customer.mobile or "", is_default=False
    )


_IS_SHOWN_AGAIN = Q(
    set_aside_at__isnull=False,
    set_aside_mobile=F("customer__mobile"),
    customer__mobile_verified_at__isnull=False,
)


@contextmanager
def _locked(customer_id: int) -> Iterator["QuerySet[Address]"]:
    """A transaction that holds the owner's row; gives the owner's live addresses."""
    with transaction.atomic():
        lock_owner(customer_id)
        yield Address.objects.filter(customer_id=customer_id, deleted_at__isnull=True)


# ── Statements ──
def _addresses(customer_id: int) -> "QuerySet[Any, Any]":
    live = Address.objects.filter(customer_id=customer_id, deleted_at__isnull=True)
    return live.order_by("-is_default", "-id").values_list(*record.COLUMNS)


def _with_session(session_id: uuid.UUID) -> "QuerySet[Any, Any]":
    live = FilteredRelation("customer__addresses", condition=Q(customer__addresses__deleted_at__isnull=True))
    book = Session.objects.filter(pk=session_id).annotate(live=live).order_by("-live__is_default", "-live__id")
    return book.values_list(*tokens.COLUMNS, *(f"live__{name}" for name in record.COLUMNS))


def _owner(customer_id: int) -> "QuerySet[Any, Any]":
    # Inside a transaction: the second one waits here. The lock is wanted, not the row.
    return Customer.objects.select_for_update(no_key=True).filter(pk=customer_id).values_list("id")


def _defaults(customer_id: int) -> "QuerySet[Any, Any]":
    return Address.objects.filter(customer_id=customer_id, deleted_at__isnull=True).values_list("is_default")


def _clear_default(customer_id: int, kept_id: int) -> tuple["QuerySet[Any, Any]", dict[str, Any]]:
    book = Address.objects.filter(customer_id=customer_id, deleted_at__isnull=True)
    return book.filter(~Q(pk=kept_id), Exists(book.filter(pk=kept_id)), is_default=True), {"is_default": False}


def _live(customer_id: int, address_id: int) -> "QuerySet[Any, Any]":
    return Address.objects.filter(customer_id=customer_id, deleted_at__isnull=True, pk=address_id).values_list("id")


def _mark_default(customer_id: int, address_id: int, now: datetime) -> tuple["QuerySet[Any, Any]", dict[str, Any]]:
    book = Address.objects.filter(customer_id=customer_id, deleted_at__isnull=True)
    return book.filter(pk=address_id), {"is_default": True, "used_at": now}


select_addresses = CompiledSelect(_addresses, -1, row=record.from_row)
select_with_session = CompiledSelect(_with_session, uuid.UUID(int=1), row=tokens.with_session(record.from_row))
lock_owner = CompiledSelect(_owner, -1, row=int)
select_defaults = CompiledSelect(_defaults, -1, row=bool)
select_live = CompiledSelect(_live, -1, -2, row=int)
insert_address = CompiledInsert(Address)
clear_default = CompiledUpdate(_clear_default, -7, -8)
mark_default = CompiledUpdate(_mark_default, -7, -8, datetime(2000, 1, 1, tzinfo=UTC))
