from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("menpai", "0010_email_keys_with_ascii_domains"),
    ]

    operations = [
        migrations.AddField(
            model_name="customer",
            name="password_changed_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="customer",
            name="last_disabled_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
    ]
