from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("menpai", "0018_snapshots"),
    ]

    operations = [
        migrations.CreateModel(
            name="EphemeralEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=80)),
                ("at", models.FloatField()),
                ("event", models.CharField(max_length=80)),
                ("expires_at", models.FloatField(db_index=True)),
            ],
            options={
                "indexes": [models.Index(fields=["key", "at", "event"], name="events_of_window")],
            },
        ),
    ]
