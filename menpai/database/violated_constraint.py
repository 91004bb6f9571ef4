"""The unique constraint that an insert or update violated."""

from django.db import IntegrityError


def name(error: IntegrityError) -> str:
    """Returns the text that names it: the constraint on PostgreSQL, its columns on SQLite."""
    diagnostics = getattr(error.__cause__, "diag", None)
    return str(diagnostics.constraint_name if diagnostics else error)
