"""The yearly tables as dated records, and what became of each region.

A date is that of a table, 31 December, unless a decree is named: the year is that of the change, the day is not.
"""

from collections import defaultdict
from dataclasses import dataclass, field

from regions import sources

LAST = 2025
CHECKED = 1999  # what ended since has been read one by one; before, the sources stand as they are


@dataclass
class Record:
    code: str
    name: str
    level: str
    parent: str
    identity: str
    valid_from: str
    last_year: int
    valid_to: str = ""
    successors: list[str] = field(default_factory=list)
    kind: str = ""


def records() -> list[Record]:
    """Every region since 1980, by code and date; towns and what is outside the Ministry's tables excepted."""
    day, base = sources.base()
    if day != _day(LAST):
        raise ValueError(f"the table of {day} is not that of {LAST}")
    tables = sources.yearly()
    tables[LAST] = {
        code: sources.Row(place.level, place.name, place.parent, code)
        for code, place in base.items()
        if place.level != "town"
    }
    tables[LAST]["710000"] = tables[LAST - 1]["710000"]
    all_records = _joined(tables)
    _end(all_records)
    for code, name, parent, since, _ in sources.table("later"):
        all_records.append(Record(code, name, "county", parent, code, since, LAST))
    return sorted(all_records, key=lambda record: (record.code, record.valid_from))


def _joined(tables: dict[int, dict[str, sources.Row]]) -> list[Record]:
    """One record for the years in which a code had one name."""
    joined: list[Record] = []
    current: dict[str, Record] = {}
    for year in sorted(tables):
        for code, row in sorted(tables[year].items()):
            record = current.get(code)
            if record and record.name == row.name and record.last_year == year - 1:
                record.last_year, record.parent, record.identity = year, row.parent, row.identity
            else:
                record = Record(code, row.name, row.level, row.parent, row.identity, _day(year), year)
                current[code] = record
                joined.append(record)
    return joined


def _end(joined: list[Record]) -> None:
    """Writes into each record that ended when, how, and which codes follow it."""
    by_code: dict[str, list[Record]] = defaultdict(list)
    by_identity: dict[str, list[Record]] = defaultdict(list)
    for record in joined:
        by_code[record.code].append(record)
        by_identity[record.identity].append(record)
    corrected = {(code, name): successors.split(",") for code, name, successors, _ in sources.table("successors")}
    events = sources.events()
    for record in joined:
        if record.last_year == LAST:
            continue
        year = record.last_year + 1
        record.valid_to = _day(year)
        later = [other for other in by_identity[record.identity] if other.last_year >= year and other is not record]
        begun = [other for other in later if other.valid_from == _day(year) and other.level == record.level]
        lived = [other for other in later if other.valid_from <= _day(year) and other.level == record.level]
        event = events.get((record.code, year))
        if year > CHECKED and (record.code, record.name) in corrected:
            record.successors = corrected[record.code, record.name]
        elif following := (begun or lived):
            record.successors = [following[0].code]
        elif event and any(other.valid_from <= _day(year) and other.last_year >= year for other in by_code[event]):
            record.successors = [event]
    for record in joined:
        if record.valid_to:
            record.kind = _kind(record, joined, by_code)


def _kind(record: Record, joined: list[Record], by_code: dict[str, list[Record]]) -> str:
    """How a record ended: recoded or renamed if it went on alone, merged if others live in its successor."""
    if not record.successors:
        return "abolished"
    heirs = [_living(by_code[code], record) for code in record.successors]
    if len(heirs) > 1:
        return "split"
    together = [other for other in joined if (other.valid_to, other.successors) == (record.valid_to, record.successors)]
    if heirs[0].name == record.name:
        return "recoded"
    return "merged" if heirs[0].valid_from < record.valid_to or len(together) > 1 else "renamed"


def _living(candidates: list[Record], ended: Record) -> Record:
    """The record that lived on the day on which another ended."""
    for record in candidates:
        if record.valid_from <= ended.valid_to <= _day(record.last_year):
            return record
    raise ValueError(f"{ended.code} {ended.name} ended {ended.valid_to}: none of {ended.successors} lived then")


def _day(year: int) -> str:
    return f"{year}-12-31"
