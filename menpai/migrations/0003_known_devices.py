from typing import Any

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class AddIndex(AddIndexConcurrently):
    """Sign-ins go on meanwhile."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        kind = _kind(schema_editor)
        kind.database_forwards(self, app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        kind = _kind(schema_editor)
        kind.database_backwards(self, app_label, schema_editor, from_state, to_state)


def _kind(schema_editor: Any) -> type[migrations.AddIndex]:
    return AddIndexConcurrently if schema_editor.connection.vendor == "postgresql" else migrations.AddIndex


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("menpai", "0002_modern_sessions"),
    ]

    operations = [
        migrations.AddField(
            model_name="session",
            name="device",
            field=models.CharField(blank=True, db_default="", default="", editable=False, max_length=22),
        ),
        AddIndex(
            model_name="session",
            index=models.Index(fields=["device", "customer"], name="known_devices"),
        ),
        # Their events have names now. What was counted begins anew.
        migrations.RunSQL("DELETE FROM menpai_ephemeralwindow", migrations.RunSQL.noop),
    ]
