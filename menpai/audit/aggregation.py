"""Aggregation of refusals before they are written.

A flood of wrong passwords must not fill the disk, cost a statement each, or hide other refusals. Each process keeps one
entry for equal refusals (event, customer or subject, origin). A thread writes a new entry within a second, and repeats
of it when the minute is over, with `times`. A minute has rules.AUDIT_REFUSALS_PER_MINUTE entries, half of them for
subjects that are no customers; further refusals share one entry for each event.

A killed process loses only refusals, which had no effect. Writing outside the request also keeps the times of known and
unknown names equal (R38).
"""

import atexit
import json
import logging
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import DatabaseError, InterfaceError, connection
from django.utils import timezone

from menpai import rules
from menpai.models import AuditEvent

logger = logging.getLogger(__name__)
EVERY = 1.0  # seconds
MINUTE = timedelta(minutes=1)
Likeness = tuple[object, ...]


@dataclass
class _Entry:
    event: AuditEvent
    times: int
    written: int = 0  # of these times


class _Gathered:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.began: datetime | None = None
        self.entries: dict[Likeness, _Entry] = {}
        self.unknown = 0

    def add(self, event: AuditEvent) -> None:
        with self.lock:
            self.began = self.began or event.at
            alike = _likeness(event)
            if alike not in self.entries and self._is_full(event):
                event = AuditEvent(at=event.at, event=event.event, succeeded=False, details={"summed_up": True})
                alike = _likeness(event)
            elif alike not in self.entries and event.customer_id is None:
                self.unknown += 1
            entry = self.entries.setdefault(alike, _Entry(event, 0))
            entry.times += 1
            entry.event.at = event.at

    def _is_full(self, event: AuditEvent) -> bool:
        most = rules.AUDIT_REFUSALS_PER_MINUTE
        return len(self.entries) >= most or (event.customer_id is None and self.unknown >= most // 2)

    def due(self, now: datetime, *, everything: bool) -> list[tuple[_Entry, int]]:
        """Returns the entries to be written now, each with the number of times."""
        with self.lock:
            over = everything or self.is_over(now)
            waiting = [
                (entry, entry.times - entry.written) for entry in self.entries.values() if entry.times > entry.written
            ]
            return [(entry, times) for entry, times in waiting if over or not entry.written]

    def done(self, written: list[tuple[_Entry, int]], now: datetime, *, everything: bool) -> None:
        with self.lock:
            for entry, times in written:
                entry.written += times
            if (everything or self.is_over(now)) and all(
                entry.times == entry.written for entry in self.entries.values()
            ):
                self.began, self.unknown = None, 0
                self.entries.clear()

    def is_over(self, now: datetime) -> bool:
        return self.began is not None and not self.began <= now < self.began + MINUTE


_gathered = _Gathered()
_flushing = threading.Lock()
_starting = threading.Lock()
_writer: threading.Thread | None = None


def gather(event: AuditEvent) -> None:
    """Adds a refusal to its entry; the first one in a process starts the thread that writes them."""
    global _writer
    _gathered.add(event)
    if _writer is None or not _writer.is_alive():
        with _starting:
            if _writer is None or not _writer.is_alive():
                _writer = threading.Thread(target=_write, name="audit", daemon=True)
                _writer.start()
                atexit.register(_last)


def flush(*, everything: bool = True) -> int:
    """Writes entries and returns the number of rows. `everything` ends the minute. Raises DatabaseError."""
    with _flushing:
        now = timezone.now()
        due = _gathered.due(now, everything=everything)
        AuditEvent.objects.bulk_create([_row(entry.event, times) for entry, times in due])
        _gathered.done(due, now, everything=everything)
        return len(due)


def _write() -> None:
    pause, has_failed = threading.Event(), False
    while not pause.wait(EVERY):
        try:
            wrote = flush(everything=False)
            if wrote:
                connection.close()  # refusals are too rare to keep a connection open
            has_failed = False
        except (DatabaseError, InterfaceError) as error:
            connection.close()
            if not has_failed:
                logger.warning("refusals wait to be recorded: the database is away (%s)", type(error).__name__)
            has_failed = True


def _last() -> None:
    try:
        flush()
    except (DatabaseError, InterfaceError) as error:
        logger.warning("refusals were not recorded: the database is away (%s)", type(error).__name__)


def _row(event: AuditEvent, times: int) -> AuditEvent:
    values = {field.attname: getattr(event, field.attname) for field in AuditEvent._meta.concrete_fields}
    values["details"] = event.details | ({"times": times} if times > 1 else {})
    return AuditEvent(**values)


def _likeness(event: AuditEvent) -> Likeness:
    where = (event.network, event.browser, event.system, event.session_id)
    details = json.dumps(event.details, sort_keys=True)
    return (event.event, event.customer_id, event.subject, *where, details)
