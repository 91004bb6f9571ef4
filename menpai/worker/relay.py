"""The relay: a thread that finds due messages and delivers them, and Celery's task for the same.

The relay also seals the audit trail, sweeps, and delivers alerts. It survives an unavailable database or store.
"""

import contextlib
import logging
import queue
import signal
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from types import TracebackType

from django.db import DatabaseError, InterfaceError, connection

from menpai import errors, rules
from menpai.audit import chain
from menpai.database import retry
from menpai.delivery import outbox
from menpai.integrations import alerts
from menpai.worker import retention, unused_codes

logger = logging.getLogger(__name__)
SENDERS = 4  # messages under way at once, in Celery's pool and in the relay's
EMBEDDED_POLL = timedelta(milliseconds=100)
_LOOK_AHEAD = 40  # rows read by one look
_STOP_WITHIN = 15.0  # seconds: what is being sent may be answered
_ANSWERS_FIRST = 2 * retry.LONGEST_PAUSE  # seconds after an outage: answers that workers hold are written first
_held: set[int] = set()  # messages that this process is delivering, Celery's threads and the relay's
_holding = threading.Lock()


def deliver(*message_ids: int) -> dict[str, str]:
    """The task. Returns id → state, for the optional result backend."""
    return {str(message_id): _delivered(message_id) for message_id in message_ids}


def _delivered(message_id: int) -> str:
    with _holding:
        if message_id in _held:  # its answer may be waiting for the database
            return ""
        _held.add(message_id)
    try:
        return outbox.deliver(message_id)
    except (DatabaseError, InterfaceError) as error:
        logger.warning("message %d waits: the database is away (%s)", message_id, type(error).__name__)
        connection.close_if_unusable_or_obsolete()
    except Exception as error:  # one message must not stop the others; its lease ends, and it is tried again
        # The exception's text may quote a customer's address: its type and place do not.
        logger.error("message %d: %s", message_id, type(error).__name__, exc_info=_place_of(error))
    finally:
        _held.discard(message_id)
    return ""


def run_until_terminated() -> int:
    """`menpai worker` without a broker: the relay alone, until SIGTERM or SIGINT."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    _relay(stop, rules.POLL_EVERY, timedelta(0))
    return 0


@contextlib.contextmanager
def run_beside_celery() -> Iterator[None]:
    """Run the relay in a thread. It leaves messages younger than a poll to Celery."""
    stop = threading.Event()
    relay = threading.Thread(target=_relay, args=(stop, rules.POLL_EVERY, rules.POLL_EVERY), name="relay", daemon=True)
    relay.start()
    yield
    stop.set()
    relay.join(_STOP_WITHIN)


def run_sender(stop: threading.Event) -> None:
    """The embedded run's sender: the same deliveries, without Celery, until `stop` is set."""
    _relay(stop, EMBEDDED_POLL, timedelta(0))


def _relay(stop: threading.Event, every: timedelta, waiting_since: timedelta) -> None:
    """Find due messages and hand them to a few threads.

    Sweep now and then; survive an unavailable database.
    """
    waiting: queue.SimpleQueue[int | None] = queue.SimpleQueue()
    under_way: set[int] = set()
    senders = [threading.Thread(target=_send, args=(waiting, under_way), daemon=True) for _ in range(SENDERS)]
    for sender in senders:
        sender.start()
    threading.Thread(target=_alert, args=(stop,), name="alerts", daemon=True).start()
    housekeeping, trouble, outage = _Housekeeping(), "", False
    while not stop.is_set():
        pause, due = every.total_seconds(), None
        try:
            due = outbox.find_due(_LOOK_AHEAD, waiting_since)
            if outage:
                stop.wait(_ANSWERS_FIRST)
            for message_id in set(due) - under_way:
                under_way.add(message_id)
                waiting.put(message_id)
            if len(due) == _LOOK_AHEAD:  # there is more
                pause = min(pause, 0.01)
            housekeeping.run_due()
            if trouble:
                logger.warning("the database and the store are back; messages go on")
            trouble = ""
        except Exception as error:  # this thread is the last that would send: it must not end
            connection.close_if_unusable_or_obsolete()
            if type(error).__name__ != trouble:  # once while it lasts
                expected = isinstance(error, DatabaseError | InterfaceError | errors.Unavailable)
                logger.error("messages wait: %s", type(error).__name__, exc_info=None if expected else _place_of(error))
            trouble, pause = type(error).__name__, 1.0
        outage = due is None
        stop.wait(pause)
    _finish(waiting, senders)


class _Housekeeping:
    """Sealing the audit trail and sweeping, each at its interval."""

    def __init__(self) -> None:
        self._next_seal = self._next_sweep = 0.0

    def run_due(self) -> None:
        if time.monotonic() >= self._next_seal:
            self._next_seal = time.monotonic() + rules.AUDIT_SEAL_EVERY.total_seconds()
            chain.seal_waiting()
        if time.monotonic() >= self._next_sweep:
            self._next_sweep = time.monotonic() + rules.SWEEP_EVERY.total_seconds()
            retention.sweep()
            unused_codes.alert_unused_codes()


def _alert(stop: threading.Event) -> None:
    """Deliver alerts, in a separate thread: a slow receiver must not hold up messages."""
    while not stop.wait(rules.POLL_EVERY.total_seconds()):
        try:
            alerts.deliver_alerts()
        except (DatabaseError, InterfaceError):  # the relay says so
            connection.close_if_unusable_or_obsolete()
    connection.close()


def _send(waiting: "queue.SimpleQueue[int | None]", under_way: set[int]) -> None:
    while (message_id := waiting.get()) is not None:
        used = -time.thread_time()
        _delivered(message_id)
        under_way.discard(message_id)
        if connection.vendor == "sqlite":  # requests are on the same machine, and wait for the same writer
            time.sleep((used + time.thread_time()) * SENDERS * (rules.SENDING_SHARE - 1))
    connection.close()


def _finish(waiting: "queue.SimpleQueue[int | None]", senders: list[threading.Thread]) -> None:
    """Wait for messages that are being sent; those that only wait stay in their rows."""
    with contextlib.suppress(queue.Empty):
        while True:
            waiting.get_nowait()
    for _ in senders:
        waiting.put(None)
    for sender in senders:
        sender.join(_STOP_WITHIN)
    connection.close()


def _place_of(fault: Exception) -> tuple[type[BaseException], BaseException, TracebackType | None]:
    return RuntimeError, RuntimeError(type(fault).__name__), fault.__traceback__
