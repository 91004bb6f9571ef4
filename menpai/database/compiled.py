"""Frequent statements, compiled once.

Django builds and compiles a query in 220–370 µs; the same SQL through a cursor costs a tenth (docs/adr/0005). Each
statement is written once, beside its use case, as a queryset or a model. Its SQL is taken from the ORM at first use,
for each engine. Every statement registers itself, and a test compares each with the ORM.
"""

import threading
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from datetime import UTC, datetime
from typing import Any, ClassVar, Generic, TypeVar
from uuid import UUID

from django.conf import settings
from django.db import (
    DEFAULT_DB_ALIAS,
    InterfaceError,
    NotSupportedError,
    OperationalError,
    connections,
    transaction,
)
from django.db.models import BooleanField, ExpressionWrapper, Model, Q, QuerySet
from django.db.models.sql import InsertQuery, UpdateQuery

from menpai.database import statements as statement_counts

Row = TypeVar("Row")
Statement = tuple[str, Sequence[Any]]  # text and parameters
Result = tuple[list[tuple[Any, ...]], int]  # the rows, if any, and the number of affected rows


class CompiledSelect(Generic[Row]):
    """SELECT of a `values_list` queryset; a call with its parameters returns `row(*columns)` for each row.

    After a broken connection (a restarted database) it reconnects and executes the statement once more. Every signed-in
    request begins with a select, so a restart of the database causes no errors.
    """

    registered: ClassVar[list["CompiledSelect[Any]"]] = []  # tests/test_reads.py holds each equal to the ORM

    def __init__(self, build: Callable[..., "QuerySet[Any, Any]"], *samples: Any, row: Callable[..., Row]) -> None:
        self.build, self.samples, self.row = build, samples, row
        self._compiled: dict[str, tuple[str, Sequence[int]]] = {}
        self._lock = threading.Lock()
        self.registered.append(self)

    def statement(self, *values: Any) -> Statement:
        connection = connections[DEFAULT_DB_ALIAS]
        sql, order = self._compiled.get(connection.vendor) or self._compile()
        prepared = [adapted(connection, value) for value in values]
        return sql, [prepared[index] for index in order]

    def __call__(self, *values: Any) -> list[Row]:
        connection = connections[DEFAULT_DB_ALIAS]
        sql, parameters = self.statement(*values)
        try:
            rows = execute(connection, sql, parameters)[0]
        except (OperationalError, InterfaceError, NotSupportedError) as error:
            # NotSupportedError: a migration changed the type of a column since the statement was prepared.
            if connection.in_atomic_block or (connection.is_usable() and not isinstance(error, NotSupportedError)):
                raise
            connection.close()
            rows = execute(connection, sql, parameters)[0]
        return [self.row(*columns) for columns in rows]

    def _compile(self) -> tuple[str, Sequence[int]]:
        """Returns the ORM's SQL and, for each of its parameters, the index of ours (found by the samples)."""
        with self._lock:
            query = self.build(*self.samples).query
            # Django makes the text of a lock inside a transaction only.
            with transaction.atomic(savepoint=False) if query.select_for_update else nullcontext():
                sql, parameters = query.sql_with_params()
            connection = connections[DEFAULT_DB_ALIAS]
            samples = [adapted(connection, sample) for sample in self.samples]
            inlined = [parameter for parameter in parameters if parameter not in samples]
            if inlined:
                raise AssertionError(f"a compiled select has a constant parameter: {inlined}")
            compiled = sql, [samples.index(parameter) for parameter in parameters]
            self._compiled[connection.vendor] = compiled
            return compiled


class CompiledInsert:
    """INSERT of one row of a model; fills in a generated primary key.

    Django still turns each field into its column's value; only the text of the statement is kept.
    """

    registered: ClassVar[list["CompiledInsert"]] = []

    def __init__(self, model: type[Model]) -> None:
        self.model = model
        self._compiled: dict[str, str] = {}
        self.registered.append(self)

    def __call__(self, row: Any) -> None:
        returned, _ = execute(connections[DEFAULT_DB_ALIAS], *self.statement(row))
        self.finish(row, returned[0][0] if returned else row.pk)

    def statement(self, row: Any) -> Statement:
        """Returns the text and the values; a generated primary key is asked back."""
        connection = connections[DEFAULT_DB_ALIAS]
        sql = self._compiled.get(connection.vendor) or self._compile(connection.vendor, row)
        return sql, [field.get_db_prep_save(field.pre_save(row, add=True), connection) for field in self._fields(row)]

    def statement_where(self, row: Any, condition: Statement) -> Statement:
        """Returns the INSERT of `row` that does nothing unless the SELECT `condition` finds a row."""
        connection = connections[DEFAULT_DB_ALIAS]
        sql, values = self.statement(row)
        # PostgreSQL takes a value in a SELECT for text; a length would cut it off.
        kinds = [str(field.db_type(connection)).partition("(")[0] for field in self._fields(row)]
        columns = ", ".join(f"CAST(%s AS {kind})" if connection.vendor == "postgresql" else "%s" for kind in kinds)
        return f"{sql.partition(' VALUES ')[0]} SELECT {columns} WHERE EXISTS ({condition[0]})", [
            *values,
            *condition[1],
        ]

    def finish(self, row: Any, key: Any) -> None:
        """Makes `row` one that stands in the database."""
        row.pk, row._state.adding, row._state.db = key, False, DEFAULT_DB_ALIAS

    def _fields(self, row: Any) -> list[Any]:
        """Returns all fields except a generated primary key."""
        has_key = row.pk is not None
        return [field for field in self.model._meta.concrete_fields if has_key or not field.primary_key]

    def _compile(self, vendor: str, row: Any) -> str:
        query = InsertQuery(self.model)
        query.insert_values(self._fields(row), [row])
        compiler: Any = query.get_compiler(DEFAULT_DB_ALIAS)
        if row.pk is None:
            compiler.returning_fields = [self.model._meta.pk]
        self._compiled[vendor] = str(compiler.as_sql()[0][0])
        return self._compiled[vendor]


def insert_together(*inserts: tuple[CompiledInsert, Any]) -> None:
    """INSERTs rows with generated primary keys, all or none.

    On PostgreSQL they are one statement and one round trip, which needs no transaction around it.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    if connection.vendor != "postgresql":
        with transaction.atomic(savepoint=False):
            for insert, row in inserts:
                insert(row)
        return
    statements = [insert.statement(row) for insert, row in inserts]
    parts = ", ".join(f"row_{number} AS ({sql})" for number, (sql, _) in enumerate(statements))
    keys = ", ".join(f"(TABLE row_{number})" for number in range(len(inserts)))
    values = [value for _, part in statements for value in part]
    [returned], _ = execute(connection, f"WITH {parts} SELECT {keys}", values)
    for (insert, row), key in zip(inserts, returned, strict=True):
        insert.finish(row, key)


class CompiledUpdate:
    """UPDATE of a queryset with some values.

    A call with its parameters returns the number of changed rows.
    """

    registered: ClassVar[list["CompiledUpdate"]] = []

    def __init__(self, build: Callable[..., tuple["QuerySet[Any, Any]", dict[str, Any]]], *samples: Any) -> None:
        self.build, self.samples = build, samples
        self._compiled: dict[str, tuple[str, list[tuple[bool, Any]]]] = {}
        self.registered.append(self)

    def __call__(self, *values: Any) -> int:
        return execute(connections[DEFAULT_DB_ALIAS], *self.statement(*values))[1]

    def statement(self, *values: Any) -> Statement:
        connection = connections[DEFAULT_DB_ALIAS]
        sql, order = self._compiled.get(connection.vendor) or self._compile(connection)
        prepared = [adapted(connection, value) for value in values]
        return sql, [prepared[item] if is_index else item for is_index, item in order]

    def _compile(self, connection: Any) -> tuple[str, list[tuple[bool, Any]]]:
        """Returns the ORM's SQL and, for each of its parameters, the index of ours or a constant."""
        rows, values = self.build(*self.samples)
        query: Any = rows.query.chain(UpdateQuery)
        query.add_update_values(values)
        sql, parameters = query.get_compiler(DEFAULT_DB_ALIAS).as_sql()
        samples = [adapted(connection, sample) for sample in self.samples]
        order = [(True, samples.index(item)) if item in samples else (False, item) for item in parameters]
        compiled = sql, order
        self._compiled[connection.vendor] = compiled
        return compiled


def execute_together(*statements: Statement) -> list[Result]:
    """Returns the result of each statement of one transaction; on PostgreSQL they are one round trip.

    There they are one pipeline, which is a transaction without BEGIN and COMMIT: each statement sees what others have
    committed until it begins, so one that waits for a lock comes first. None can depend on the result of another.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    if connection.vendor != "postgresql" or connection.queries_logged:
        with transaction.atomic():
            return [execute(connection, sql, parameters) for sql, parameters in statements]
    from psycopg import Cursor  # the embedded run never needs it

    connection.validate_no_broken_transaction()
    connection.ensure_connection()
    prepare = not settings.MENPAI_DATABASE_POOLER
    with statement_counts.timed(), connection.wrap_database_errors:
        with connection.connection.pipeline():
            cursors = [Cursor(connection.connection) for _ in statements]
            for cursor, (sql, parameters) in zip(cursors, statements, strict=True):
                cursor.execute(sql, parameters, prepare=prepare)
        return [(cursor.fetchall() if cursor.description else [], cursor.rowcount) for cursor in cursors]


def execute(connection: Any, sql: str, parameters: Sequence[Any]) -> Result:
    """Returns the rows, if the statement returns any, and the number of affected rows.

    With psycopg's own cursor PostgreSQL plans a statement once for each connection; with Django's, and behind a pooler
    that gives each transaction another connection, every time.
    """
    if connection.vendor != "postgresql" or connection.queries_logged:
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            return cursor.fetchall() if cursor.description else [], cursor.rowcount
    from psycopg import Cursor  # the embedded run never needs it

    connection.validate_no_broken_transaction()
    connection.ensure_connection()
    with statement_counts.timed(), connection.wrap_database_errors, Cursor(connection.connection) as cursor:
        cursor.execute(sql, parameters, prepare=not settings.MENPAI_DATABASE_POOLER)
        return cursor.fetchall() if cursor.description else [], cursor.rowcount


def adapted(connection: Any, value: Any) -> Any:
    """Returns `value` as this engine's raw cursor accepts it."""
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    if isinstance(value, UUID) and not connection.features.has_native_uuid_field:
        return value.hex
    return value


def aware(moment: datetime) -> datetime:
    """Returns `moment` with its time zone: SQLite's raw cursor returns naive UTC."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def is_set(field: str) -> "ExpressionWrapper[Any]":
    """Returns an expression that is true if a field is not null.

    Reading that costs half of reading a time.
    """
    return ExpressionWrapper(Q((f"{field}__isnull", False)), BooleanField())
