"""Which unique key an insert or update ran into."""

from django.db import IntegrityError


def name(error: IntegrityError) -> str:
    """The text that names it: PostgreSQL gives the constraint, SQLite the columns."""
    diagnostics = getattr(error.__cause__, "diag", None)
    return str(diagnostics.constraint_name if diagnostics else error)
