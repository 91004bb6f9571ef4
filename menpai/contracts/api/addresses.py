"""The address book. Every change answers the whole book."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Annotated

from django.http import HttpRequest
from ninja import Router
from pydantic import BeforeValidator, Field, StrictBool, StrictInt, StrictStr

from menpai import errors, identifiers, rules
from menpai.addresses import book as address_book
from menpai.addresses import checks, record
from menpai.contracts.api import common, schemas
from menpai.contracts.api.auth import signed_in
from menpai.contracts.api.ninja import operation

router = Router(tags=["addresses"])
ONE = "/me/addresses/{int:address_id}"


def _whole(number: object) -> object:
    return int(number) if isinstance(number, float) and number.is_integer() else number  # 7.0 is an integer in JSON


RowId = Annotated[StrictInt, Field(ge=0, lt=2**63), BeforeValidator(_whole)]
PathId = Annotated[int, Field(ge=0)]


class AddressIn(schemas.RequestBody):
    """Either `address`, one text, or `province` … `detail`, which are joined.

    An edit of an address in the same county keeps the region code and the town that it does not send; `""` is none.
    """

    receiver: StrictStr = Field(description=f"Up to {rules.RECEIVER_LENGTH} characters.")
    mobile: StrictStr = Field(
        description="A mobile, a landline with area code, 400 or 800; with + a number of a region that the shop allows."
    )
    extension: StrictStr | None = Field(
        None, description="Of `mobile`, behind which it may stand too: up to six digits."
    )
    tag: StrictStr
    address: StrictStr | None = Field(None, description=f"Up to {rules.ADDRESS_LENGTH} characters, joined or not.")
    province: StrictStr | None = None
    city: StrictStr | None = None
    county: StrictStr | None = None
    town: StrictStr | None = None
    detail: StrictStr | None = None
    region_code: StrictStr | None = Field(None, description="GB/T 2260, six digits; or nine, of the town.")
    town_code: StrictStr | None = Field(None, description="Nine digits, of which the first six are `region_code`.")
    postcode: StrictStr | None = None


class RestoreIn(schemas.RequestBody):
    is_default: StrictBool = False


class DefaultIn(schemas.RequestBody):
    id: RowId


@dataclass(frozen=True)
class Address(record.Address):
    # (A docstring would stand in the OpenAPI document.)
    warnings: list[checks.AddressWarning]


@dataclass(frozen=True)
class Book:
    addresses: Annotated[list[Address], Field(description="The default first, then newest first.")]
    limit: int
    changed: Annotated[int | None, Field(description="The address that was added, changed or restored.")]


@dataclass(frozen=True)
class Addresses:
    addresses: list[Address]


@operation(router, "GET", "/me/addresses", (200, Book), select=address_book.select_with_session)
def list_addresses(request: HttpRequest) -> Book:
    return _book(signed_in(request).rows)


@operation(
    router,
    "POST",
    "/me/addresses",
    (201, Book),
    errors.AddressFieldInvalid,
    errors.RegionCodeUnknown,
    errors.AddressBookFull,
    repeatable=True,
)
def add_address(request: HttpRequest, body: AddressIn) -> Book:
    """The first one becomes the default."""
    owner, new = _owner(request), _draft(body)
    key = common.idempotency_key(request, "add-address", str(owner))

    def add() -> Book:
        entries = address_book.add(owner, new, key)
        return _book(entries, max(entry.id for entry in entries))  # ids grow

    return common.run_once(key, add, lambda subject: _book(address_book.list_for(owner), int(subject)))


@operation(router, "PUT", ONE, (200, Book), errors.AddressFieldInvalid, errors.RegionCodeUnknown, errors.AddressUnknown)
def edit_address(request: HttpRequest, address_id: PathId, body: AddressIn) -> Book:
    entries = address_book.edit(_owner(request), _id(address_id), partial(_draft, body))
    return _book(entries, address_id)


@operation(router, "DELETE", ONE, (200, Book), errors.AddressUnknown)
def remove_address(request: HttpRequest, address_id: PathId) -> Book:
    """Can be taken back for some minutes: see restore."""
    return _book(address_book.remove(_owner(request), _id(address_id)))


@operation(router, "POST", f"{ONE}/restore", (200, Book), errors.AddressUnknown, errors.AddressBookFull)
def restore_address(request: HttpRequest, address_id: PathId, body: RestoreIn) -> Book:
    """Takes a deletion back, or brings back what a recovery put aside."""
    entries = address_book.restore(_owner(request), _id(address_id), as_default=body.is_default)
    return _book(entries, address_id)


@operation(router, "GET", "/me/addresses/set-aside", (200, Addresses))
def list_set_aside(request: HttpRequest) -> Addresses:
    """Entered before the e-mail was proven, and put aside when it was, by a recovery."""
    return Addresses(addresses=_checked(address_book.list_archived(_owner(request))))


@operation(
    router,
    "GET",
    "/me/addresses/default",
    (200, Address),
    errors.NoDefaultAddress,
    select=address_book.select_with_session,
)
def get_default_address(request: HttpRequest) -> Address:
    """For an order service that holds the customer's token."""
    [address] = _checked([address_book.default_of(signed_in(request).rows)])
    return address


@operation(router, "PUT", "/me/addresses/default", (200, Book), errors.AddressUnknown)
def set_default_address(request: HttpRequest, body: DefaultIn) -> Book:
    return _book(address_book.set_default(_owner(request), _id(body.id)), body.id)


def _owner(request: HttpRequest) -> int:
    return signed_in(request).id


def _id(number: int) -> int:
    address_id = identifiers.row_id(number)
    if address_id is None:
        raise errors.AddressUnknown
    return address_id


def _draft(body: AddressIn, held: record.Draft | None = None) -> record.Draft:
    # Without a postcode the old one would stay; but here an address is sent as a whole.
    draft = record.parse(body.model_dump() | {"postcode": body.postcode or None}, held)
    return draft if body.postcode else replace(draft, postcode="")


def _book(addresses: Sequence[record.Address], changed: int | None = None) -> Book:
    return Book(addresses=_checked(addresses), limit=rules.LIVE_ADDRESSES, changed=changed)


def _checked(addresses: Sequence[record.Address]) -> list[Address]:
    return [Address(**vars(address), warnings=checks.check(address)) for address in addresses]
