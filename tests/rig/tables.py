"""The tables of the product between two tests: which hold anything, and none of them afterwards."""

from functools import cache
from typing import Any

from django.apps import apps
from django.db import connection, transaction
from django.db.models import Model

AUDIT = {"menpai_auditevent", "menpai_auditcut"}  # which the database guards
DJANGO = ("django_admin_log", "django_session", "auth_user_user_permissions", "auth_user_groups", "auth_user")


def filled() -> list[str]:
    """Children before their parents. One statement: most tests touch few tables, and many touch none."""
    with connection.cursor() as cursor:
        cursor.execute(_question())
        (found,) = cursor.fetchall()
    return [table for table, is_filled in zip(_tables(), found, strict=True) if is_filled]


def empty() -> None:
    """Delete every row, and what was gathered for the audit trail."""
    from menpai.audit import aggregation  # this module is imported before Django is set up
    from tests import audit_trail

    aggregation.flush()
    names = filled()
    if AUDIT & set(names):
        audit_trail.forget()
        names = [name for name in names if name not in AUDIT]
    if not names:
        return
    with transaction.atomic(), connection.cursor() as cursor:
        for name in names:
            cursor.execute(f'DELETE FROM "{name}"')


def columns(row: Model, *names: str) -> tuple[Any, ...]:
    """These columns of the row as the database has them now."""
    row.refresh_from_db()
    return tuple(getattr(row, name) for name in names)


@cache
def _tables() -> tuple[str, ...]:
    own = sorted(model._meta.db_table for model in apps.get_app_config("menpai").get_models())
    return (*sorted(own, key="menpai_customer".__eq__), *DJANGO)


@cache
def _question() -> str:
    return "SELECT " + ", ".join(f'EXISTS (SELECT 1 FROM "{table}")' for table in _tables())
