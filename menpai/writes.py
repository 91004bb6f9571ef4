"""Hot writes, compiled once like the reads (reads.py) and for the same reason.

How a field becomes a column's value stays Django's business; only the text of the statement is kept.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, ClassVar

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Model, Q, QuerySet
from django.db.models.sql import InsertQuery, UpdateQuery

from menpai import reads, rules
from menpai.models import Address, AuditEvent, Customer, Message, Session, SpentSecret, Submission


class Insert:
    """INSERT of one row of a model; fills in the key that the database gives."""

    registered: ClassVar[list["Insert"]] = []  # tests/test_writes.py holds every one equal to the ORM

    def __init__(self, model: type[Model]) -> None:
        self.model = model
        self.registered.append(self)
        self._compiled: dict[str, str] = {}

    def __call__(self, row: Any) -> None:
        connection = connections[DEFAULT_DB_ALIAS]
        sql = self._compiled.get(connection.vendor) or self._compile(connection.vendor, row)
        values = [field.get_db_prep_save(field.pre_save(row, add=True), connection) for field in self._fields(row)]
        made, _ = reads.run(connection, sql, values)
        if made:
            row.pk = made[0][0]
        row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS

    def _fields(self, row: Any) -> list[Any]:
        """All but a key that the database makes."""
        given = row.pk is not None
        return [field for field in self.model._meta.concrete_fields if given or not field.primary_key]

    def _compile(self, vendor: str, row: Any) -> str:
        query = InsertQuery(self.model)
        query.insert_values(self._fields(row), [row])
        compiler: Any = query.get_compiler(DEFAULT_DB_ALIAS)
        if row.pk is None:
            compiler.returning_fields = [self.model._meta.pk]
        self._compiled[vendor] = str(compiler.as_sql()[0][0])
        return self._compiled[vendor]


class Change:
    """UPDATE of a queryset with some values; called with its parameters it answers how many rows it touched."""

    registered: ClassVar[list["Change"]] = []  # tests/test_writes.py holds every one equal to the ORM

    def __init__(self, build: Callable[..., tuple["QuerySet[Any, Any]", dict[str, Any]]], *samples: Any) -> None:
        self.build, self.samples = build, samples
        self.registered.append(self)
        self._compiled: dict[str, tuple[str, list[tuple[bool, Any]]]] = {}

    def __call__(self, *values: Any) -> int:
        connection = connections[DEFAULT_DB_ALIAS]
        sql, order = self._compiled.get(connection.vendor) or self._compile(connection)
        prepared = [reads.for_database(connection, value) for value in values]
        return reads.run(connection, sql, [prepared[what] if ours else what for ours, what in order])[1]

    def _compile(self, connection: Any) -> tuple[str, list[tuple[bool, Any]]]:
        """The ORM's SQL, and for each of its parameters which of ours goes there, or that it is a constant."""
        rows, values = self.build(*self.samples)
        query: Any = rows.query.chain(UpdateQuery)
        query.add_update_values(values)
        sql, parameters = query.get_compiler(DEFAULT_DB_ALIAS).as_sql()
        samples = [reads.for_database(connection, sample) for sample in self.samples]
        order = [(True, samples.index(one)) if one in samples else (False, one) for one in parameters]
        compiled = sql, order
        self._compiled[connection.vendor] = compiled
        return compiled


def _clear_default(customer_id: int, kept_id: int) -> tuple["QuerySet[Any, Any]", dict[str, Any]]:
    book = Address.objects.filter(customer_id=customer_id, deleted_at__isnull=True)
    return book.filter(~Q(pk=kept_id), is_default=True), {"is_default": False}


def _set_default(customer_id: int, address_id: int, now: datetime) -> tuple["QuerySet[Any, Any]", dict[str, Any]]:
    book = Address.objects.filter(customer_id=customer_id, deleted_at__isnull=True)
    return book.filter(pk=address_id), {"is_default": True, "used_at": now}


def _end_surplus(customer_id: int, now: datetime) -> tuple["QuerySet[Any, Any]", dict[str, Any]]:
    living = Session.objects.filter(customer_id=customer_id, ended_at__isnull=True, expires_at__gt=now)
    surplus = living.order_by("-id").values("id")[rules.SESSIONS_PER_CUSTOMER :]  # the keys rise with time
    return Session.objects.filter(pk__in=surplus), {"ended_at": now}


clear_default = Change(_clear_default, -7, -8)
set_default = Change(_set_default, -7, -8, datetime(2000, 1, 1, tzinfo=UTC))
end_surplus_sessions = Change(_end_surplus, -7, datetime(2000, 1, 1, tzinfo=UTC))
insert_address = Insert(Address)
insert_audit_event = Insert(AuditEvent)
insert_customer = Insert(Customer)
insert_message = Insert(Message)
insert_session = Insert(Session)
insert_spent_secret = Insert(SpentSecret)
insert_submission = Insert(Submission)
