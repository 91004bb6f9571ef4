"""A flood of refusals is summed up: few rows, no statement of the request's, nothing forgotten."""

from datetime import timedelta

import pytest

from menpai import audit
from menpai.audit import aggregation, events
from menpai.models import AuditEvent
from tests import audit_trail
from tests.customers import somebody
from tests.rig.children import until


def sums():
    """How many were told of, over all rows."""
    return sum(row.details.get("times", 1) for row in AuditEvent.objects.all())


def test_what_is_alike_is_one_row_at_once_and_one_at_the_end_of_the_minute(clock):
    for _ in range(3):
        audit.refuse(events.LOGIN_FAILED, 7)
    aggregation.flush(everything=False)
    assert sums() == 3
    for _ in range(500):
        audit.refuse(events.LOGIN_FAILED, 7)
        aggregation.flush(everything=False)
    assert AuditEvent.objects.count() == 1
    clock.advance(61)
    aggregation.flush(everything=False)
    assert [row.details for row in AuditEvent.objects.order_by("pk")] == [{"times": 3}, {"times": 500}]


def test_a_flood_of_names_fills_no_disk_and_hides_no_customer(set_rule, clock):
    """Ten thousand invented names: half of the minute's rows at most, and the customer who is attacked has one."""
    set_rule("AUDIT_REFUSALS_PER_MINUTE", 40)
    for number in range(10_000):
        audit.refuse(events.LOGIN_FAILED, subject=f"name {number}")
    audit.refuse(events.LOGIN_FAILED, 7)
    aggregation.flush()
    rows = list(AuditEvent.objects.order_by("pk"))
    assert 20 + 1 + 1 <= len(rows) <= 20 + 1 + 2  # the sum of the rest may have been written once in between
    assert sum(row.customer_id == 7 for row in rows) == 1
    assert sum(row.details["times"] for row in rows if "summed_up" in row.details) == 9_980
    assert sums() == 10_001


def test_customers_have_a_bound_too(set_rule):
    set_rule("AUDIT_REFUSALS_PER_MINUTE", 40)
    for number in range(1_000):
        audit.refuse(events.LOGIN_FAILED, number + 1)
    aggregation.flush()
    assert 41 <= AuditEvent.objects.count() <= 42
    assert sums() == 1_000


def test_the_next_minute_begins_anew(set_rule, clock):
    set_rule("AUDIT_REFUSALS_PER_MINUTE", 2)
    for minute in range(3):
        for number in range(5):
            audit.refuse(events.LOGIN_FAILED, 10 * minute + number)
        clock.advance(61)
        aggregation.flush(everything=False)
    assert 9 <= AuditEvent.objects.count() <= 12
    assert sums() == 15


def test_a_thread_writes_them_without_being_asked(http):
    person = somebody(http)
    person.sign_in("wrong")
    until(lambda: AuditEvent.objects.filter(event=events.LOGIN_FAILED).exists(), 20, "the thread has written")


def test_what_cannot_be_written_waits(monkeypatch):
    from django.db import OperationalError

    def away(*_, **__):
        raise OperationalError

    audit.refuse(events.LOGIN_FAILED, 7)
    with monkeypatch.context() as patch:
        patch.setattr(AuditEvent.objects, "bulk_create", away)
        with pytest.raises(OperationalError):
            aggregation.flush()
    assert len(audit_trail.written()) == 1


def test_a_clock_that_steps_back_starts_a_new_minute(clock):
    audit.refuse(events.LOGIN_FAILED, 7)
    aggregation.flush(everything=False)
    clock._travel.shift(timedelta(hours=-1))
    audit.refuse(events.LOGIN_FAILED, 7)
    aggregation.flush(everything=False)
    assert sums() == 2
