from django.db import migrations, models

from menpai.migrations._concurrently import AddIndex


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
