"""Text files: their encoding, told by their content, and the rows of CSV and of JSON lines."""

import codecs
import csv
import json
import re
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, TextIO

from menpai.accounts.importing import columns
from menpai.accounts.importing.columns import Headers
from menpai.accounts.importing.reasons import BadFile, BadRow

LONGEST_LINE = 1 << 20
_CHUNK = 1 << 20
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DELIMITERS = ",\t;|"


def encoding_of(path: Path, wanted: str) -> tuple[str, int]:
    """The encoding of a file and the number of its lines; `wanted`: tried alone. Raises BadFile."""
    with path.open("rb") as file:
        head = file.read(1024)
    if wanted:
        return wanted, _count_lines(path, wanted)
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding, _count_lines(path, encoding)
    if b"\0" in head:
        encoding = "utf-16-le" if head[1::2].count(0) > head[::2].count(0) else "utf-16-be"
        return encoding, _count_lines(path, encoding)
    try:
        return "utf-8", _count_lines(path, "utf-8")
    except BadFile as error:
        # A file in GB18030 does not begin with characters that UTF-8 writes in three bytes.
        if _begins_in_utf8(path):
            raise
        try:
            return "gb18030", _count_lines(path, "gb18030")
        except BadFile:
            raise error from None


def _count_lines(path: Path, encoding: str) -> int:
    """Raises BadFile with the line that cannot be decoded."""
    lines = 0
    try:
        b"".decode(encoding)  # a codec of text
        decoder = codecs.getincrementaldecoder(encoding)()
        with path.open("rb") as file:
            while True:
                chunk = file.read(_CHUNK)
                lines += decoder.decode(chunk, final=not chunk).count("\n")
                if not chunk:
                    return lines + 1
    except LookupError as error:
        raise BadFile(f"没有这种编码：{encoding}", f"no such encoding: {encoding}") from error
    except UnicodeError as error:
        if isinstance(error, UnicodeDecodeError):
            lines += error.object[: error.start].count(b"\n")
        raise BadFile(
            f"第 {lines + 1} 行不是 {encoding} 文本，文件可能已损坏；已另存为 UTF-8 CSV 的文件总能读取。",
            f"Line {lines + 1} is no text in {encoding}; the file may be damaged. Save it as CSV (UTF-8).",
        ) from error


def _begins_in_utf8(path: Path) -> bool:
    with path.open("rb") as file:
        try:
            text = file.read(_CHUNK).decode()
        except UnicodeDecodeError as error:
            text = error.object[: error.start].decode()
    return sum(char >= "\u0800" for char in text) >= 3


def csv_rows(file: TextIO, headers: Headers, *, ignore_unknown: bool) -> tuple[list[str], Iterator[columns.Record]]:
    """The fields of a table and its rows. Raises BadFile."""
    lines, before = _lines(file), 0
    header, delimiter = "", ""
    for header in lines:
        before += 1
        if match := re.fullmatch(r'"?sep=(.)"?', header.strip("\r\n"), re.IGNORECASE):
            delimiter = match[1]
        elif header.strip(f" {_DELIMITERS}\r\n\ufeff"):
            break
    else:
        raise BadFile("文件中没有内容。", "The file is empty.")
    if header.lstrip().lower().startswith(("<html", "<!doctype", "<table", "<?xml", "<meta")):
        raise BadFile(
            "这是网页或 XML，不是表格。请用电子表格程序打开，另存为 .xlsx。",
            "This is a web page or XML and no table. Open it in a spreadsheet and save it as .xlsx.",
        )
    try:
        delimiter = delimiter or max(_DELIMITERS, key=partial(_known, headers, header))
        reader = csv.reader(chain([header], lines), delimiter=delimiter)
        names = headers.named(next(reader), ignore_unknown=ignore_unknown)
    except csv.Error as error:
        raise BadFile("第一行不是列名。", "The first line does not name the columns.") from error
    return [name for name in names if name], _records(reader, before, names, delimiter)


def _known(headers: Headers, header: str, delimiter: str) -> int:
    """How many columns are known where this is what separates them."""
    return headers.known(next(csv.reader([header], delimiter=delimiter)))


def _records(reader: Any, before: int, names: Sequence[str | None], delimiter: str) -> Iterator[columns.Record]:
    """Rows by their first line. A quotation mark that is not closed costs only the lines that it holds."""
    before -= 1
    while True:
        first = before + reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            cells = None
        last = before + reader.line_num
        if cells is None or any(re.search(r"[\r\n]", cell.strip()) and delimiter in cell for cell in cells):
            zh = f"第 {first} 行的引号没有在同一行结束：第 {first}–{last} 行都没有导入"
            en = f"a quotation mark of line {first} is not closed there: lines {first}–{last} are not imported"
            yield columns.Record(first, cells=cells or (), problem=BadRow("", zh, en))
        elif record := columns.record(first, names, cells):
            yield record


def json_rows(file: TextIO, headers: Headers) -> Iterator[columns.Record]:
    """One object a line; empty lines are none. Raises BadFile."""
    for line, text in enumerate(_lines(file), 1):
        if not text.strip("\ufeff \t\r\n"):
            continue
        try:
            fields = json.loads(text.strip("\ufeff"), object_pairs_hook=partial(_fields, headers))
        except BadRow as problem:
            yield columns.Record(line, problem=problem)
            continue
        except (ValueError, RecursionError):
            fields = None
        if isinstance(fields, dict):
            yield columns.Record(line, fields, [fields.get(name) for name in headers.fields])
        else:
            yield columns.Record(line, problem=BadRow("", "不是 JSON 对象", "no JSON object"))


def _fields(headers: Headers, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) < len(pairs):
        raise BadRow("", "有重复的字段", "a field that stands there twice")
    if {name for name, _ in pairs} - set(headers.fields):
        raise BadRow("", "有无法识别的字段", "a field that there is not")
    return dict(pairs)


def _lines(file: TextIO) -> Iterator[str]:
    """Lines, so that a file without line breaks does not fill the memory. Raises BadFile."""
    while line := file.readline(LONGEST_LINE):
        if len(line) == LONGEST_LINE:
            raise BadFile("有一行太长，不是表格。", "A line is too long: this is no table.")
        yield line
