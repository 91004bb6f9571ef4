"""Editions of the regions as a later year could bring them, made from the one that ships."""

import json
import zipfile
from collections.abc import Callable
from importlib.resources import files
from io import BytesIO

SHIPPED = files("menpai.addresses.regions").joinpath("edition.zip").read_bytes()


def edition(day: str, change: Callable[[str], str] = lambda table: table, member: str = "regions.tsv") -> bytes:
    """The edition that ships under another day, with one of its tables changed."""
    made = BytesIO()
    with zipfile.ZipFile(BytesIO(SHIPPED)) as shipped, zipfile.ZipFile(made, "w") as archive:
        for name in shipped.namelist():
            text = shipped.read(name).decode()
            if name == "edition.json":
                text = json.dumps(json.loads(text) | {"edition": day})
            archive.writestr(name, change(text) if name == member else text)
    return made.getvalue()


def of_next_year(table: str) -> str:
    """桐庐县 becomes 桐庐区, 下城区 comes back to life, 淳安县 becomes a part of 建德市."""
    rows = [line.split("\t") for line in table.splitlines()]
    for row in rows:
        code, ended = row[0], not row[5]
        if code in ("330122", "330127") and ended:
            row[5:8] = ["2027-12-31", "330115" if code == "330122" else "330182", "renamed"]
    rows.append(["330115", "桐庐区", "3", "330100", "2027-12-31", "", "", "", "tong lu"])
    return "".join("\t".join(row) + "\n" for row in rows)
