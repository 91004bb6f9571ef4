"""Codes of an older picker made real: it had codes of its own for towns of 东莞 and for zones.

The version before goes on writing them while it serves, so each `menpai migrate` maps them again (apps.py). Windows of
rows, and each row in a statement of its own that compares what it read: nothing waits, and doing it again is nothing.
"""

from typing import Any

from django.db.models import F, Max, Value
from django.db.models.functions import Concat

from menpai.addresses import regions
from menpai.models import Address

WINDOW = 10_000  # ids that one statement reads


def map_all(*_: Any, **__: Any) -> int:
    """Gives every address with a made-up code the real one; returns how many.

    Called by a migration and its signal.
    """
    newest = Address.objects.aggregate(newest=Max("pk"))["newest"] or 0
    return sum(_map_window(begin) for begin in range(0, newest, WINDOW))


def _map_window(begin: int) -> int:
    made_up, names = regions.current().made_up(), regions.current().made_up_names()
    rows = Address.objects.filter(pk__gt=begin, pk__lte=begin + WINDOW, region_code__in=made_up)
    changed = 0
    for address_id, raw_code, county in list(rows.values_list("pk", "region_code", "county")):
        code = raw_code or ""
        target, is_named = made_up[code], names[code] == county
        if regions.find(code) and not is_named:
            continue  # a real code of an earlier time
        same = Address.objects.filter(pk=address_id, region_code=code, county=county)
        changed += same.update(region_code=target[:6], **(_town(target) if is_named else {}))
    return changed


def _town(target: str) -> dict[str, Any]:
    """The columns of an address whose county is a town: the same text, the town in front of it."""
    if len(target) == 6:
        return {}
    return {
        "town": F("county"), "town_code": target, "detail": Concat(F("county"), F("detail")), "county": Value("")
    }  # fmt: skip
