from django.db import migrations

from menpai.accounts import email_keys


class Migration(migrations.Migration):
    """The version before writes older keys while it still serves: each `menpai migrate` renews them again (apps.py)."""

    atomic = False
    dependencies = [("menpai", "0009_spending")]
    operations = [migrations.RunPython(email_keys.renew_and_report, migrations.RunPython.noop)]
