from django.db import migrations, models

from menpai.migrations._concurrently import AddIndex


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("menpai", "0007_social_links"),
    ]

    operations = [
        AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("state", "accepted"), models.Q(("sealed", ""), _negated=True)),
                fields=["expires_at"],
                name="messages_kept_sealed",
            ),
        ),
    ]
