"""The compiled hot writes are the statements that the ORM would make."""

import contextlib
import re
import uuid
from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from menpai import audit, errors, rules
from menpai.addresses import book as address_book
from menpai.codes import one_time
from menpai.database import compiled
from menpai.delivery import outbox
from menpai.models import Address, AuditEvent, Customer, Message, Session, SpentSecret, Submission
from menpai.sessions import tokens
from tests import audit_trail
from tests.customers import somebody
from tests.statements import INSERTS, UPDATES

NOW = timezone.now()


def a_row(model, customer):
    return {
        AuditEvent: lambda: AuditEvent(at=NOW, event="x", customer=customer, succeeded=True, details={"what": "门牌"}),
        Address: lambda: Address(customer=customer, receiver="小王", mobile="1", address="x", tag="家"),
        Customer: lambda: Customer(username="neu", username_key="neu", password="x", public_id=uuid.UUID(int=7)),
        Message: lambda: Message(channel="sms", kind="x", due_at=NOW, expires_at=NOW, reference=uuid.UUID(int=8)),
        Session: lambda: Session(pk=uuid.UUID(int=9), customer=customer, expires_at=NOW, kind="cookie"),
        SpentSecret: lambda: SpentSecret(id="abc", purpose="x"),
        Submission: lambda: Submission(message=a_message(), gateway="x", region="CN", handed_at=NOW),
    }[model]()


def a_message():
    return Message.objects.get_or_create(channel="sms", kind="x", defaults={"due_at": NOW, "expires_at": NOW})[0]


def delete(row):
    with audit_trail.unguarded() if isinstance(row, AuditEvent) else contextlib.nullcontext():
        type(row).objects.filter(pk=row.pk).delete()


def sql_of(work):
    with CaptureQueriesContext(connection) as seen:
        work()
    return [one["sql"] for one in seen if not one["sql"].startswith(("BEGIN", "COMMIT"))]


def insert_of(work):
    """The text of the one INSERT that the work sends, and the columns that it asks back; it sends nothing else.

    The ORM asks back the columns with a database default as well, which nobody reads after a compiled insert.
    """
    seen = []

    def look(execute, sql, *others):
        seen.append(sql)
        return execute(sql, *others)

    with CaptureQueriesContext(connection), connection.execute_wrapper(look):
        work()
    ((text, _, returned),) = [sql.partition(" RETURNING ") for sql in seen]
    assert text.startswith("INSERT INTO ") and text.count("%s") > 1
    return text, re.findall(r'"(\w+)"(?:,|$)', returned)


def stored(row):
    """What the database holds, without what differs from one moment to the next."""
    found = type(row).objects.filter(pk=row.pk).values().get()
    return {name: value for name, value in found.items() if name not in ("id", "created_at", "used_at", "spent_at")}


@pytest.mark.parametrize("write", INSERTS, ids=lambda write: write.model.__name__)
def test_an_insert_stores_what_save_would(http, write):
    customer = Customer.objects.get(username=somebody(http).name)
    by_orm = a_row(write.model, customer)
    orm, _ = insert_of(lambda: by_orm.save(force_insert=True))
    expected = stored(by_orm)
    delete(by_orm)
    for _ in range(2):  # the second time it is not compiled any more
        row = a_row(write.model, customer)
        key = [] if row.pk else [write.model._meta.pk.column]
        assert insert_of(lambda row=row: write(row)) == (orm, key)
        assert row.pk is not None
        assert stored(row) == expected
        delete(row)


def test_an_insert_that_does_not_fit_says_so_as_save_would():
    one_time.insert_spent_secret(SpentSecret(id="abc", purpose="x"))
    with pytest.raises(IntegrityError), transaction.atomic():
        one_time.insert_spent_secret(SpentSecret(id="abc", purpose="x"))
    assert SpentSecret.objects.count() == 1


def parameters_of(change, person):
    """Parameters with which the change touches a row."""
    customer_id = Customer.objects.get(username=person.name).pk
    person.add_address()
    default, other = (one["id"] for one in person.add_address())
    later = NOW + timedelta(days=1)
    living = {"customer_id": customer_id, "expires_at": NOW + timedelta(days=9), "kind": "cookie"}
    Session.objects.bulk_create(Session(pk=uuid.uuid4(), **living) for _ in range(rules.SESSIONS_PER_CUSTOMER + 1))
    return {
        address_book.clear_default: (customer_id, other),
        address_book.mark_default: (customer_id, default, later),
        tokens.end_surplus_sessions: (customer_id, later),
    }[change]


def effect_of(work, model):
    """The statements, how many rows they touched, and the table afterwards; all is undone."""
    touched = []
    with transaction.atomic():
        sql = sql_of(lambda: touched.append(work()))
        table = list(model.objects.order_by("pk").values())
        transaction.set_rollback(True)
    return sql, touched, table


@pytest.mark.parametrize("change", UPDATES, ids=lambda change: change.build.__name__)
def test_a_change_is_the_update_it_was_taken_from(http, change, monkeypatch):
    monkeypatch.setattr(change, "_compiled", {})  # another test may have compiled it by other rules
    parameters = parameters_of(change, somebody(http))
    rows, values = change.build(*parameters)
    expected = effect_of(lambda: rows.update(**values), rows.model)
    assert expected[1][0] > 0
    for _ in range(2):  # the second time it is not compiled any more
        assert effect_of(lambda: change(*parameters), rows.model) == expected


@pytest.mark.parametrize("fits", [True, False], ids=["all", "none"])
def test_rows_that_are_inserted_together_stand_together_or_not_at_all(http, fits):
    customer = Customer.objects.get(username=somebody(http).name)
    message, event = a_row(Message, customer), a_row(AuditEvent, customer)
    event.event = event.event if fits else "x" * 1000 if connection.vendor == "postgresql" else None
    with contextlib.nullcontext() if fits else pytest.raises(DatabaseError):
        compiled.insert_together((outbox.insert_message, message), (audit.insert_event, event))
    assert Message.objects.filter(reference=message.reference).count() == fits
    assert [row.pk for row in AuditEvent.objects.filter(event="x")] == [event.pk] * fits
    assert Message.objects.filter(pk=message.pk).exists() is fits


def test_a_default_that_is_not_there_leaves_no_trace(http):
    customer, other = (Customer.objects.get(username=somebody(http).name) for _ in range(2))
    kept, gone, foreign = a_row(Address, customer), a_row(Address, customer), a_row(Address, other)
    kept.is_default, gone.deleted_at = True, NOW
    for row in (kept, gone, foreign):
        row.save()
    before = AuditEvent.objects.count()
    for unknown in (gone.pk, foreign.pk, 0):
        with pytest.raises(errors.AddressUnknown):
            address_book.set_default(customer.pk, unknown)
    assert list(Address.objects.filter(is_default=True).values_list("pk", flat=True)) == [kept.pk]
    assert AuditEvent.objects.count() == before


def test_what_is_executed_together_is_done_together_or_not_at_all(http):
    customer = Customer.objects.get(username=somebody(http).name)
    twice = SpentSecret(id="abc", purpose="x")
    insert = one_time.insert_spent_secret.statement(twice)
    count = address_book.select_live.statement(customer.pk, 0)
    with pytest.raises(IntegrityError):
        compiled.execute_together(insert, count, insert)
    assert not SpentSecret.objects.exists()
    assert [rows for rows, _ in compiled.execute_together(insert, count)] == [[], []]
    assert SpentSecret.objects.count() == 1
