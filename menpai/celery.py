"""The Celery application with its one task. `celery -A menpai.celery inspect …` looks into it."""

import logging
import os
from typing import TYPE_CHECKING

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "menpai.settings")
django.setup()

from menpai.delivery import wakeup  # noqa: E402  (needs the settings)
from menpai.environment import logs  # noqa: E402
from menpai.worker import relay  # noqa: E402

if TYPE_CHECKING:
    from celery import Celery

app: "Celery" = wakeup.celery_app()
app.task(name=wakeup.TASK)(relay.deliver)


def run_worker() -> int:
    """Runs Celery in this process, with the relay beside it, until SIGTERM and the end of running tasks."""
    from celery import signals

    # Django's LOGGING holds here too, and a line for each task is not worth its cost.
    signals.setup_logging.connect(_keep_logging, weak=False)
    for name in ("celery.app.trace", "celery.worker.strategy"):
        logging.getLogger(name).setLevel(logging.WARNING)
    options = {"without_gossip": True, "without_mingle": True, "without_heartbeat": True}
    if logs.is_json():
        from celery.apps import worker as console

        console.safe_say = _say  # Celery writes what happens at its end past the log
    with relay.run_beside_celery():
        worker = app.Worker(pool="threads", concurrency=relay.SENDERS, loglevel="INFO", quiet=True, **options)
        worker.start()
    return int(worker.exitcode or 0)


def _say(text: str, *_: object) -> None:
    logs.say(text.strip(), logging.INFO)


def _keep_logging(**_: object) -> None:
    pass
