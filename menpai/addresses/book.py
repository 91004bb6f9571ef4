"""The shipping addresses of a customer: at most rules.LIVE_ADDRESSES, exactly one of them the default while any lives.

Every query starts at the owner: a foreign address does not exist. Every change locks the owner's row first, so that
changes of one book happen one after the other; a partial unique index stands behind it (house: clear, then set).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from menpai import audit, errors, identifiers, rules
from menpai.audit import events
from menpai.database import idempotency
from menpai.database.compiled import CompiledInsert, CompiledSelect, CompiledUpdate
from menpai.models import Address, Customer

PARTS = ("province", "city", "county", "detail", "region_code")


@dataclass(slots=True)
class Entry:
    """One line of the book, under the names and in the order of the columns."""

    id: int
    address: str
    receiver: str
    mobile: str
    tag: str
    postcode: str
    is_default: bool
    province: str
    city: str
    county: str
    detail: str
    region_code: str | None


@dataclass(frozen=True)
class Place:
    """Where it goes: one text of the first generation, or four parts of the second and their join."""

    address: str
    province: str = ""
    city: str = ""
    county: str = ""
    detail: str = ""
    region_code: str | None = None  # GB/T 2260, of the county or the city


@dataclass(frozen=True)
class Draft:
    """Checked fields of a new or edited address; `postcode` None keeps what is there."""

    receiver: str
    mobile: str
    place: Place
    tag: str
    postcode: str | None


def parse_draft(
    receiver: str | None,
    mobile: str | None,
    address: str | None,
    parts: tuple[str | None, str | None, str | None, str | None],
    tag: str | None,
    postcode: str | None,
    region_code: str | None = None,
) -> Draft:
    """Raw text → a draft; `postcode` None: none was sent. Raises AddressFieldInvalid for the first bad field."""
    checked_receiver = _text("receiver", receiver, rules.RECEIVER_LENGTH)
    place = _place(address, parts, identifiers.region_code(region_code))
    try:
        checked_mobile = identifiers.mobile(mobile or "")
    except errors.MobileInvalid as no:
        raise errors.AddressFieldInvalid("mobile") from no
    checked_postcode = None if postcode is None else identifiers.postcode(postcode, rules.POSTCODE_LENGTH)
    if postcode is not None and checked_postcode is None:
        raise errors.AddressFieldInvalid("postcode")
    return Draft(checked_receiver, checked_mobile, place, _text("tag", tag, rules.TAG_LENGTH), checked_postcode)


def list_for(customer_id: int) -> list[Entry]:
    """The default first, then newest first. One SQL statement."""
    return select_addresses(customer_id)


def add(customer_id: int, new: Draft, key: idempotency.IdempotencyKey | None = None) -> list[Entry]:
    """The whole book afterwards. The first address becomes the default. Raises AddressBookFull."""
    with _locked(customer_id):
        defaults = select_defaults(customer_id)
        if len(defaults) >= rules.LIVE_ADDRESSES:
            raise errors.AddressBookFull
        values = _values(new) | {"postcode": new.postcode or "", "is_default": not any(defaults)}
        address = Address(customer_id=customer_id, **values)
        insert_address(address)
        idempotency.record_request(key, address.pk)
        audit.record(events.CREATED, customer_id, what="address", id=address.pk)
        return list_for(customer_id)


def edit(customer_id: int, address_id: int, new: Draft) -> list[Entry]:
    """Raises AddressUnknown."""
    values = _values(new)
    with _locked(customer_id) as book:
        was = book.filter(pk=address_id).values_list("address", "province", "city", "county").first()
        if was is None:
            raise errors.AddressUnknown
        place = new.place
        if was[0] == place.address and not place.province:
            # A first-generation page sends the joined text back unread: the parts behind it stay.
            for part in PARTS:
                del values[part]
        elif was[1:] == (place.province, place.city, place.county) and not place.region_code:
            del values["region_code"]  # a second-generation page knows none: the same county keeps its own
        book.filter(pk=address_id).update(used_at=timezone.now(), **values)
        audit.record(events.UPDATED, customer_id, what="address", id=address_id)
        return list_for(customer_id)


def remove(customer_id: int, address_id: int) -> list[Entry]:
    """Soft. When the default goes, the most recently used of the others takes its place. Raises AddressUnknown."""
    with _locked(customer_id) as book:
        if not book.filter(pk=address_id).update(deleted_at=timezone.now(), is_default=False):
            raise errors.AddressUnknown
        heir = book.order_by("-is_default", "-used_at", "-pk").values_list("pk", "is_default").first()
        if heir and not heir[1]:
            book.filter(pk=heir[0]).update(is_default=True)
        audit.record(events.DELETED, customer_id, what="address", id=address_id)
        return list_for(customer_id)


def set_default(customer_id: int, address_id: int) -> list[Entry]:
    """Raises AddressUnknown, and then changes nothing."""
    with _locked(customer_id):
        # A single UPDATE of both rows fails against the unique index (698 of 800 calls when measured): clear, then set.
        clear_default(customer_id, address_id)
        if not mark_default(customer_id, address_id, timezone.now()):
            raise errors.AddressUnknown
        audit.record(events.UPDATED, customer_id, what="default_address", id=address_id)
        return list_for(customer_id)


def restore(customer_id: int, address_id: int, *, as_default: bool) -> list[Entry]:
    """Take a deletion of the last rules.ADDRESS_UNDO back, or bring back what a recovery put aside.

    Raises AddressUnknown, AddressBookFull.
    """
    with _locked(customer_id) as book:
        defaults = select_defaults(customer_id)
        lately = Q(deleted_at__gt=timezone.now() - rules.ADDRESS_UNDO)
        gone = Address.objects.filter(lately | Q(set_aside_at__isnull=False), customer_id=customer_id, pk=address_id)
        if not gone.values_list("pk"):
            raise errors.AddressUnknown
        if len(defaults) >= rules.LIVE_ADDRESSES:
            raise errors.AddressBookFull
        if as_default:
            book.filter(is_default=True).update(is_default=False)
        gone.update(deleted_at=None, set_aside_at=None, is_default=as_default or not any(defaults))
        audit.record(events.CREATED, customer_id, what="address", id=address_id, restored=True)
        return list_for(customer_id)


def list_archived(customer_id: int) -> list[Entry]:
    """What a recovery put aside, newest first. One SQL statement."""
    aside = Address.objects.filter(customer_id=customer_id, set_aside_at__isnull=False).order_by("-pk")
    names = [field.name for field in fields(Entry)]
    return [Entry(*row) for row in aside.values_list(*names)]


def get_default(customer_id: int) -> Entry:
    """One SQL statement. Raises NoDefaultAddress."""
    first = next(iter(list_for(customer_id)), None)
    if first is None or not first.is_default:
        raise errors.NoDefaultAddress
    return first


def archive_all(customer_id: int) -> None:
    """Inside a transaction that holds the customer's row: put every live address away, restorably."""
    now = timezone.now()
    Address.objects.filter(customer_id=customer_id, deleted_at__isnull=True).update(
        deleted_at=now, set_aside_at=now, is_default=False
    )


@contextmanager
def _locked(customer_id: int) -> Iterator["QuerySet[Address]"]:
    """A transaction that holds the owner's row; gives the owner's live addresses."""
    with transaction.atomic():
        lock_owner(customer_id)
        yield Address.objects.filter(customer_id=customer_id, deleted_at__isnull=True)


def _values(new: Draft) -> dict[str, Any]:
    values: dict[str, Any] = {"receiver": new.receiver, "mobile": new.mobile, "tag": new.tag}
    values |= {field.name: getattr(new.place, field.name) for field in fields(Place)}
    if new.postcode is not None:
        values["postcode"] = new.postcode
    return values


def _text(field: str, raw: str | None, longest: int) -> str:
    text = identifiers.plain_text(raw or "", longest)
    if text is None:
        raise errors.AddressFieldInvalid(field)
    return text


def _place(address: str | None, parts: tuple[str | None, ...], region_code: str | None) -> Place:
    if not any(parts):
        return Place(_text("address", address, rules.ADDRESS_LENGTH))
    province, detail = (_text("address", part, rules.ADDRESS_LENGTH) for part in (parts[0], parts[3]))
    # Some cities have no counties, and four have no city between province and county.
    city, county = (_text("address", part, rules.ADDRESS_LENGTH) if part else "" for part in parts[1:3])
    joined = _text("address", f"{province}{city}{county}{detail}", rules.ADDRESS_LENGTH)
    return Place(joined, province, city, county, detail, region_code)


# ── Statements ──
def _addresses(customer_id: int) -> "QuerySet[Any, Any]":
    live = Address.objects.filter(customer_id=customer_id, deleted_at__isnull=True)
    return live.order_by("-is_default", "-id").values_list(*(field.name for field in fields(Entry)))


def _owner(customer_id: int) -> "QuerySet[Any, Any]":
    # Inside a transaction: the second one waits here. The lock is wanted, not the row.
    return Customer.objects.select_for_update(no_key=True).filter(pk=customer_id).values_list("id")


def _defaults(customer_id: int) -> "QuerySet[Any, Any]":
    return Address.objects.filter(customer_id=customer_id, deleted_at__isnull=True).values_list("is_default")


def _clear_default(customer_id: int, kept_id: int) -> tuple["QuerySet[Any, Any]", dict[str, Any]]:
    book = Address.objects.filter(customer_id=customer_id, deleted_at__isnull=True)
    return book.filter(~Q(pk=kept_id), is_default=True), {"is_default": False}


def _mark_default(customer_id: int, address_id: int, now: datetime) -> tuple["QuerySet[Any, Any]", dict[str, Any]]:
    book = Address.objects.filter(customer_id=customer_id, deleted_at__isnull=True)
    return book.filter(pk=address_id), {"is_default": True, "used_at": now}


select_addresses = CompiledSelect(_addresses, -1, row=Entry)
lock_owner = CompiledSelect(_owner, -1, row=int)
select_defaults = CompiledSelect(_defaults, -1, row=bool)
insert_address = CompiledInsert(Address)
clear_default = CompiledUpdate(_clear_default, -7, -8)
mark_default = CompiledUpdate(_mark_default, -7, -8, datetime(2000, 1, 1, tzinfo=UTC))
