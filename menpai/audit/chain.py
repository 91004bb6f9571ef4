"""The rows become a chain: each sealed row carries a keyed hash of itself and of the seal before it.

Requests insert plain rows and wait for nobody. A sealer, one at a time, gives the rows that are committed by then their
places. The order of the chain is the order of sealing, not of ids: a row that commits late, with a small id, simply
comes later. Who changes, removes, inserts or swaps a sealed row breaks every seal from there on, and making them anew
takes the keys file. Only the end can be cut off without a trace, and for that there is the anchor: a seal that was
written down elsewhere.
"""

import hashlib
import hmac
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from menpai import rules
from menpai.keys import ring
from menpai.models import AuditCut, AuditEvent

AT_ONCE = 1000
CUT_EVERY = timedelta(days=1)
# What is sealed, in this order; a column that comes later is appended, and left out where it is empty.
SEALED = ("id", "at", "event", "customer_id", "staff_id", "subject", "network", "browser", "system", "session_id")
_LOCK = 0x6D656E706169  # of PostgreSQL's advisory locks: "menpai"


@dataclass(frozen=True)
class Link:
    """One place of the chain, written `position:seal`: what an anchor is."""

    position: int = 0
    seal: str = ""

    def __str__(self) -> str:
        return f"{self.position}:{self.seal}"


# ── Sealing ──
def seal_waiting() -> int:
    """Seal what is committed and not sealed yet; how many rows. Safe to run at once with anything."""
    sealed = 0
    while AuditEvent.objects.filter(position__isnull=True).exists():
        many = _seal_some()
        sealed += many
        if many < AT_ONCE:
            break
    return sealed


def _seal_some() -> int:
    with transaction.atomic():
        if not _only_one():
            return 0
        rows = list(AuditEvent.objects.filter(position__isnull=True).order_by("pk")[:AT_ONCE])
        last = head()
        sealed = []
        for row in rows:
            last = Link(last.position + 1, seal_of(last, row))
            sealed.append((last.position, last.seal, row.pk))
        with connection.cursor() as cursor:
            cursor.executemany(
                f"UPDATE {AuditEvent._meta.db_table} SET position = %s, seal = %s WHERE id = %s",  # noqa: S608
                sealed,
            )
        return len(rows)


def _only_one() -> bool:
    """Whether this transaction is the one that seals. On SQLite every writing transaction is alone."""
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        return bool(cursor.fetchone()[0])


def head() -> Link:
    """The last sealed row, or the cut when nothing came after it."""
    newest = AuditEvent.objects.filter(position__isnull=False).order_by("-position")
    found = newest.only("position", "seal").first()
    return Link(found.position or 0, found.seal) if found else begin()


def begin() -> Link:
    """What the chain goes on from: the last cut, else nothing."""
    cut = AuditCut.objects.order_by("-position").first()
    return Link(cut.position, cut.seal) if cut else Link()


def seal_of(before: Link, row: AuditEvent, key_id: str = "") -> str:
    """The seal of `row` after `before`, with the newest key or the named one. Raises KeyError when that is gone."""
    return _keyed(f"{before}\n{before.position + 1}\n{canonical(row)}", key_id)


def canonical(row: AuditEvent) -> str:
    """A row as text: the same on every engine and in every version."""
    values = [_plain(getattr(row, name)) for name in SEALED]
    return json.dumps([*values, row.succeeded, row.details], sort_keys=True, separators=(",", ":"))


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return value if value is None or isinstance(value, int | str) else str(value)


def _keyed(text: str, key_id: str) -> str:
    known = ring.secrets_of("sealing")
    named = key_id or known[0][0]
    mark = hmac.new(_own(dict(known)[named]), text.encode(), hashlib.sha256)
    return f"{named}.{mark.hexdigest()}"


@lru_cache(maxsize=16)
def _own(key: bytes) -> bytes:
    # A key of its own out of the one that encrypts messages.
    return hmac.new(key, b"menpai audit chain", hashlib.sha256).digest()


# ── Keeping ──
def drop_old() -> int:
    """Delete sealed rows older than rules.AUDIT_KEPT, a day at a time; how many. The cut is committed first."""
    until = timezone.now() - rules.AUDIT_KEPT
    oldest = _after(begin().position).values_list("at", flat=True).first()
    if oldest is not None and oldest < until - CUT_EVERY:
        _cut(until)
    return _delete_before(begin().position)


def _cut(until: datetime) -> None:
    """After the last row of the chain's beginning in which everything is older than `until`."""
    first_kept = _after(begin().position).filter(at__gte=until).values_list("position", flat=True).first()
    last = _after(begin().position)
    if first_kept is not None:
        last = last.filter(position__lt=first_kept)
    row, now = last.order_by("-position")[0], timezone.now()
    link = Link(row.position or 0, row.seal)
    AuditCut.objects.create(position=link.position, seal=link.seal, at=now, mark=cut_mark(link, now))


def _delete_before(position: int) -> int:
    deleted = 0
    old = AuditEvent.objects.filter(position__lte=position).order_by("position")
    while found := list(old.values_list("pk", flat=True)[:AT_ONCE]):
        deleted += AuditEvent.objects.filter(pk__in=found).delete()[0]
    return deleted


def cut_mark(link: Link, at: datetime, key_id: str = "") -> str:
    """Says that the product itself made this cut."""
    return _keyed(f"cut\n{link}\n{_plain(at)}", key_id)


def _after(position: int) -> "QuerySet[AuditEvent]":
    return AuditEvent.objects.filter(position__gt=position).order_by("position")


def rows_after(position: int) -> Iterator[Sequence[AuditEvent]]:
    """The chain's rows from there on, some at a time: nothing is held meanwhile."""
    while found := list(_after(position)[:AT_ONCE]):
        yield found
        position = found[-1].position or 0
