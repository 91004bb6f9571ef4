"""The compiled hot reads are the querysets that they were taken from."""

import uuid

import pytest
from django.db import OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext

from menpai import reads
from menpai.audit import events
from menpai.models import Customer, Session
from tests.customers import activate, somebody, somebody_by_sms


def arguments(read, http, mailbox):
    person = somebody(http)
    activate(http, mailbox, person)
    person.add_address()
    by_sms = somebody_by_sms(http, mailbox)
    customer = Customer.objects.get(username=person.name)
    Session.objects.filter(customer=customer).update(device="a device")
    return {
        reads.device: "a device",
        reads.customers_device: ("a device", customer.pk),
        reads.device_seen: (customer.pk, events.LOGIN, events.REGISTERED, "", ""),
        reads.network_seen: (customer.pk, events.LOGIN, events.REGISTERED, "127.0.0.0/24"),
        reads.session: Session.objects.filter(customer=customer).values_list("pk", flat=True)[0],
        reads.me: customer.pk,
        reads.addresses: customer.pk,
        reads.lock_owner: customer.pk,
        reads.defaults: customer.pk,
        reads.customer_by_username: customer.username_key,
        reads.customer_by_email: customer.email_key,
        reads.customer_by_mobile: by_sms.phone,
        reads.mobile_taken: by_sms.phone,
    }[read]


@pytest.mark.parametrize("read", reads.Read.registered, ids=lambda read: read.build.__name__)
def test_a_read_answers_what_its_queryset_answers(http, mailbox, read):
    argument = arguments(read, http, mailbox)
    argument = argument if isinstance(argument, tuple) else (argument,)
    assert len(set(read.samples)) == len(read.samples)  # by them the order of the parameters is known
    with transaction.atomic():  # one of them takes a lock
        read(*argument)  # compiled, if nobody asked before
        with CaptureQueriesContext(connection) as sql:
            compiled, orm = read(*argument), list(read.build(*argument))
    assert len(orm) == 1
    assert [_plain(row) for row in compiled] == [_plain(row) for row in orm]
    assert len(sql) == 2 and sql[0]["sql"] == sql[1]["sql"]


@pytest.mark.production_only("SQLite has no connection that could break")
def test_a_read_survives_a_broken_connection(http, postgres):
    person = somebody(http)
    assert person.is_signed_in()
    with connection.cursor() as cursor, pytest.raises(OperationalError):
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    assert person.is_signed_in()


def _plain(row):
    # SQLite hands a raw cursor naive times and bare hexadecimal ids.
    plain = []
    for value in row:
        if hasattr(value, "tzinfo"):
            value = reads.aware(value)
        elif isinstance(value, uuid.UUID):
            value = value.hex
        plain.append(value)
    return plain


@pytest.mark.production_only("SQLite has no row locks: its writers take turns")
def test_the_owner_is_really_locked(http):
    customer = Customer.objects.get(username=somebody(http).name)
    with transaction.atomic(), CaptureQueriesContext(connection) as sql:
        reads.lock_owner(customer.pk)
    assert "FOR NO KEY UPDATE" in sql[-1]["sql"]
