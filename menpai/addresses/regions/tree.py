"""The regions of one edition, in memory; towns are read on demand."""

import json
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from io import BytesIO
from typing import Literal, NamedTuple

Level = Literal["province", "city", "county", "town"]
Kind = Literal["renamed", "recoded", "merged", "split", "abolished"]
LEVELS: dict[str, Level] = {"1": "province", "2": "city", "3": "county"}
FORMER_SINCE = date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class Region:
    """A region under one name.

    Dates are those of the yearly tables (31 December): the year is exact, the day is not, unless a decree is known.
    `valid_to` is the first day without it; `successors` are the codes on that day, and `kind` is how it ended: alone
    under a new name or code, into a living region, into several, or for good.
    """

    code: str
    name: str
    level: Level
    parent: str
    valid_from: date
    valid_to: date | None
    successors: tuple[str, ...]
    kind: Kind | None
    pinyin: str  # of the short name: 杭州市 → "hang zhou"

    @property
    def is_official(self) -> bool:
        """False for codes of ours, which GB/T 2260 does not have: below Taiwan, Hong Kong and Macao."""
        return self.level == "province" or self.code[:2] not in ("71", "81", "82")


class Zone(NamedTuple):
    """A name that is no region, and the city or county that it lies in."""

    name: str
    code: str


class Tree:
    def __init__(self, data: bytes, largest: int = 0) -> None:
        """Raises an error of zipfile, ValueError or KeyError for no edition, or for one too large."""
        self._archive = zipfile.ZipFile(BytesIO(data))
        if largest and sum(entry.file_size for entry in self._archive.infolist()) > largest:
            raise ValueError("too large")
        head = json.loads(self._archive.read("edition.json"))
        self.edition: str = head["edition"]
        self.mark = f"{self.edition}.{zlib.crc32(data):08x}"  # another edition, or another state of the same
        self.counts: dict[str, int] = head["counts"]
        self._table = date.fromisoformat(head["table"])
        self._by_code: dict[str, list[Region]] = defaultdict(list)
        self._children: dict[str, list[Region]] = defaultdict(list)
        for row in self._rows("regions.tsv"):
            region = _region(row)
            self._by_code[region.code].append(region)
            if region.valid_to is None:
                self._children[region.parent].append(region)

    def find(self, code: str) -> Region | None:
        records = self._by_code.get(code)
        return records[-1] if records else self._town(code)

    def at(self, code: str, day: date) -> Region | None:
        for region in self._by_code.get(code, ()):
            if region.valid_from <= day and (region.valid_to is None or day < region.valid_to):
                return region
        town = self._town(code)
        return town if town and town.valid_from <= day else None

    def now(self, region: str | Region) -> list[Region]:
        record = self.find(region) if isinstance(region, str) else region
        if record is None or record.valid_to is None:
            return [record] if record else []
        heirs = [self.at(code, record.valid_to) for code in record.successors]
        return list(dict.fromkeys(last for heir in heirs if heir for last in self.now(heir)))

    def path(self, region: str | Region) -> list[Region]:
        record = self.find(region) if isinstance(region, str) else region
        if record is None:
            return []
        last_day = record.valid_to - timedelta(days=1) if record.valid_to else date.max
        return [*self.path(self.at(record.parent, last_day) or record.parent), record]

    def children(self, code: str) -> list[Region]:
        return list(self._children.get(code, ()))

    def towns(self, code: str) -> list[Region]:
        group = f"towns/{code[:4]}.tsv"
        if len(code) != 6 or group not in self._archive.NameToInfo:
            return []
        return [
            Region(town, name, "town", code, self._table, None, (), None, pinyin)
            for town, name, pinyin in self._rows(group)
            if town.startswith(code)
        ]

    def living(self) -> Iterator[Region]:
        return (records[-1] for records in self._by_code.values() if records[-1].valid_to is None)

    def former(self) -> Iterator[Region]:
        for records in self._by_code.values():
            yield from (region for region in records if region.valid_to and region.valid_to >= FORMER_SINCE)

    def zones(self) -> list[Zone]:
        return [Zone(*row) for row in self._rows("zones.tsv")]

    def made_up(self) -> dict[str, str]:
        """The codes of an older picker that no table has, and the region or town that each stands for."""
        return {code: region for code, _, region in self._rows("made_up.tsv")}

    def made_up_names(self) -> dict[str, str]:
        """The names that the older picker showed for them."""
        return {code: name for code, name, _ in self._rows("made_up.tsv")}

    def _town(self, code: str) -> Region | None:
        if len(code) != 9:
            return None
        return next((town for town in self.towns(code[:6]) if town.code == code), None)

    def _rows(self, name: str) -> Iterator[list[str]]:
        return (line.split("\t") for line in self._archive.read(name).decode().splitlines())


def _region(row: list[str]) -> Region:
    code, name, level, parent, begun, ended, successors, kind, pinyin = row
    until = _day(ended) if ended else None
    heirs = tuple(successors.split(",")) if successors else ()
    return Region(code, name, LEVELS[level], parent, _day(begun), until, heirs, kind or None, pinyin)  # type: ignore[arg-type]


@cache
def _day(text: str) -> date:
    return date.fromisoformat(text)
