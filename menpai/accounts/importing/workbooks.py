"""Workbooks, read by python-calamine (the extra `spreadsheets`) in a process of its own."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from menpai.accounts.importing.cells import Damage
from menpai.accounts.importing.reasons import BadFile
from menpai.identifiers import normalization

MAGIC = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")  # .xlsx; .xls, or an encrypted .xlsx
_ERRORS = {
    "encrypted": (
        "工作簿有密码保护。请在电子表格程序中去掉密码再导入。",
        "The workbook is protected by a password. Take the password off in the spreadsheet.",
    ),
    "large": (
        "工作簿解压后太大。请拆分，或另存为 CSV。",
        "The workbook unpacks to too much. Split it, or save it as CSV.",
    ),
    "other": ("不是 .xlsx 或 .xls 工作簿。请另存为 .xlsx。", "No .xlsx or .xls workbook. Save it as .xlsx."),
    "damaged": (
        "工作簿已损坏，无法读取。请打开后另存为 .xlsx。",
        "The workbook is damaged. Open it and save it as .xlsx.",
    ),
    "empty": ("工作簿中没有内容。", "The workbook is empty."),
    "several": ("有几个工作表有内容，请用 --sheet 选一个：", "Several sheets have content; choose one with --sheet:"),
    "no_such_sheet": ("没有这个工作表，现有：", "There is no such sheet, but:"),
}


@contextmanager
def opened(path: Path, sheet: str) -> Iterator[tuple[int, Iterator[tuple[int, list[object]]]]]:
    """The number of rows of a sheet, and each with its line. Raises BadFile."""
    if find_spec("python_calamine") is None:
        raise BadFile(
            "读取 .xlsx 和 .xls 需要 python-calamine：pip install 'menpai[spreadsheets]'，或者另存为 CSV（UTF-8）。",
            ".xlsx and .xls need python-calamine: pip install 'menpai[spreadsheets]', or save as CSV (UTF-8).",
        )
    program = Path(__file__).with_name("workbook_process.py")
    with (
        path.open("rb") as file,
        subprocess.Popen(  # noqa: S603  (our own program)
            [sys.executable, "-P", str(program), sheet],
            stdin=file,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        ) as process,
    ):
        try:
            assert process.stdout
            about = json.loads(process.stdout.readline() or '{"error": "large"}')
            if "error" in about:
                zh, en = _ERRORS[about["error"]]
                sheets = ", ".join(f"“{normalization.line(name)}”" for name in about.get("sheets") or [])
                raise BadFile(f"{zh}{sheets}", f"{en} {sheets}".strip())
            yield about["rows"], enumerate((_cells(line) for line in process.stdout), 1)
            if process.wait():
                raise BadFile(*_ERRORS["damaged"])
        finally:
            process.kill()


def _cells(line: bytes) -> list[object]:
    cells: list[Any] = json.loads(line)
    return [Damage(cell["damage"], cell["text"]) if isinstance(cell, dict) else cell for cell in cells]
