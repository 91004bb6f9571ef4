"""The audit trail as tests need it: forgotten between them, and written to behind the product's back."""

import contextlib
from collections.abc import Iterator
from typing import Any

from django.db import connection, transaction

from menpai.audit import aggregation
from menpai.models import AuditCut, AuditEvent


@contextlib.contextmanager
def unguarded() -> Iterator[Any]:
    """A cursor for which the database refuses nothing: an owner of the database could do as much."""
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL session_replication_role = replica")
            yield cursor
            return
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'menpai_audit%'")
        guards = cursor.fetchall()
        for name, _ in guards:
            cursor.execute(f"DROP TRIGGER {name}")
        yield cursor
        for _, sql in guards:
            cursor.execute(sql)


def forget() -> None:
    """What was gathered goes with what was written."""
    aggregation.flush()
    if not AuditEvent.objects.exists() and not AuditCut.objects.exists():
        return
    with unguarded() as cursor:
        for model in (AuditEvent, AuditCut):
            cursor.execute(f'DELETE FROM "{model._meta.db_table}"')


def written(event: str = "") -> list[AuditEvent]:
    """Everything of one kind, or of all, oldest first; refusals too."""
    aggregation.flush()
    rows = AuditEvent.objects.order_by("pk")
    return list(rows.filter(event=event) if event else rows)
