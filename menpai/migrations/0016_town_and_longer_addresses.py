from django.db import migrations, models

from menpai.migrations._widening import WidenColumn

LABELS = {"address": "地址", "province": "省", "city": "市", "county": "区县", "detail": "详细地址"}


class Migration(migrations.Migration):
    """The version before goes on: it shows the town in `detail`, the extension in `mobile`, and writes neither."""

    dependencies = [
        ("menpai", "0015_longer_receivers"),
    ]

    operations = [
        WidenColumn(
            model_name="address",
            name="mobile",
            field=models.CharField(max_length=24, verbose_name="电话"),
        ),
        *[
            WidenColumn(
                model_name="address",
                name=name,
                field=models.CharField(blank=name != "address", max_length=200, verbose_name=label),
            )
            for name, label in LABELS.items()
        ],
        migrations.AddField(
            model_name="address",
            name="town",
            field=models.CharField(blank=True, db_default="", default="", max_length=200, verbose_name="街道"),
        ),
        migrations.AddField(
            model_name="address",
            name="town_code",
            field=models.CharField(blank=True, max_length=12, null=True, verbose_name="街道代码"),
        ),
    ]
