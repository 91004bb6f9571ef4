"""Wake-ups: after a commit, the ids of messages are published to Celery, by a separate thread.

The broker only makes delivery fast. The relay finds a message whose id was not published, or was lost, within a
second. A task carries ids and nothing else (R14). Celery is imported at its first use; the embedded run never uses it.
"""

import contextlib
import logging
import queue
import threading
import time
from functools import cache
from typing import TYPE_CHECKING

from django.conf import settings

from menpai import rules

if TYPE_CHECKING:
    from celery import Celery

logger = logging.getLogger(__name__)
TASK = "menpai.deliver"
_AT_ONCE = 20  # ids in one task
_GATHER = 0.005  # seconds: under load, few large tasks instead of many small ones, which cost half a millisecond each

_waiting: "queue.SimpleQueue[int]" = queue.SimpleQueue()
_starting = threading.Lock()
_publisher: threading.Thread | None = None
_rest_until = 0.0


def wake(message_id: int) -> None:
    """Queue the id for Celery, after the commit. Takes microseconds and never fails."""
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
            celery_app().send_task(TASK, args=ids, ignore_result=not settings.MENPAI_RESULT_BACKEND_URL)
        except Exception as error:  # noqa: BLE001  (the transport's own errors are of many families)
            # Dropped: the relay finds the rows. The other waiting ids would fail in the same way.
            _rest_until = time.monotonic() + rules.POLL_EVERY.total_seconds()
            logger.warning("the broker is away (%s); messages go by the relay", type(error).__name__)
        published = time.monotonic()


@cache
def celery_app() -> "Celery":
    """The Celery application: JSON, short time-outs towards the broker, no events and no remote control."""
    from celery import Celery

    # Without its Django fix-up, which closes the database connection after every task.
    app = Celery("menpai", broker=settings.MENPAI_BROKER_URL, fixups=[])
    app.conf.update(
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
    return app
