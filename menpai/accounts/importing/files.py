"""The rows of a file, whose format is told by its content and not by its name."""

import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from menpai.accounts.importing import columns, text_files, workbooks
from menpai.accounts.importing.columns import Headers, Record
from menpai.accounts.importing.reasons import BadFile


@dataclass(frozen=True)
class Table:
    kind: str
    lines: int  # as far as known before it is read
    fields: list[str]
    records: Iterable[Record]


@contextmanager
def opened(
    path: Path,
    headers: Headers = columns.CUSTOMERS,
    *,
    encoding: str = "",
    sheet: str = "",
    ignore_unknown: bool = False,
) -> Iterator[Table]:
    """The table in a file. Raises BadFile, also while it is read, and OSError."""
    if not stat.S_ISREG(os.stat(path).st_mode):
        raise BadFile("不是普通文件。", "Not a regular file.")
    with path.open("rb") as file:
        head = file.read(64)
    if not head:
        raise BadFile("文件是空的。", "The file is empty.")
    if head.startswith(workbooks.MAGIC):
        with workbooks.opened(path, sheet) as (total, rows):
            fields, records = _under_headers(rows, headers, ignore_unknown=ignore_unknown)
            yield Table("workbook", total, fields, records)
        return
    encoding, lines = text_files.encoding_of(path, encoding)
    with path.open(encoding=encoding, newline="") as text:
        is_json = text.read(64).lstrip("\ufeff \t\r\n").startswith("{")
        text.seek(0)
        if is_json:
            yield Table(f"JSON, {encoding}", lines, headers.fields, text_files.json_rows(text, headers))
        else:
            fields, records = text_files.csv_rows(text, headers, ignore_unknown=ignore_unknown)
            yield Table(f"CSV, {encoding}", lines, fields, records)


def _under_headers(
    rows: Iterator[tuple[int, list[object]]], headers: Headers, *, ignore_unknown: bool
) -> tuple[list[str], Iterator[Record]]:
    first = next((cells for _, cells in rows if any(cells)), [])
    names = headers.named(first, ignore_unknown=ignore_unknown)
    records = (columns.record(line, names, cells) for line, cells in rows)
    return [name for name in names if name], (record for record in records if record)
