"""The database itself refuses what nobody may do to the trail."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from menpai.audit import chain
from menpai.models import AuditCut, AuditEvent

OLD = timezone.now() - timedelta(days=200)


def row(at=None, **values):
    return AuditEvent.objects.create(at=at or timezone.now(), event="x", succeeded=True, **values)


def refused(sql, *values):
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)


COLUMNS = ("event = 'y'", "customer_id = 1", "details = '{}'", "at = at", "position = 9", "seal = 'x'")


@pytest.mark.parametrize("change", [*COLUMNS, "position = NULL", "position = 9, seal = 'x', event = 'y'"])
def test_a_row_can_only_be_sealed_and_a_sealed_one_not_changed_at_all(change):
    row()
    refused(f"UPDATE menpai_auditevent SET {change}")
    assert chain.seal_waiting() == 1
    refused(f"UPDATE menpai_auditevent SET {change}")


def test_nothing_removes_a_row_and_none_comes_with_a_place_of_its_own():
    row()
    refused("DELETE FROM menpai_auditevent")
    chain.seal_waiting()
    refused("DELETE FROM menpai_auditevent")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        row(position=7, seal="x")


def test_half_a_year_is_kept_whatever_the_rules_say(set_rule):
    row(timezone.now() - timedelta(days=180))
    chain.seal_waiting()
    set_rule("AUDIT_KEPT", timedelta(days=1))
    with pytest.raises(DatabaseError, match="append-only"):
        chain.delete_old()
    assert AuditEvent.objects.count() == 1


def test_old_rows_go_only_below_a_cut_and_cuts_stay():
    row(OLD)
    chain.seal_waiting()
    refused("DELETE FROM menpai_auditevent")
    AuditCut.objects.create(position=1, seal="x", at=OLD, mark="x")
    assert AuditEvent.objects.all().delete()[0] == 1
    refused("DELETE FROM menpai_auditcut")
    refused("UPDATE menpai_auditcut SET position = 2")


def test_no_way_around(engine):
    """TRUNCATE fires no row's trigger, REPLACE no DELETE's."""
    first, second = row(), row()
    chain.seal_waiting()
    if engine == "production":
        refused("TRUNCATE menpai_auditevent")
        refused("TRUNCATE menpai_auditcut")
        return
    columns = "id, at, event, subject, network, browser, system, succeeded, details, seal"
    values = f"SELECT {columns} FROM menpai_auditevent WHERE id = {first.pk}"
    refused(f"INSERT OR REPLACE INTO menpai_auditevent ({columns}) {values}")
    third = row()
    refused(f"UPDATE OR REPLACE menpai_auditevent SET position = 1, seal = 'x' WHERE id = {third.pk}")
    assert AuditEvent.objects.filter(pk__in=(first.pk, second.pk)).count() == 2
