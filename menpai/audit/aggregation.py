"""What was refused, summed up before it is written: a flood of wrong passwords must neither fill the disk nor cost a
statement each, and must not hide what else was refused.

A process keeps what is alike (event, customer or subject, place) in one entry. A thread writes a new entry within a
second, and what came after it once the minute is over, with `times`. A minute has rules.AUDIT_REFUSALS_PER_MINUTE
entries, half of them for subjects that are no customers; beyond that one entry an event holds the rest.

Nothing was done, so nothing is lost that counts when a process is killed in between. That it happens apart from the
request also keeps known and unknown names alike in time (R38).
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
    written: int = 0  # how many of them


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
        """What is to be written now, and how many times of it."""
        with self.lock:
            over = everything or self.is_over(now)
            waiting = [(one, one.times - one.written) for one in self.entries.values() if one.times > one.written]
            return [(one, many) for one, many in waiting if over or not one.written]

    def done(self, written: list[tuple[_Entry, int]], now: datetime, *, everything: bool) -> None:
        with self.lock:
            for entry, many in written:
                entry.written += many
            if (everything or self.is_over(now)) and all(one.times == one.written for one in self.entries.values()):
                self.began, self.unknown = None, 0
                self.entries.clear()

    def is_over(self, now: datetime) -> bool:
        return self.began is not None and not self.began <= now < self.began + MINUTE


_gathered = _Gathered()
_flushing = threading.Lock()
_starting = threading.Lock()
_writer: threading.Thread | None = None


def gather(event: AuditEvent) -> None:
    global _writer
    _gathered.add(event)
    if _writer is None or not _writer.is_alive():  # the first one in this process
        with _starting:
            if _writer is None or not _writer.is_alive():
                _writer = threading.Thread(target=_write, name="audit", daemon=True)
                _writer.start()
                atexit.register(_last)


def flush(*, everything: bool = True) -> int:
    """Write what was gathered, `everything`: and end the minute; how many rows. Raises DatabaseError."""
    with _flushing:
        now = timezone.now()
        due = _gathered.due(now, everything=everything)
        AuditEvent.objects.bulk_create([_row(entry.event, many) for entry, many in due])
        _gathered.done(due, now, everything=everything)
        return len(due)


def _write() -> None:
    pause, trouble = threading.Event(), False
    while not pause.wait(EVERY):
        try:
            wrote = flush(everything=False)
            if wrote:
                connection.close()  # a refusal now and then is worth no connection of its own
            trouble = False
        except (DatabaseError, InterfaceError) as no:
            connection.close()
            if not trouble:
                logger.warning("refusals wait to be recorded: the database is away (%s)", type(no).__name__)
            trouble = True


def _last() -> None:
    try:
        flush()
    except (DatabaseError, InterfaceError) as no:
        logger.warning("refusals were not recorded: the database is away (%s)", type(no).__name__)


def _row(event: AuditEvent, times: int) -> AuditEvent:
    values = {field.attname: getattr(event, field.attname) for field in AuditEvent._meta.concrete_fields}
    values["details"] = event.details | ({"times": times} if times > 1 else {})
    return AuditEvent(**values)


def _likeness(event: AuditEvent) -> Likeness:
    where = (event.network, event.browser, event.system, event.session_id)
    details = json.dumps(event.details, sort_keys=True)
    return (event.event, event.customer_id, event.subject, *where, details)
