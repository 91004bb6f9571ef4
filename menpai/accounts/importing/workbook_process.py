"""Reads a workbook from stdin and writes its rows to stdout as JSON, one array a line.

A process of its own, by the path of this file: a workbook that unpacks to gigabytes, or that crashes the reader, ends
this process and nothing else. It knows nothing of Menpai.

First {"rows": 3} or {"error": kind, "sheets": [names]}; then arrays of cells, a lost one {"damage": kind, "text": …}.
"""

import json
import os
import posixpath
import re
import resource
import signal
import sys
import zipfile
from typing import Any
from xml.etree import ElementTree

import python_calamine

MEMORY = 2 << 30  # a sheet of 1,048,576 rows takes about half of it
UNPACKED = 1 << 30
SECONDS = 600
CHUNK = 1 << 20
# Cells that the reader takes for empty ones: errors, and formulas that no spreadsheet has calculated.
_LOST = re.compile(
    rb"<(?:\w+:)?c\s(?P<error>[^>]*\bt=[\"']e[\"'][^>]*)>"
    rb"|<(?:\w+:)?c\s(?P<formula>[^>]*)>\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)\s*"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
# [MS-OFFCRYPTO] 2.3.4.4, and [MS-XLS] 2.4.117 behind the first record of a workbook. The reader does not tell them.
_ENCRYPTED = re.compile(
    re.escape("EncryptedPackage".encode("utf-16-le")) + rb"|\x09\x08\x10\0\0\x06\x05\0.{12}(?:\x86\0\0\0)?\x2f\0",
    re.DOTALL,
)
_PLACE = re.compile(rb"\br=[\"']([A-Z]{1,3})([0-9]{1,7})[\"']")
_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


class Unreadable(Exception):
    def __init__(self, kind: str, sheets: list[str] | None = None) -> None:
        super().__init__(kind)
        self.about = {"error": kind, "sheets": sheets or []}


def main(wanted: str) -> None:
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # the reader of these rows has gone: so do we
    for kind, limit in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, SECONDS), (resource.RLIMIT_CORE, 0)):
        resource.setrlimit(kind, (limit, limit))
    try:
        write_rows(wanted)
    except Unreadable as error:
        print(json.dumps(error.about))
    except MemoryError:
        print(json.dumps({"error": "large"}))
    except BaseException:  # noqa: BLE001  (a panic of the reader is no Exception)
        print(json.dumps({"error": "damaged"}))


def write_rows(wanted: str) -> None:
    """Writes the rows of the sheet with this name, or of the only one with content. Raises Unreadable."""
    is_zip = sys.stdin.buffer.read(2) == b"PK"
    sys.stdin.buffer.seek(0)
    if is_zip:
        with zipfile.ZipFile(sys.stdin.buffer) as archive:
            if sum(member.file_size for member in archive.infolist()) > UNPACKED:
                raise Unreadable("large")
            if "xl/workbook.xml" not in archive.namelist():
                raise Unreadable("other")
        sys.stdin.buffer.seek(0)
    if not is_zip and _ENCRYPTED.search(sys.stdin.buffer.read()):
        raise Unreadable("encrypted")
    sys.stdin.buffer.seek(0)
    book = python_calamine.load_workbook(sys.stdin.buffer)
    name = sheet_name(book, wanted)
    sheet = book.get_sheet_by_name(name)
    lost = lost_cells(name) if is_zip else {}
    first = sheet.start[1] if sheet.start else 0
    print(json.dumps({"rows": sheet.total_height}))
    for number, row in enumerate(sheet.iter_rows(), 1):
        cells: list[Any] = [""] * first + [plain(cell) for cell in row]
        for column, kind in lost.get(number, {}).items():
            cells += [""] * (column + 1 - len(cells))
            cells[column] = {"damage": kind, "text": ""}
        print(json.dumps(cells))


def sheet_name(book: Any, wanted: str) -> str:
    """Raises Unreadable, with the names to choose from."""
    if wanted:
        if wanted not in book.sheet_names:
            raise Unreadable("no_such_sheet", book.sheet_names)
        return wanted
    kinds = {sheet.name: sheet.typ for sheet in book.sheets_metadata}
    tables = [name for name in book.sheet_names if kinds[name] == python_calamine.SheetTypeEnum.WorkSheet]
    filled = [name for name in tables if book.get_sheet_by_name(name).start]
    if len(filled) != 1:
        raise Unreadable("several" if filled else "empty", filled)
    return str(filled[0])


def plain(cell: Any) -> Any:
    """Returns a cell as JSON can hold it."""
    return cell if isinstance(cell, str | int | float) else {"damage": "date", "text": str(cell)}


def lost_cells(name: str) -> dict[int, dict[int, str]]:
    """The lost cells of a sheet of an .xlsx: row → column → kind. Raises Unreadable."""
    sys.stdin.buffer.seek(0)
    lost: dict[int, dict[int, str]] = {}
    with zipfile.ZipFile(sys.stdin.buffer) as archive, archive.open(sheet_path(archive, name)) as part:
        text, size = b"", 0
        while chunk := part.read(CHUNK):
            size += len(chunk)
            if size > UNPACKED:
                raise Unreadable("large")
            whole, end, rest = (text + chunk).rpartition(b"</row>")
            for match in _LOST.finditer(whole if end else b""):
                kind = "error" if match["error"] else "formula"
                place = _PLACE.search(match[kind])
                if not place:
                    raise Unreadable("damaged")
                lost.setdefault(int(place[2]), {})[column_number(place[1])] = kind
            text = rest
    return lost


def sheet_path(archive: zipfile.ZipFile, name: str) -> str:
    """The part of an .xlsx that holds the sheet."""
    sheets = ElementTree.fromstring(archive.read("xl/workbook.xml")).iter()  # noqa: S314  (limits)
    key = next(sheet.get(_ID) for sheet in sheets if sheet.tag.endswith("}sheet") and sheet.get("name") == name)
    parts = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314
    target = next(part.get("Target", "") for part in parts if part.get("Id") == key)
    return posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")


def column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number - 1


if __name__ == "__main__":
    main(sys.argv[1])
    sys.stdout.flush()
    os._exit(0)
