"""A column that gets longer, without a copy of its table and for good."""

from typing import Any

from django.db import migrations


class WidenColumn(migrations.AlterField):
    """PostgreSQL changes its catalogue alone. SQLite enforces no length, and Django would copy the table there.

    Backwards the column stays wide: it may hold what would not fit, and the version before reads it.
    """

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            super().database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        pass
