import uuid_utils.compat
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("menpai", "0008_messages_kept_sealed"),
    ]

    operations = [
        migrations.CreateModel(
            name="Spending",
            fields=[
                ("period", models.CharField(max_length=24, primary_key=True, serialize=False)),
                ("spent", models.PositiveBigIntegerField(default=0)),
            ],
        ),
        migrations.AddField(
            model_name="message",
            name="known",
            field=models.BooleanField(db_default=False, default=False, editable=False),
        ),
        migrations.CreateModel(
            name="Alert",
            fields=[
                ("key", models.CharField(max_length=160, primary_key=True, serialize=False)),
                ("reference", models.UUIDField(default=uuid_utils.compat.uuid7, editable=False)),
                ("event", models.CharField(max_length=40)),
                ("facts", models.JSONField(default=dict)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("created_at", models.DateTimeField(db_index=True)),
                ("due_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("due_at__isnull", False)), fields=["due_at"], name="alerts_to_tell"
                    )
                ],
            },
        ),
    ]
