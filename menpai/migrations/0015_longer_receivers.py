from django.db import migrations, models

from menpai.migrations._widening import WidenColumn


class Migration(migrations.Migration):
    """The version before goes on: it reads names of any length and writes no more than ten characters."""

    dependencies = [
        ("menpai", "0014_session_authentication"),
    ]

    operations = [
        WidenColumn(
            model_name="address",
            name="receiver",
            field=models.CharField(max_length=40, verbose_name="收货人"),
        ),
        migrations.AlterField(
            model_name="address",
            name="mobile",
            field=models.CharField(max_length=20, verbose_name="电话"),
        ),
    ]
