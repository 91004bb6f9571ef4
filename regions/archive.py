"""The file that the product ships: a ZIP of tab-separated tables, the same bytes from the same sources."""

import json
import zipfile
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from regions import history, pinyin, sources
from regions.history import Record

Rows = Iterable[Iterable[str]]
MARK = (2000, 1, 1, 0, 0, 0)  # a fixed time: the bytes depend on the data alone


def write(path: Path) -> dict[str, int]:
    """Writes the edition; returns its counts. Raises ValueError if the sources do not agree."""
    compared = compare()
    pinyin.load()
    records = [*history.records(), *_outside()]
    towns = _towns()
    edition, _ = sources.live()
    counts = {
        level: sum(1 for record in records if record.level == level and not record.valid_to and _official(record))
        for level in ("province", "city", "county")
    }
    counts |= {"town": sum(map(len, towns.values())), "records": len(records), "compared": compared}
    head = {"edition": edition, "table": sources.base()[0], "counts": counts, "sources": sources.versions()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        _put(archive, "edition.json", json.dumps(head, ensure_ascii=False, indent=1))
        _put(archive, "regions.tsv", _lines(map(_row, records)))
        for name in ("zones", "made_up"):
            _put(archive, f"{name}.tsv", _lines(sources.table(name)))
        for group in sorted(towns):
            _put(archive, f"towns/{group}.tsv", _lines(towns[group]))
    return counts


def compare() -> int:
    """The number of codes on whose names the three sources agree. Raises ValueError for the first difference."""
    base = {code: place.name for code, place in sources.base()[1].items() if place.level != "town"}
    later = {code for code, *_ in sources.table("later")} | {"710000"}
    for other in (sources.live()[1], sources.third()):
        if different := sorted((base.items() ^ other.items()) - {(code, other.get(code)) for code in later}):
            raise ValueError(f"the sources differ: {different[:6]}")
    return len(base)


def _official(record: Record) -> bool:
    return record.level == "province" or record.code[:2] not in ("71", "81", "82")


def _outside() -> list[Record]:
    """The regions of Taiwan, Hong Kong and Macao, under codes of ours."""
    names: dict[str, str] = dict(row[:2] for row in sources.table("outside"))
    made = []
    for code, name in names.items():
        is_city = code.endswith("00")
        parent = f"{code[:2]}0000" if is_city or f"{code[:4]}00" not in names else f"{code[:4]}00"
        made.append(Record(code, name, "city" if is_city else "county", parent, code, "1999-12-31", history.LAST))
    return made


def _towns() -> dict[str, list[tuple[str, str, str]]]:
    """Code, name and pinyin of each town, by the first four digits."""
    names = {code: place.name for code, place in sources.base()[1].items() if place.level == "town"}
    for code, *_ in sources.table("later"):
        names |= sources.live_towns(code)
    groups: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    for code, name in sorted(names.items()):
        groups[code[:4]].append((code, name, pinyin.of(name)))
    return groups


def _row(record: Record) -> tuple[str, ...]:
    level = str(("province", "city", "county").index(record.level) + 1)
    dates = record.valid_from, record.valid_to
    return (
        record.code, record.name, level, record.parent, *dates, ",".join(record.successors), record.kind,
        pinyin.of(record.name),
    )  # fmt: skip


def _lines(rows: Rows) -> str:
    return "".join("\t".join(row) + "\n" for row in rows)


def _put(archive: zipfile.ZipFile, name: str, text: str) -> None:
    entry = zipfile.ZipInfo(name, MARK)
    entry.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(entry, text.encode())
