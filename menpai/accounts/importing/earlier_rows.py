"""The names in the rows before: in memory up to some millions of rows, on disk beyond."""

import hashlib
import sqlite3
from collections.abc import Iterable


class EarlierRows:
    """Knows the line where each name, mobile or e-mail stood first; of each it keeps a digest."""

    def __init__(self) -> None:
        self._rows = sqlite3.connect("", isolation_level=None)  # a temporary file, deleted by the system
        self._rows.execute("PRAGMA journal_mode = OFF")
        self._rows.execute("PRAGMA cache_size = -65536")
        self._rows.execute("CREATE TABLE names (digest BLOB PRIMARY KEY, line INTEGER) WITHOUT ROWID")

    def line(self, kind: str, key: str) -> int | None:
        """The line with this name."""
        row = self._rows.execute("SELECT line FROM names WHERE digest = ?", [_digest(kind, key)]).fetchone()
        return int(row[0]) if row else None

    def add(self, names: Iterable[tuple[str, str]], line: int) -> None:
        self._rows.executemany("INSERT INTO names VALUES (?, ?)", [(_digest(*name), line) for name in names])

    def close(self) -> None:
        self._rows.close()


def _digest(kind: str, key: str) -> bytes:
    return hashlib.blake2b(f"{kind}:{key}".encode(), digest_size=16).digest()
