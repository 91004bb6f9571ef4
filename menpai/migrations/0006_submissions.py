import django.db.models.deletion
from django.db import migrations, models

from menpai.migrations._concurrently import AddIndex


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("menpai", "0005_audit"),
    ]

    operations = [
        migrations.AlterField(
            model_name="message",
            name="customer",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                to="menpai.customer",
                verbose_name="顾客",
            ),
        ),
        migrations.CreateModel(
            name="Submission",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("gateway", models.CharField(max_length=32, verbose_name="通道")),
                ("region", models.CharField(blank=True, max_length=2, verbose_name="地区")),
                ("carrier", models.CharField(blank=True, max_length=16, verbose_name="运营商")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("handed", "已交出"),
                            ("accepted", "已被接收"),
                            ("delivered", "已送达"),
                            ("failed", "失败"),
                            ("unknown", "结果未知"),
                        ],
                        default="handed",
                        max_length=12,
                        verbose_name="状态",
                    ),
                ),
                ("vendor_reference", models.CharField(blank=True, max_length=128, verbose_name="通道回执")),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="原因")),
                ("price", models.PositiveBigIntegerField(default=0, verbose_name="价格")),
                ("handed_at", models.DateTimeField(verbose_name="交出于")),
                ("answered_at", models.DateTimeField(blank=True, null=True, verbose_name="应答于")),
                ("reported_at", models.DateTimeField(blank=True, null=True, verbose_name="回执于")),
            ],
            options={
                "verbose_name": "发送记录",
                "verbose_name_plural": "发送记录",
            },
        ),
        migrations.AddField(
            model_name="message",
            name="secret",
            field=models.CharField(blank=True, db_default="", default="", editable=False, max_length=32),
        ),
        AddIndex(
            model_name="message",
            index=models.Index(fields=["recipient", "created_at"], name="messages_of_recipient"),
        ),
        migrations.AddField(
            model_name="submission",
            name="message",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="submissions",
                to="menpai.message",
                verbose_name="消息",
            ),
        ),
        migrations.AddIndex(
            model_name="submission",
            index=models.Index(
                condition=models.Q(("vendor_reference", ""), _negated=True),
                fields=["gateway", "vendor_reference"],
                name="submissions_by_receipt",
            ),
        ),
        migrations.AddIndex(
            model_name="submission",
            index=models.Index(fields=["handed_at"], name="submissions_by_time"),
        ),
    ]
