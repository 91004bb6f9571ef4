"""The files beside the imported one: refused rows, to be mended, and user names left out."""

import csv
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from menpai.accounts.importing.reasons import BadRow

HEADERS = ("行 line", "列 column", "原因", "reason")
# A spreadsheet would take it for a formula, or for a number whose digits or zeros it drops.
_UNSAFE = re.compile(r"[=+\-@\t\r\n|％%＝＋－＠].*|0[0-9]+|[0-9]{11,}|[0-9.]+[eE][+-]?[0-9]+", re.DOTALL)


class RefusedRows:
    """A CSV file that Excel opens, for its owner alone.

    It is made with its first row, and an earlier one is deleted.

    Raises OSError.
    """

    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        self.path, self._columns = path, columns
        self._file: TextIO | None = None
        self.path.unlink(missing_ok=True)

    def write(self, line: int, problem: BadRow, cells: Sequence[object]) -> None:
        """Adds a row; with an apostrophe before what a spreadsheet would change, which an import takes away."""
        if self._file is None:
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
            self._file = os.fdopen(os.open(self.path, flags, 0o600), "w", encoding="utf-8-sig", newline="")
            self._writer = csv.writer(self._file)
            self._writer.writerow([*HEADERS, *self._columns])
        self._writer.writerow([line, problem.column, problem.zh, problem.en, *map(_safe, cells)])

    @property
    def is_empty(self) -> bool:
        return self._file is None

    def close(self) -> None:
        if self._file:
            self._file.close()


def _safe(cell: object) -> str:
    text = "" if cell is None else str(cell)
    text = text.encode("utf-8", "replace").decode()  # JSON can hold halves of surrogate pairs
    return f"'{text}" if _UNSAFE.fullmatch(text) else text
