"""The chain: each sealed row carries a keyed hash of itself and of the seal before it.

Requests insert plain rows without waiting. One sealer at a time gives the committed rows their positions, in the order
of sealing, not of ids: a row that commits late comes later. Changing, removing, inserting or swapping a sealed row
breaks every seal after it, and new seals need the keys file. Only the end can be removed without a trace; an anchor (a
seal noted elsewhere) reveals that too.
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
# The sealed columns, in this order; a new column is appended, and left out where it is empty.
SEALED = ("id", "at", "event", "customer_id", "staff_id", "subject", "network", "browser", "system", "session_id")
_LOCK = 0x6D656E706169  # of PostgreSQL's advisory locks: "menpai"


@dataclass(frozen=True)
class ChainLink:
    """A position of the chain and its seal; an anchor is one, written `position:seal`."""

    position: int = 0
    seal: str = ""

    def __str__(self) -> str:
        return f"{self.position}:{self.seal}"


# ── Sealing ──
def seal_waiting() -> int:
    """Seals the committed rows that are not sealed yet and returns their number. Safe to run concurrently."""
    sealed = 0
    while AuditEvent.objects.filter(position__isnull=True).exists():
        count = _seal_some()
        sealed += count
        if count < rules.CHANGED_AT_ONCE:
            break
    return sealed


def _seal_some() -> int:
    with transaction.atomic():
        if not _is_sealer():
            return 0
        rows = list(AuditEvent.objects.filter(position__isnull=True).order_by("pk")[: rules.CHANGED_AT_ONCE])
        last = head()
        sealed = []
        for row in rows:
            last = ChainLink(last.position + 1, seal_of(last, row))
            sealed.append((last.position, last.seal, row.pk))
        with connection.cursor() as cursor:
            cursor.executemany(
                f"UPDATE {AuditEvent._meta.db_table} SET position = %s, seal = %s WHERE id = %s",  # noqa: S608
                sealed,
            )
        return len(rows)


def _is_sealer() -> bool:
    """Returns True if this transaction may seal. On SQLite every writing transaction is alone."""
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        return bool(cursor.fetchone()[0])


def head() -> ChainLink:
    """Returns the last sealed row, or the last cut if no row follows it."""
    newest = AuditEvent.objects.filter(position__isnull=False).order_by("-position")
    row = newest.only("position", "seal").first()
    return ChainLink(row.position or 0, row.seal) if row else last_cut()


def last_cut() -> ChainLink:
    """Returns where the kept part of the chain begins: the last cut, or position 0."""
    cut = AuditCut.objects.order_by("-position").first()
    return ChainLink(cut.position, cut.seal) if cut else ChainLink()


def seal_of(before: ChainLink, row: AuditEvent, key_id: str = "") -> str:
    """Returns the seal of `row` after `before`, by the newest key or the named one. Raises KeyError."""
    return _keyed(f"{before}\n{before.position + 1}\n{canonical(row)}", key_id)


def canonical(row: AuditEvent) -> str:
    """Returns a row as text, the same on every engine and in every version."""
    values = [_plain(getattr(row, name)) for name in SEALED]
    return json.dumps([*values, row.succeeded, row.details], sort_keys=True, separators=(",", ":"))


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return value if value is None or isinstance(value, int | str) else str(value)


def _keyed(text: str, key_id: str) -> str:
    keys = ring.secrets_of("sealing")
    used_id = key_id or keys[0][0]
    digest = hmac.new(_derive_key(dict(keys)[used_id]), text.encode(), hashlib.sha256)
    return f"{used_id}.{digest.hexdigest()}"


@lru_cache(maxsize=16)
def _derive_key(key: bytes) -> bytes:
    # Derived from the key that encrypts messages.
    return hmac.new(key, b"menpai audit chain", hashlib.sha256).digest()


# ── Keeping ──
def delete_old() -> int:
    """Deletes sealed rows older than rules.AUDIT_KEPT, after recording a cut, and returns their number."""
    until = timezone.now() - rules.AUDIT_KEPT
    oldest = _after(last_cut().position).values_list("at", flat=True).first()
    if oldest is not None and oldest < until - CUT_EVERY:
        _create_cut(until)
    return _delete_before(last_cut().position)


def _create_cut(until: datetime) -> None:
    """Records a cut after the last row before which every row is older than `until`."""
    first_kept = _after(last_cut().position).filter(at__gte=until).values_list("position", flat=True).first()
    last = _after(last_cut().position)
    if first_kept is not None:
        last = last.filter(position__lt=first_kept)
    row, now = last.order_by("-position")[0], timezone.now()
    link = ChainLink(row.position or 0, row.seal)
    AuditCut.objects.create(position=link.position, seal=link.seal, at=now, mark=cut_mark(link, now))


def _delete_before(position: int) -> int:
    deleted = 0
    old = AuditEvent.objects.filter(position__lte=position).order_by("position")
    while ids := list(old.values_list("pk", flat=True)[: rules.CHANGED_AT_ONCE]):
        deleted += AuditEvent.objects.filter(pk__in=ids).delete()[0]
    return deleted


def cut_mark(link: ChainLink, at: datetime, key_id: str = "") -> str:
    """Returns the keyed hash that proves that the product made this cut."""
    return _keyed(f"cut\n{link}\n{_plain(at)}", key_id)


def _after(position: int) -> "QuerySet[AuditEvent]":
    return AuditEvent.objects.filter(position__gt=position).order_by("position")


def rows_after(position: int) -> Iterator[Sequence[AuditEvent]]:
    """Yields the chain's rows after `position`, in batches and without holding a lock."""
    while rows := list(_after(position)[:AT_ONCE]):
        yield rows
        position = rows[-1].position or 0
