import uuid_utils.compat
from django.db import migrations, models

from menpai.models import forget_customer


class Migration(migrations.Migration):
    dependencies = [
        ("menpai", "0017_real_codes_of_regions"),
    ]

    operations = [
        migrations.CreateModel(
            name="Snapshot",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("order", models.CharField(max_length=64, verbose_name="订单号")),
                ("digest", models.CharField(max_length=64, verbose_name="SHA-256")),
                ("issued_at", models.DateTimeField(verbose_name="签发于")),
                ("request", models.CharField(editable=False, max_length=64, null=True)),
                ("body", models.CharField(blank=True, editable=False, max_length=64)),
                ("sealed", models.TextField(blank=True, editable=False)),
                (
                    "customer",
                    models.ForeignKey(
                        null=True,
                        on_delete=forget_customer,
                        related_name="snapshots",
                        to="menpai.customer",
                        verbose_name="顾客",
                    ),
                ),
            ],
            options={
                "verbose_name": "地址快照",
                "verbose_name_plural": "地址快照",
                "indexes": [
                    models.Index(fields=["order"], name="snapshots_by_order"),
                    models.Index(fields=["issued_at"], name="snapshots_by_age"),
                    models.Index(
                        condition=models.Q(("request__isnull", False)),
                        fields=["issued_at"],
                        name="snapshots_kept_sealed",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("customer__isnull", False), ("sealed", ""), _connector="OR"),
                        name="no_payload_without_its_customer",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("request__isnull", False)),
                        fields=("request",),
                        name="one_snapshot_per_request",
                    ),
                ],
            },
        ),
    ]
