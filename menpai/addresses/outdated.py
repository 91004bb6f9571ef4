"""How many live addresses name a region of the past. Counts alone: nothing of an address leaves here."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db.models import Count

from menpai.addresses import region_names, region_texts, regions
from menpai.addresses.regions import Region
from menpai.models import Address


@dataclass
class Figures:
    """Numbers of addresses: live, under a code that never was, outdated by their former region."""

    live: int = 0
    unknown: int = 0
    outdated: Counter[Region] = field(default_factory=Counter)


def count() -> Figures:
    """Two statements that read the whole table."""
    figures = Figures()
    for code, names, text, number in _groups():
        figures.live += number
        if code and regions.find(code) is None:
            figures.unknown += number
        if former := _former(code, names, text):
            figures.outdated[former] += number
    return figures


def _groups() -> Iterator[tuple[str | None, tuple[str, str, str], str, int]]:
    """Code, the three names, the text of an address without them, and how many there are."""
    live = Address.objects.filter(deleted_at__isnull=True)
    in_parts = live.exclude(province="").values_list("region_code", "province", "city", "county")
    for code, *names, number in in_parts.annotate(number=Count("pk")).order_by().iterator(2000):
        yield code, (names[0], names[1], names[2]), "", number
    for code, text in live.filter(province="").values_list("region_code", "address").iterator(2000):
        yield code, ("", "", ""), text, 1


def _former(code: str | None, names: tuple[str, str, str], text: str) -> Region | None:
    """The former region that the names stand for, or the text, or else the code."""
    reading = region_texts.read(text) if text else region_names.read(*names)
    if reading.outdated:
        return reading.outdated
    region = regions.find(code) if code else None
    return region if region and region.valid_to else None
