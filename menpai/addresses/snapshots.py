"""Snapshots of addresses: signed copies that orders keep.

Kept here is the hash. Only for a repeat with the same Idempotency-Key the whole is kept, sealed, for some days; it goes
with its customer (docs/snapshots.md).
"""

from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from uuid_utils.compat import uuid7

from menpai import audit, errors, identifiers, rules
from menpai.addresses import book, signed_snapshot
from menpai.audit import events
from menpai.database.idempotency import IdempotencyKey
from menpai.ephemeral import Window, local
from menpai.keys import ring
from menpai.models import Snapshot

_windows = local.LocalWindows()


@dataclass(frozen=True)
class Taken:
    """A snapshot as the order service gets it."""

    id: UUID
    address: signed_snapshot.SnapshotAddress
    jws: str


@dataclass(frozen=True)
class Owner:
    """The customer whose address it is; orders know the `public_id`."""

    id: int
    public_id: UUID


def take(owner: Owner, address_id: int, order: str, key: IdempotencyKey | None = None) -> Taken:
    """Signs the address as it is now.

    Raises OrderInvalid, AddressUnknown, ClientTooFast, IdempotencyKeyReused.
    """
    _check_order(order)
    if taken := _find_taken(key):
        return taken
    _count(owner.id)
    address = book.get(owner.id, address_id)
    now, snapshot_id = timezone.now().replace(microsecond=0), uuid7()
    jws = signed_snapshot.sign(snapshot_id, owner.public_id, order, address, now)
    row = Snapshot(pk=snapshot_id, customer_id=owner.id, order=order, issued_at=now, digest=signed_snapshot.digest(jws))
    if key:
        row.request, row.body = next(iter(key.bodies.items()))
        row.sealed = ring.seal(jws, snapshot_id.hex)
    try:
        _store(row)
    except IntegrityError as error:
        if taken := _find_taken(key):  # a concurrent request was faster
            return taken
        raise errors.AddressUnknown from error  # the customer is gone
    return _taken(snapshot_id, jws)


def _store(row: Snapshot) -> None:
    """Raises IntegrityError if the request was carried out meanwhile, or the customer is gone."""
    with transaction.atomic():
        row.save(force_insert=True)
        audit.record(events.CREATED, row.customer_id, what="snapshot", id=str(row.pk))


def _check_order(order: str) -> None:
    """Raises OrderInvalid for all that would have to be changed first: it is signed as it was sent."""
    try:
        if identifiers.plain_text(order, rules.ORDER_LENGTH) != order:
            raise errors.OrderInvalid
    except errors.TextInvalid as refusal:
        raise errors.OrderInvalid from refusal


def _count(customer_id: int) -> None:
    """Counts a snapshot before it is taken. Raises ClientTooFast."""
    if exceeded := _windows.count([Window(str(customer_id), rules.SNAPSHOTS_PER_CUSTOMER)]):
        raise errors.ClientTooFast(exceeded.retry_after)


def _find_taken(key: IdempotencyKey | None) -> Taken | None:
    """The snapshot of an earlier request with this key. Raises IdempotencyKeyReused."""
    row = Snapshot.objects.filter(request__in=key.bodies).first() if key else None
    if key is None or row is None or row.request is None:
        return None
    if row.body != key.bodies[row.request]:
        raise errors.IdempotencyKeyReused
    jws = ring.unseal(row.sealed, row.pk.hex)
    if jws is None:  # its key was retired by force: a repeat is a new request
        Snapshot.objects.filter(pk=row.pk).update(request=None, body="", sealed="")
        return None
    return _taken(row.pk, jws)


def _taken(snapshot_id: UUID, jws: str) -> Taken:
    return Taken(snapshot_id, signed_snapshot.address_of(jws), jws)
