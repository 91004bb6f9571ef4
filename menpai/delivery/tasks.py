"""When the rows are delivered: at once by Celery where there is a broker, in any case by a thread that looks for them.

The broker only makes it quick. What is not published, or lost on the way, is found by the relay within a second.
A task holds ids, nothing else (R14). Celery is imported when it is first needed: the embedded run never does.
"""

import contextlib
import logging
import queue
import signal
import threading
import time
from datetime import timedelta
from functools import cache
from types import TracebackType
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection

from menpai import errors, hooks, rules
from menpai.audit import chain
from menpai.delivery import outbox, retention, watch

if TYPE_CHECKING:
    from celery import Celery

logger = logging.getLogger(__name__)
TASK = "menpai.deliver"
SENDERS = 4  # messages under way at once, in Celery's pool and in the relay's
EMBEDDED_POLL = timedelta(milliseconds=100)
_AT_ONCE = 20  # ids in one task
_GATHER = 0.005  # seconds: under load, few large tasks instead of many small ones, which cost half a millisecond each
_LOOK_AHEAD = 40  # rows read by one look
_STOP_WITHIN = 15.0  # seconds: what is being sent may be answered


# ── From a request: wake the worker ──
_waiting: "queue.SimpleQueue[int]" = queue.SimpleQueue()
_starting = threading.Lock()
_publisher: threading.Thread | None = None
_rest_until = 0.0


def wake(message_id: int) -> None:
    """After the commit: tell Celery, from a thread of its own. Costs microseconds and never fails."""
    global _publisher
    if not settings.MENPAI_BROKER_URL or time.monotonic() < _rest_until:
        return
    _waiting.put(message_id)
    if _publisher is None or not _publisher.is_alive():  # the first one in this process
        with _starting:
            if _publisher is None or not _publisher.is_alive():
                _publisher = threading.Thread(target=_publish, name="wake", daemon=True)
                _publisher.start()


def _publish() -> None:
    global _rest_until
    published = 0.0
    while True:
        ids = [_waiting.get()]
        if time.monotonic() - published < _GATHER:
            time.sleep(_GATHER)
        with contextlib.suppress(queue.Empty):
            while len(ids) < _AT_ONCE:
                ids.append(_waiting.get_nowait())
        try:
            app().send_task(TASK, args=ids, ignore_result=not settings.MENPAI_RESULT_BACKEND_URL)
        except Exception as no:  # noqa: BLE001  (the transport's own errors are of many families)
            # Dropped: the relay finds the rows. Others that wait here would only find the same closed door.
            _rest_until = time.monotonic() + rules.POLL_EVERY.total_seconds()
            logger.warning("the broker is away (%s); messages go by the relay", type(no).__name__)
        published = time.monotonic()


@cache
def app() -> "Celery":
    """Celery, set up: JSON, ids, short time-outs towards the broker, nothing that talks when nothing is to be said."""
    from celery import Celery

    # Without its Django fix-up, which closes the database connection after every task.
    made = Celery("menpai", broker=settings.MENPAI_BROKER_URL, fixups=[])
    made.conf.update(
        result_backend=settings.MENPAI_RESULT_BACKEND_URL or None,
        task_ignore_result=not settings.MENPAI_RESULT_BACKEND_URL,
        result_expires=3600,
        accept_content=["json"],
        task_serializer="json",
        result_serializer="json",
        task_default_queue="menpai",
        task_acks_late=True,
        task_publish_retry=False,
        worker_prefetch_multiplier=2,
        worker_send_task_events=False,
        worker_enable_remote_control=False,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        broker_connection_timeout=rules.STORE_TIMEOUT.total_seconds() * 4,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={
            "socket_connect_timeout": rules.STORE_TIMEOUT.total_seconds() * 4,
            "socket_timeout": rules.STORE_TIMEOUT.total_seconds() * 4,
            "max_retries": 0,
        },
    )
    made.task(name=TASK)(deliver)
    return made


def deliver(*message_ids: int) -> dict[str, str]:
    """The task. Answers id → state, for the optional result backend."""
    return {str(message_id): _delivered(message_id) for message_id in message_ids}


def _delivered(message_id: int) -> str:
    try:
        return outbox.deliver(message_id)
    except (DatabaseError, InterfaceError) as no:
        logger.warning("message %d waits: the database is away (%s)", message_id, type(no).__name__)
        connection.close_if_unusable_or_obsolete()
    except Exception as no:  # one message must not stop the others; its lease ends, and it is tried again
        # The exception's text may quote a customer's address: its type and place do not.
        logger.error("message %d: %s", message_id, type(no).__name__, exc_info=_place_of(no))
    return ""


# ── In the worker ──
def run_worker() -> int:
    """`menpai worker`: Celery in this process, with the relay beside it. Ends on SIGTERM, after what is under way."""
    stop = threading.Event()
    if not settings.MENPAI_BROKER_URL:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        _relay(stop, rules.POLL_EVERY, timedelta(0))
        return 0
    from celery import signals

    # What is younger than a poll is on its way through Celery.
    # Django's LOGGING holds here too, and a line for each task is not worth its cost.
    signals.setup_logging.connect(_keep_logging, weak=False)
    for name in ("celery.app.trace", "celery.worker.strategy"):
        logging.getLogger(name).setLevel(logging.WARNING)
    relay = threading.Thread(target=_relay, args=(stop, rules.POLL_EVERY, rules.POLL_EVERY), name="relay", daemon=True)
    relay.start()
    options = {"without_gossip": True, "without_mingle": True, "without_heartbeat": True}
    worker = app().Worker(pool="threads", concurrency=SENDERS, loglevel="INFO", quiet=True, **options)
    worker.start()
    stop.set()
    relay.join(_STOP_WITHIN)
    return int(worker.exitcode or 0)


def _keep_logging(**_: object) -> None:
    pass


def run_sender(stop: threading.Event) -> None:
    """The embedded run's sender: the same deliveries, without Celery, until `stop` is set."""
    _relay(stop, EMBEDDED_POLL, timedelta(0))


def _relay(stop: threading.Event, every: timedelta, waiting_since: timedelta) -> None:
    """Look for due messages and hand them to a few threads; sweep now and then; outlive whatever is away."""
    found: queue.SimpleQueue[int | None] = queue.SimpleQueue()
    under_way: set[int] = set()
    senders = [threading.Thread(target=_send, args=(found, under_way), daemon=True) for _ in range(SENDERS)]
    for sender in senders:
        sender.start()
    threading.Thread(target=_alert, args=(stop,), name="alerts", daemon=True).start()
    next_seal, next_sweep, trouble = 0.0, 0.0, ""
    while not stop.is_set():
        pause = every.total_seconds()
        try:
            due = outbox.due(_LOOK_AHEAD, waiting_since)
            for number in set(due) - under_way:
                under_way.add(number)
                found.put(number)
            if len(due) == _LOOK_AHEAD:  # there is more
                pause = min(pause, 0.01)
            if time.monotonic() >= next_seal:
                next_seal = time.monotonic() + rules.AUDIT_SEAL_EVERY.total_seconds()
                chain.seal_waiting()
            if time.monotonic() >= next_sweep:
                next_sweep = time.monotonic() + rules.SWEEP_EVERY.total_seconds()
                retention.sweep()
                watch.look()
            if trouble:
                logger.warning("the database and the store are back; messages go on")
            trouble = ""
        except Exception as no:  # this thread is the last that would send: it must not end
            connection.close_if_unusable_or_obsolete()
            known = isinstance(no, DatabaseError | InterfaceError | errors.Unavailable)
            if type(no).__name__ != trouble:
                logger.error("messages wait: %s", type(no).__name__, exc_info=None if known else _place_of(no))
            trouble, pause = type(no).__name__, 1.0
        stop.wait(pause)
    _finish(found, senders)


def _alert(stop: threading.Event) -> None:
    """Alerts, in a thread of their own: a receiver that is slow must not hold up messages."""
    while not stop.wait(rules.POLL_EVERY.total_seconds()):
        try:
            hooks.tell_alerts()
        except (DatabaseError, InterfaceError):  # the relay says so
            connection.close_if_unusable_or_obsolete()
    connection.close()


def _send(found: "queue.SimpleQueue[int | None]", under_way: set[int]) -> None:
    while (number := found.get()) is not None:
        _delivered(number)
        under_way.discard(number)
    connection.close()


def _finish(found: "queue.SimpleQueue[int | None]", senders: list[threading.Thread]) -> None:
    """What is being sent may end; what only waits stays in its row."""
    with contextlib.suppress(queue.Empty):
        while True:
            found.get_nowait()
    for _ in senders:
        found.put(None)
    for sender in senders:
        sender.join(_STOP_WITHIN)
    connection.close()


def _place_of(fault: Exception) -> tuple[type[BaseException], BaseException, TracebackType | None]:
    return RuntimeError, RuntimeError(type(fault).__name__), fault.__traceback__
