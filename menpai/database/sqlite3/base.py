"""Django's SQLite backend, whose writers queue before they begin (docs/adr/0022).

A statement that may write and stands outside of a transaction takes its connection's turn; so does BEGIN. The turn ends
with the transaction: by COMMIT, ROLLBACK, the end of a statement that commits by itself, or that of the connection.
"""

import sqlite3
import time
from collections import deque
from collections.abc import Callable
from typing import Any, TypeVar

from django.db.backends.sqlite3 import base

from menpai.database.sqlite3 import writers

T = TypeVar("T")
_READS = ("SELECT", "PRAGMA", "EXPLAIN")


class Connection(sqlite3.Connection):
    """A connection that knows if it is its turn to write."""

    queue: writers.WriterQueue
    patience: float  # seconds
    _has_turn = False

    def wait(self, attempt: Callable[[], T]) -> T:
        """Returns `attempt()`, which does not begin to write."""
        return writers.patiently(attempt, time.monotonic() + self.patience)

    def begin(self, attempt: Callable[[], T]) -> T:
        """Returns `attempt()`, which may begin to write, when it is this connection's turn."""
        deadline = time.monotonic() + self.patience
        self.queue.enter(deadline)
        self._has_turn = True
        try:
            with self.queue.first_of_processes(deadline):
                return writers.patiently(attempt, deadline)
        finally:
            self.end_turn()

    def end_turn(self) -> None:
        """Lets the next one write, unless this one is in the middle of a transaction."""
        try:
            is_over = not self.in_transaction
        except sqlite3.ProgrammingError:  # it is closed
            is_over = True
        if is_over:
            self._leave()

    def _leave(self) -> None:
        if self._has_turn:
            self._has_turn = False
            self.queue.leave()

    def commit(self) -> None:
        try:
            self.wait(super().commit)
        finally:
            self.end_turn()

    def rollback(self) -> None:
        try:
            super().rollback()
        finally:
            self.end_turn()

    def close(self) -> None:
        try:
            super().close()
        finally:
            self._leave()

    def __del__(self) -> None:
        self._leave()  # its thread ended in the middle of a transaction


class Cursor(base.SQLiteCursorWrapper):
    """A cursor that queues before it writes.

    The rows of a statement that commits by itself are read at once: it commits with the last of them.
    """

    connection: Connection
    _returned: "deque[Any]"

    def execute(self, query: str, params: Any = None) -> Any:
        return self._run(query, lambda: super(Cursor, self).execute(query, params))

    def executemany(self, query: str, param_list: Any) -> Any:
        if self.connection.in_transaction or self.connection.isolation_level is not None:
            return self._run(query, lambda: super(Cursor, self).executemany(query, param_list))
        self.execute("BEGIN IMMEDIATE")  # one commit for all rows
        try:
            return super().executemany(query, param_list)
        finally:
            self.connection.commit()  # those before one that was refused stay, as they do outside of a transaction

    def _run(self, query: str, attempt: Callable[[], T]) -> T:
        self._returned = deque()
        connection = self.connection
        if connection.in_transaction:
            result = attempt()
            connection.end_turn()  # it may have been a COMMIT
            return result
        if query.lstrip()[:7].upper().startswith(_READS):
            return connection.wait(attempt)
        return connection.begin(lambda: self._finish(attempt))

    def _finish(self, attempt: Callable[[], T]) -> T:
        result = attempt()
        if self.description and not self.connection.in_transaction:
            self._returned.extend(super().fetchall())
        return result

    def fetchone(self) -> Any:
        return self._returned.popleft() if self._returned else super().fetchone()

    def fetchmany(self, size: int | None = None) -> list[Any]:
        if self._returned:
            return [self._returned.popleft() for _ in range(min(size or self.arraysize, len(self._returned)))]
        return super().fetchmany(size or self.arraysize)

    def fetchall(self) -> list[Any]:
        rows, self._returned = [*self._returned], deque()
        return rows or super().fetchall()

    def __next__(self) -> Any:
        return self._returned.popleft() if self._returned else super().__next__()


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's, with a queue for those who write."""

    def get_connection_params(self) -> dict[str, Any]:
        return {**super().get_connection_params(), "factory": Connection}

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        connection: Connection = super().get_new_connection(conn_params)
        connection.queue, connection.patience = writers.queue_of(conn_params["database"]), conn_params["timeout"]
        connection.execute("PRAGMA busy_timeout = 0")  # from here on the queue waits
        return connection

    def create_cursor(self, name: Any = None) -> Any:
        return self.connection.cursor(factory=Cursor)

    def _set_autocommit(self, autocommit: bool) -> None:
        super()._set_autocommit(autocommit)  # type: ignore[misc]
        self.connection.end_turn()  # SQLite's module commits with the change to autocommit
