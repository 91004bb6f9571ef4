"""The compiled hot reads are the querysets that they were taken from."""

import re
import uuid
from dataclasses import astuple, is_dataclass
from pathlib import Path

import pytest
from django.db import OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext

import menpai
from menpai import errors
from menpai.accounts import contact_details, lookup, new_device
from menpai.addresses import book as address_book
from menpai.audit import events
from menpai.codes import credential_mark
from menpai.database import compiled as database_compiled
from menpai.models import Customer, Session
from menpai.sessions import known_devices, tokens
from tests.customers import PASSWORD, activate, somebody, somebody_by_sms
from tests.statements import INSERTS, SELECTS, UPDATES

PLACE = ("Firefox", "Windows", "127.0.0.0/24")
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0"


def test_every_statement_in_the_source_is_registered():
    sources = [path.read_text() for path in Path(menpai.__path__[0]).rglob("*.py")]
    for kind, registered in (("Select", SELECTS), ("Insert", INSERTS), ("Update", UPDATES)):
        written = sum(len(re.findall(rf"= Compiled{kind}\(", source)) for source in sources)
        assert written == len(registered) > 0, kind


def arguments(read, http, mailbox):
    person = somebody(http)
    activate(http, mailbox, person)
    person.add_address()
    by_sms = somebody_by_sms(http, mailbox)
    customer = Customer.objects.get(username=person.name)
    Session.objects.filter(customer=customer).update(device="a device")
    session_id = Session.objects.filter(customer=customer).values_list("pk", flat=True)[0]
    sign_in = {"username": person.name, "password": PASSWORD}
    assert http.post("/v1/tokens", json=sign_in, headers={"user-agent": FIREFOX}).json()["code"] == 200
    return {
        known_devices.select_customer_device: ("a device", customer.pk),
        known_devices.select_owner_device: ("a device", customer.email_key),
        new_device.select_device_seen: (customer.pk, events.LOGIN, events.REGISTERED, *PLACE),
        tokens.select_session: session_id,
        contact_details.select_with_session: session_id,
        address_book.select_with_session: session_id,
        contact_details.select_profile: customer.pk,
        address_book.select_addresses: customer.pk,
        address_book.lock_owner: customer.pk,
        address_book.select_live: (customer.pk, customer.addresses.get().pk),
        address_book.select_defaults: customer.pk,
        lookup.select_by_username: customer.username_key,
        lookup.select_by_email: customer.email_key,
        lookup.select_by_mobile: by_sms.phone,
        lookup.select_owner_of_mobile: by_sms.phone,
        credential_mark.select_owner: by_sms.phone,
    }[read]


@pytest.mark.parametrize("read", SELECTS, ids=lambda read: read.build.__name__)
def test_a_read_answers_what_its_queryset_answers(http, mailbox, read):
    argument = arguments(read, http, mailbox)
    argument = argument if isinstance(argument, tuple) else (argument,)
    assert len(set(read.samples)) == len(read.samples)  # by them the order of the parameters is known
    with transaction.atomic():  # one of them takes a lock
        read(*argument)  # compiled, if nobody asked before
        with CaptureQueriesContext(connection) as sql:
            rows, orm = read(*argument), list(read.build(*argument))
    assert len(orm) == 1
    assert [_plain(row) for row in rows] == [_plain(read.row(*row)) for row in orm]
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
    for value in astuple(row) if is_dataclass(row) else row if isinstance(row, tuple) else (row,):
        if isinstance(value, tuple) or is_dataclass(value):
            value = _plain(value)
        elif hasattr(value, "tzinfo"):
            value = database_compiled.aware(value)
        elif isinstance(value, uuid.UUID):
            value = value.hex
        plain.append(value)
    return plain


@pytest.mark.production_only("SQLite has no row locks: its writers take turns")
def test_the_owner_is_really_locked(http):
    customer = Customer.objects.get(username=somebody(http).name)
    with transaction.atomic(), CaptureQueriesContext(connection) as sql:
        address_book.lock_owner(customer.pk)
    assert "FOR NO KEY UPDATE" in sql[-1]["sql"]


def test_the_first_change_of_a_process_may_be_one_without_begin(http, monkeypatch):
    customer = Customer.objects.get(username=somebody(http).name)
    for statement in (address_book.lock_owner, address_book.clear_default, address_book.mark_default):
        monkeypatch.setattr(statement, "_compiled", {})
    with pytest.raises(errors.AddressUnknown):
        address_book.set_default(customer.pk, 7)


@pytest.mark.production_only("SQLite keeps its statements by itself")
def test_postgresql_plans_a_compiled_statement_once_for_each_connection(http):
    connection.close()  # the next one has nothing prepared
    for _ in range(2):
        address_book.select_addresses(1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement, generic_plans + custom_plans FROM pg_prepared_statements")
        [(statement, plans)] = cursor.fetchall()
    assert "menpai_address" in statement
    assert plans == 2
