from typing import Any

from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def remember_number(apps: Any, _editor: Any) -> None:
    """The number of an unproven mobile is still the one that it was; of another nobody can tell what it was."""
    Address, Customer = apps.get_model("menpai", "Address"), apps.get_model("menpai", "Customer")
    unproven = Customer.objects.filter(pk=OuterRef("customer_id"), mobile__isnull=False)
    aside = Address.objects.filter(
        set_aside_at__isnull=False, customer__mobile_verified_at__isnull=True, customer__mobile__isnull=False
    )
    aside.update(set_aside_mobile=Subquery(unproven.values("mobile")[:1]))


class Migration(migrations.Migration):
    dependencies = [
        ("menpai", "0011_credential_marks"),
    ]

    operations = [
        migrations.AddField(
            model_name="address",
            name="set_aside_mobile",
            field=models.CharField(blank=True, db_default="", default="", editable=False, max_length=20),
        ),
        migrations.RunPython(remember_number, migrations.RunPython.noop),
    ]
