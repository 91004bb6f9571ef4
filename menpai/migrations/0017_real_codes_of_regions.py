from django.db import migrations

from menpai.addresses import made_up_codes


def map_all(*_: object) -> None:
    made_up_codes.map_all()


class Migration(migrations.Migration):
    """Row by row, without a lock. The version before writes such codes while it still serves: apps.py maps them again."""

    atomic = False
    dependencies = [("menpai", "0016_town_and_longer_addresses")]
    operations = [migrations.RunPython(map_all, migrations.RunPython.noop)]
