"""The web server: granian, by RSGI. The master imports the product; its workers are forked.

The numbers are explained in docs/performance.md. There is no access log of granian's, because URLs contain activation
codes: contracts/middleware.py writes one.
"""

import gc
import importlib.util
import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from menpai import rules
from menpai.environment import counters, logs
from menpai.process import children

# Python threads of one worker. They mostly wait for the database; hashing has its own threads (passwords/hashing.py).
THREADS = rules.number("WEB_THREADS", 12)
CONNECTIONS = 1024  # open ones per worker, idle keep-alive included
HEADER_SECONDS = 10  # security.md F22
HEADER_BYTES = 8 * 1024  # security.md R66
STATIC_SECONDS = 3600
STOP_SECONDS = 10  # in which running requests may finish; then the worker is killed
RESPAWN_PAUSE = 0.3  # seconds before a worker is started that died right after its start

_LOG: dict[str, Any] = {
    "formatters": {"generic": logs.formatter("{asctime} {levelname} web {message}")},
    "handlers": {"console": {"formatter": "generic", "class": "logging.StreamHandler"}},
    "loggers": {"_granian": {"handlers": ["console"], "level": "ERROR", "propagate": False}},
}


def serve(address: str, port: int, workers: int) -> None:
    """Serves until SIGTERM or SIGINT. Call it in a process without threads."""
    from granian.constants import HTTPModes, Interfaces, Loops
    from granian.http import HTTP1Settings
    from granian.log import LogLevels
    from granian.server.mp import MPServer

    started: dict[int, float] = {}

    class RestartingServer(MPServer):
        """A server that restarts a worker that dies twice in five seconds, where granian ends the service."""

        def _spawn_worker(self, idx: int, *rest: Any, **options: Any) -> Any:
            counters.start_worker(idx)
            return super()._spawn_worker(idx, *rest, **options)

        def _respawn_workers(self, workers: list[int], *rest: Any, **options: Any) -> None:
            if any(time.monotonic() - started.get(worker, -60.0) < 5 for worker in workers):
                time.sleep(RESPAWN_PAUSE)
            super()._respawn_workers(workers, *rest, **options)
            started.update(dict.fromkeys(workers, time.monotonic()))
            self.respawned_wrks.clear()  # what granian counts by

    _load()
    multiprocessing.set_start_method("fork", force=True)
    routes = static_folders()
    server = RestartingServer(
        "menpai.wsgi:application",
        address=address,
        port=port,
        interface=Interfaces.RSGI,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_SECONDS * 1000, max_buffer_size=HEADER_BYTES),
        loop=Loops.asyncio,
        websockets=False,
        workers=workers,
        backlog=CONNECTIONS,
        backpressure=CONNECTIONS,
        respawn_failed_workers=True,
        respawn_interval=0.5,
        workers_kill_timeout=STOP_SECONDS,
        static_path_route=list(routes),
        static_path_mount=list(routes.values()),
        static_path_expires=STATIC_SECONDS,
        log_level=LogLevels.error,
        log_dictconfig=_LOG,
        log_access=False,
    )
    server.serve(target_loader=_loader(os.getpid()), wrap_loader=False)


def _load() -> None:
    """Imports what the workers share, and leaves nothing open that two processes must not use."""
    from django.db import connections

    import menpai.wsgi  # noqa: F401  (sets Django up)
    from menpai import ephemeral, urls

    urls.exact_matches()  # reads the patterns, and so imports every view
    connections.close_all()
    ephemeral.store.cache_clear()
    gc.collect()  # closes what the store had open
    gc.freeze()  # a later collection would write to every page that the workers share


def static_folders() -> dict[str, Path]:
    """Returns route → folder of the installed packages, so that no static files need collecting."""
    return {
        "/static/admin": _package("django") / "contrib/admin/static/admin",
        "/static/unfold": _package("unfold") / "static/unfold",
        "/static/ninja": _package("ninja") / "static/ninja",
        "/static/menpai": _package("menpai") / "static/menpai",
    }


def _package(name: str) -> Path:
    spec = importlib.util.find_spec(name)  # finds it without importing it
    assert spec is not None and spec.submodule_search_locations
    return Path(next(iter(spec.submodule_search_locations)))


def _loader(master: int) -> Callable[[], Any]:
    def load() -> Any:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)  # inherited from the master, where they only set a flag
        # If the master is killed, its workers end at once.
        children.end_with_parent(master, signal.SIGKILL)
        from menpai.process import rsgi
        from menpai.wsgi import application

        return rsgi.in_threads(application, THREADS)

    return load
