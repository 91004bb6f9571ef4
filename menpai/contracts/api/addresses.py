"""The address book. Every change answers the whole book."""

from dataclasses import replace

from django.http import HttpRequest
from ninja import Router

from menpai import errors, identifiers, rules
from menpai.addresses import book as address_book
from menpai.addresses import record
from menpai.contracts.api import common, schemas
from menpai.contracts.api.auth import signed_in
from menpai.contracts.api.ninja import operation

router = Router(tags=["addresses"])
ONE = "/me/addresses/{int:address_id}"


@operation(router, "GET", "/me/addresses", (200, schemas.Book))
def list_addresses(request: HttpRequest) -> schemas.Book:
    return _book(address_book.list_for(_owner(request)))


@operation(
    router,
    "POST",
    "/me/addresses",
    (201, schemas.Book),
    errors.AddressFieldInvalid,
    errors.AddressBookFull,
    repeatable=True,
)
def add_address(request: HttpRequest, body: schemas.AddressIn) -> schemas.Book:
    """The first one becomes the default."""
    owner, new = _owner(request), _draft(body)
    key = common.idempotency_key(request, "add-address", str(owner))

    def add() -> schemas.Book:
        entries = address_book.add(owner, new, key)
        return _book(entries, max(entry.id for entry in entries))  # ids grow

    return common.run_once(key, add, lambda subject: _book(address_book.list_for(owner), int(subject)))


@operation(router, "PUT", ONE, (200, schemas.Book), errors.AddressFieldInvalid, errors.AddressUnknown)
def edit_address(request: HttpRequest, address_id: schemas.PathId, body: schemas.AddressIn) -> schemas.Book:
    entries = address_book.edit(_owner(request), _id(address_id), _draft(body))
    return _book(entries, address_id)


@operation(router, "DELETE", ONE, (200, schemas.Book), errors.AddressUnknown)
def remove_address(request: HttpRequest, address_id: schemas.PathId) -> schemas.Book:
    """Can be taken back for some minutes: see restore."""
    return _book(address_book.remove(_owner(request), _id(address_id)))


@operation(router, "POST", f"{ONE}/restore", (200, schemas.Book), errors.AddressUnknown, errors.AddressBookFull)
def restore_address(request: HttpRequest, address_id: schemas.PathId, body: schemas.RestoreIn) -> schemas.Book:
    """Takes a deletion back, or brings back what a recovery put aside."""
    entries = address_book.restore(_owner(request), _id(address_id), as_default=body.is_default)
    return _book(entries, address_id)


@operation(router, "GET", "/me/addresses/set-aside", (200, schemas.Addresses))
def list_set_aside(request: HttpRequest) -> schemas.Addresses:
    """Entered before the e-mail was proven, and put aside when it was, by a recovery."""
    return schemas.Addresses(addresses=address_book.list_archived(_owner(request)))


@operation(router, "GET", "/me/addresses/default", (200, record.Address), errors.NoDefaultAddress)
def get_default_address(request: HttpRequest) -> record.Address:
    """For an order service that holds the customer's token."""
    return address_book.get_default(_owner(request))


@operation(router, "PUT", "/me/addresses/default", (200, schemas.Book), errors.AddressUnknown)
def set_default_address(request: HttpRequest, body: schemas.DefaultIn) -> schemas.Book:
    return _book(address_book.set_default(_owner(request), _id(body.id)), body.id)


def _owner(request: HttpRequest) -> int:
    return signed_in(request).id


def _id(number: int) -> int:
    found = identifiers.row_id(number)
    if found is None:
        raise errors.AddressUnknown
    return found


def _draft(body: schemas.AddressIn) -> record.Draft:
    # Without a postcode the old one would stay; but here an address is sent as a whole.
    draft = record.parse(body.model_dump() | {"postcode": body.postcode or None})
    return draft if body.postcode else replace(draft, postcode="")


def _book(addresses: list[record.Address], changed: int | None = None) -> schemas.Book:
    return schemas.Book(addresses=addresses, limit=rules.LIVE_ADDRESSES, changed=changed)
