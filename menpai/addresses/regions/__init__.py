"""The regions of China by their codes (GB/T 2260), each with its dates and what it became.

tree        the regions of one edition, in memory; towns are read on demand
edition     the edition in use: that of the package, or a newer one from the data folder
difference  the changes from one edition to the next, in words

The data is `edition.zip`, which `make regions` writes (NOTICE names its sources). Codes have six digits, those of towns
nine. A code can come back with another meaning: the key is (code, valid_from). Codes below 710000, 810000 and 820000
are ours, see `Region.is_official`. Where a place has no city above it, its parent is the province; four cities
(东莞, 中山, 儋州, 嘉峪关) have towns and no counties.

Keep nothing that is made of it but in a function under `cached`: another edition may come while the process runs.
Loading: 40 ms and 5.5 MB a process (`python -m regions.measure`).
"""

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

from menpai.addresses.regions.edition import cached, current
from menpai.addresses.regions.tree import Region, Zone

__all__ = [
    "EDITION",
    "Region",
    "Zone",
    "at",
    "cached",
    "children",
    "current",
    "find",
    "former",
    "living",
    "now",
    "path",
    "towns",
    "zones",
]

EDITION: str  # the day of the newest data, ISO 8601

if not TYPE_CHECKING:

    def __getattr__(name: str) -> str:
        if name == "EDITION":
            return current().edition
        raise AttributeError(name)


def find(code: str) -> Region | None:
    """The region that has the code today, or the last one that had it; None for a code that never was."""
    return current().find(code)


def at(code: str, day: date) -> Region | None:
    """The region that had the code on that day."""
    return current().at(code, day)


def now(region: str | Region) -> list[Region]:
    """The regions in its place today: itself while it lives, several where it was split."""
    return current().now(region)


def path(region: str | Region) -> list[Region]:
    """From the province to the region itself, as it was at its end; levels that do not exist are left out."""
    return current().path(region)


def children(code: str) -> list[Region]:
    """The living regions directly in a region, without towns; the provinces for ''."""
    return current().children(code)


def towns(code: str) -> list[Region]:
    """The towns of a county, or of a city without counties."""
    return current().towns(code)


def living() -> Iterator[Region]:
    """Every province, city and county of today, by code."""
    return current().living()


def former() -> Iterator[Region]:
    """Every region that ended since the table of 1999, by code."""
    return current().former()


def zones() -> list[Zone]:
    """Names that people write where a county stands, which are no regions (高新区, 苏州工业园区)."""
    return current().zones()
