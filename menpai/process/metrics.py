"""Where the metrics listener runs (docs/metrics.md).

Beside `menpai web` it is a child process, so that a scrape waits for no request and no request for a scrape; in `run`
and `worker` it is a thread.
"""

import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from functools import partial

from menpai import settings
from menpai.environment import counters
from menpai.process import children


def free_address() -> str | None:
    """Returns the numeric address to listen on; None if metrics are off. Raises children.PortInUse."""
    if not settings.MENPAI_METRICS_PORT:
        return None
    return children.free_address(settings.MENPAI_METRICS_HOST, settings.MENPAI_METRICS_PORT, "MENPAI_METRICS_PORT")


@contextlib.contextmanager
def beside(address: str | None, workers: int) -> Iterator[None]:
    """Counts what so many workers do, and serves that from a child process, which ends with the block."""
    counters.share(workers)
    child = children.fork(partial(_serve_alone, address)) if address else None
    try:
        yield
    finally:
        if child:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGTERM)
            children.exit_code_of(child)


def start(address: str) -> None:
    """Serves from a thread, as long as this process lives. Django is set up."""
    threading.Thread(target=_serve, args=(address,), name="metrics", daemon=True).start()


def _serve(address: str) -> None:
    from menpai.process import scrape  # needed only where it is asked for

    scrape.serve(address)


def _serve_alone(address: str) -> None:
    # As small as the worker: neither the staff admin nor the start-up checks.
    settings.MENPAI_MODE, settings.INSTALLED_APPS = "worker", ["menpai.apps.MenpaiConfig"]
    import django

    django.setup()
    _serve(address)
