"""Hot reads. Django builds and compiles a query in 220–370 µs; the same SQL through a cursor costs a tenth.

Each read is written once as a queryset; its SQL is taken from the ORM at first use, per engine, and a test holds the
two equal. A broken connection (the database was restarted) is replaced and the read done once more: every signed-in
request begins with one, so a restart costs nobody an error.
"""

import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, InterfaceError, NotSupportedError, OperationalError, connections
from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet
from django.db.models.functions import Length

from menpai.identifiers import Client
from menpai.models import Address, AuditEvent, Customer, Session

Prepare = Callable[[Any], Any]


class Read:
    """A queryset of `values_list`, compiled once per engine; called with its parameters it answers the rows."""

    registered: ClassVar[list["Read"]] = []  # tests/test_reads.py holds every one equal to the ORM

    def __init__(self, build: Callable[..., "QuerySet[Any, Any]"], *samples: Any) -> None:
        self.build, self.samples = build, samples
        self.registered.append(self)
        self._compiled: dict[str, tuple[str, Sequence[int]]] = {}
        self._lock = threading.Lock()

    def __call__(self, *values: Any) -> list[tuple[Any, ...]]:
        connection = connections[DEFAULT_DB_ALIAS]
        sql, order = self._compiled.get(connection.vendor) or self._compile()
        prepared = [for_database(connection, value) for value in values]
        parameters = [prepared[index] for index in order]
        try:
            return run(connection, sql, parameters)[0]
        except (OperationalError, InterfaceError, NotSupportedError) as no:
            # NotSupportedError: a migration changed the type of a column since the statement was prepared.
            if connection.in_atomic_block or (connection.is_usable() and not isinstance(no, NotSupportedError)):
                raise
            connection.close()
            return run(connection, sql, parameters)[0]

    def _compile(self) -> tuple[str, Sequence[int]]:
        """The ORM's SQL, and for each of its parameters which of ours goes there (told by the samples' values)."""
        with self._lock:
            sql, parameters = self.build(*self.samples).query.sql_with_params()
            connection = connections[DEFAULT_DB_ALIAS]
            samples = [for_database(connection, sample) for sample in self.samples]
            inlined = [parameter for parameter in parameters if parameter not in samples]
            if inlined:
                raise AssertionError(f"a hot read has a constant parameter: {inlined}")
            compiled = sql, [samples.index(parameter) for parameter in parameters]
            self._compiled[connection.vendor] = compiled
            return compiled


def run(connection: Any, sql: str, parameters: Sequence[Any]) -> tuple[list[tuple[Any, ...]], int]:
    """The rows, if the statement has any, and how many it touched.

    On psycopg's own cursor PostgreSQL plans a statement once a connection, on Django's each time anew.
    """
    if connection.vendor != "postgresql" or connection.queries_logged:
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            return cursor.fetchall() if cursor.description else [], cursor.rowcount
    from psycopg import Cursor  # the embedded run never needs it

    connection.validate_no_broken_transaction()
    connection.ensure_connection()
    with connection.wrap_database_errors, Cursor(connection.connection) as cursor:
        cursor.execute(sql, parameters, prepare=True)
        return cursor.fetchall() if cursor.description else [], cursor.rowcount


def for_database(connection: Any, value: Any) -> Any:
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    if isinstance(value, UUID) and not connection.features.has_native_uuid_field:
        return value.hex
    return value


def aware(moment: datetime) -> datetime:
    """SQLite hands a raw cursor naive UTC."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _is_set(field: str) -> "ExpressionWrapper[Any]":
    """Whether there is a time: half the price of the time itself."""
    return ExpressionWrapper(Q((f"{field}__isnull", False)), BooleanField())


def _session(session_id: UUID) -> "QuerySet[Any, Any]":
    return Session.objects.filter(pk=session_id).values_list(
        "expires_at",
        _is_set("ended_at"),
        "customer_id",
        "customer__public_id",
        "customer__username",
        "customer__username_key",
        "customer__mobile",
        _is_set("customer__mobile_verified_at"),
        _is_set("customer__email_verified_at"),
        _is_set("customer__disabled_at"),
        "customer__language",
        "last_seen_at",
        "cookie_hash",
    )


def _me(customer_id: int) -> "QuerySet[Any, Any]":
    return Customer.objects.filter(pk=customer_id).values_list(
        *("public_id", "username", "mobile", _is_set("mobile_verified_at"), "email", _is_set("email_verified_at")),
        Length("password"),
        *("language", "created_at", "terms_version"),
    )


def _addresses(customer_id: int) -> "QuerySet[Any, Any]":
    return (
        Address.objects.filter(customer_id=customer_id, deleted_at__isnull=True)
        .order_by("-is_default", "-id")
        .values_list(
            "id",
            "address",
            "receiver",
            "mobile",
            "tag",
            "postcode",
            "is_default",
            "province",
            "city",
            "county",
            "detail",
            "region_code",
        )
    )


_LOGIN = ("id", "public_id", "username", "mobile", "email_verified_at", "password", "disabled_at", "language")


def _by_username(key: str) -> "QuerySet[Any, Any]":
    return Customer.objects.filter(username_key=key).values_list(*_LOGIN)


def _by_mobile(key: str) -> "QuerySet[Any, Any]":
    return Customer.objects.filter(mobile=key, mobile_verified_at__isnull=False).values_list(*_LOGIN)


def _by_email(key: str) -> "QuerySet[Any, Any]":
    return Customer.objects.filter(email_key=key, email_verified_at__isnull=False).values_list(*_LOGIN)


def _owner(customer_id: int) -> "QuerySet[Any, Any]":
    # Inside a transaction: whoever comes second waits here. The lock is wanted, not the row.
    return Customer.objects.select_for_update(no_key=True).filter(pk=customer_id).values_list("id")


def _defaults(customer_id: int) -> "QuerySet[Any, Any]":
    return Address.objects.filter(customer_id=customer_id, deleted_at__isnull=True).values_list("is_default")


def _mobile_taken(mobile: str) -> "QuerySet[Any, Any]":
    return Customer.objects.filter(mobile=mobile, mobile_verified_at__isnull=False).values_list("id")


def _device(device: str) -> "QuerySet[Any, Any]":
    return Session.objects.filter(device=device).values_list("id")[:1]


def _customers_device(device: str, customer_id: int) -> "QuerySet[Any, Any]":
    return Session.objects.filter(device=device, customer_id=customer_id).values_list("id")[:1]


def was_here(client: Client) -> bool:
    """Whether somebody, whoever it was, signed in with this browser before. One statement, where a cookie came."""
    return client.known and bool(device(client.device))


def _device_seen(customer_id: int, event: str, other: str, browser: str, system: str) -> "QuerySet[Any, Any]":
    either = AuditEvent.objects.filter(Q(event=event) | Q(event=other), customer_id=customer_id)
    return either.filter(browser=browser, system=system).values_list("id")[:1]


def _network_seen(customer_id: int, event: str, other: str, network: str) -> "QuerySet[Any, Any]":
    either = AuditEvent.objects.filter(Q(event=event) | Q(event=other), customer_id=customer_id)
    return either.filter(network=network).values_list("id")[:1]


session = Read(_session, UUID(int=1))
me = Read(_me, -1)
addresses = Read(_addresses, -1)
customer_by_username = Read(_by_username, "sample")
customer_by_mobile = Read(_by_mobile, "sample")
customer_by_email = Read(_by_email, "sample")
mobile_taken = Read(_mobile_taken, "sample")
lock_owner = Read(_owner, -1)
defaults = Read(_defaults, -1)
device_seen = Read(_device_seen, -1, "one event", "other event", "sample browser", "sample system")
network_seen = Read(_network_seen, -1, "one event", "other event", "sample network")
device = Read(_device, "sample")
customers_device = Read(_customers_device, "sample", -1)
