from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("menpai", "0013_staff_second_factor"),
    ]

    operations = [
        migrations.AddField(
            model_name="session",
            name="authenticated_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="session",
            name="amr",
            field=models.CharField(blank=True, db_default="", default="", editable=False, max_length=16),
        ),
    ]
