"""The counts of an import, and who learns what becomes of its rows."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

from menpai.accounts.importing.columns import Record
from menpai.accounts.importing.reasons import BadRow

Problem = tuple[Record, BadRow]


@dataclass
class Report:
    read: int = 0
    line: int = 0  # the last that was read
    imported: int = 0
    there_already: int = 0
    refused: int = 0
    left_out: int = 0  # user names or region codes, of rows that are imported or there already
    hashes: Counter[str] = field(default_factory=Counter)  # by scheme

    def tell(self, listener: "Listener", problems: Iterable[Problem], left_out: Iterable[Problem]) -> None:
        """Tells of a batch: its refused rows, by their line, then what was left out of the others."""
        refused = set()
        for record, problem in sorted(problems, key=lambda pair: pair[0].line):
            self.refused += 1
            refused.add(record.line)
            listener.refused(record, problem)
        for record, problem in left_out:
            if record.line not in refused:
                self.left_out += 1
                listener.left_out(record, problem)
        listener.progress(self)


class Listener(Protocol):
    """Learns what becomes of the rows, batch by batch."""

    def refused(self, record: Record, problem: BadRow) -> None: ...

    def left_out(self, record: Record, problem: BadRow) -> None: ...

    def progress(self, report: Report) -> None: ...
