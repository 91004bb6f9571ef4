"""Signed snapshots of addresses, which orders keep."""

from typing import Annotated

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field, StrictStr

from menpai import errors, identifiers, rules
from menpai.addresses import signed_snapshot, snapshots
from menpai.contracts.api import common, schemas
from menpai.contracts.api.auth import signed_in
from menpai.contracts.api.ninja import operation

router = Router(tags=["addresses"])


class OrderIn(schemas.RequestBody):
    order: StrictStr = Field(description=f"The shop's own number of the order, 1–{rules.ORDER_LENGTH} characters.")


class Snapshot(Schema):
    id: str
    address: signed_snapshot.SnapshotAddress
    jws: str = Field(description="To be kept with the order: the same address, signed. docs/snapshots.md verifies it.")


@operation(
    router,
    "POST",
    "/me/addresses/{int:address_id}/snapshots",
    (201, Snapshot),
    errors.OrderInvalid,
    errors.AddressUnknown,
    repeatable=True,
)
def take_snapshot(request: HttpRequest, address_id: Annotated[int, Field(ge=0)], body: OrderIn) -> Snapshot:
    """For an order service that holds the customer's token."""
    caller = signed_in(request)
    number = identifiers.row_id(address_id)
    if number is None:
        raise errors.AddressUnknown
    key = common.idempotency_key(request, "snapshot", str(caller.id), about=f"{number}|")
    taken = snapshots.take(snapshots.Owner(caller.id, caller.public_id), number, body.order, key)
    return Snapshot(id=str(taken.id), address=taken.address, jws=taken.jws)
