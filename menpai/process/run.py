"""`menpai run`: development, with everything embedded.

The parent starts, supervises and stops the children, and sends messages. To start fast, it skips the migrations if this
version has applied them before, and checks again once the web server listens.
"""

import hashlib
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from menpai import settings
from menpai.environment import counters, logs
from menpai.http import loopback
from menpai.process import children, metrics, private_files, web

STOP_WITHIN = 20.0  # seconds in which running requests and messages may finish


def run(run_worker: Callable[[], int]) -> int:
    """Serves until Ctrl-C or SIGTERM and returns the exit code: 1 if a child ended by itself.

    `run_worker` sends messages in a child of its own if there is a broker. Raises children.PortInUse.
    """
    address, metrics_address = children.free_address(settings.MENPAI_HOST, settings.MENPAI_PORT), metrics.free_address()
    for path in private_files.tighten():
        logs.say(f"他人可以读写 · others may read or write: {path}")
    if not _is_prepared():
        print("正在准备数据库… · Preparing the database…", flush=True)
        if children.exit_code_of(children.fork(_prepare)):
            return 1
    counters.share(workers=2)  # one of the web server, and Celery
    family = children.ChildProcesses()
    family.add(partial(web.serve, address, settings.MENPAI_PORT, workers=1))
    if settings.MENPAI_BROKER_URL:
        family.add(partial(_run_counted, run_worker))
    signals, stop, failed = children.Signals(), threading.Event(), threading.Event()
    stopping = False
    while not stopping and family.is_whole() and not children.is_listening(address, settings.MENPAI_PORT):
        stopping = signals.wait(0.01)
    background = threading.Thread(
        target=_work_in_background, args=(stop, failed, metrics_address), name="background", daemon=True
    )
    if not stopping and family.is_whole():
        _print_welcome()
        background.start()
    while not stopping and family.is_whole():
        stopping = signals.wait()
    if not stopping:
        logs.say("一个子进程意外结束，正在停止。\nA child process ended by itself; stopping.", logging.ERROR)
    stop.set()
    family.stop(STOP_WITHIN)
    if background.ident:
        background.join(STOP_WITHIN)
    return 0 if stopping and not failed.is_set() else 1


def _run_counted(run_worker: Callable[[], int]) -> int:
    counters.start_worker(1)
    return run_worker()


def _print_welcome() -> None:
    url = settings.MENPAI_PUBLIC_URL
    print(f"门牌已启动 · Menpai is running       {url}/")
    if settings.MENPAI_EMAIL_IS_OUTBOX or "outbox" in settings.MENPAI_SMS_GATEWAYS:
        _print_mailbox(f"{url}/dev/mailbox")
    print(f"员工后台 · staff admin               {url}/admin/   (menpai createsuperuser)")
    print("按 Ctrl-C 停止 · Ctrl-C stops everything", flush=True)


def _print_mailbox(address: str) -> None:
    if not loopback.is_loopback(urlsplit(address).hostname):
        print("没有开发信箱：MENPAI_PUBLIC_URL 不在本机 · No mailbox: MENPAI_PUBLIC_URL is not on this machine")
        return
    print(f"短信与邮件 · every SMS and mail      {address}")
    print("  能访问此端口的人都能读到其中的验证码，前面不要放代理。")
    print("  Anybody who can reach this port can read every code there: put no proxy in front.")


def _work_in_background(stop: threading.Event, failed: threading.Event, metrics_address: str | None) -> None:
    """Does what the first request need not wait for: checks the database again and sends messages."""
    try:
        _prepare()
        if metrics_address:
            metrics.start(metrics_address)
        if not settings.MENPAI_BROKER_URL:
            from menpai.worker import relay

            relay.run_sender(stop)
    except Exception:  # noqa: BLE001  (a thread's end would go unnoticed)
        sys.excepthook(*sys.exc_info())
        failed.set()
        os.kill(os.getpid(), signal.SIGTERM)


# ── The database ──
def _prepare() -> None:
    """Applies missing migrations, and records that for the next start."""
    import django

    django.setup()
    from django.core.management import call_command

    from menpai.contracts import health

    if health.missing_migrations():
        call_command("migrate", verbosity=0, interactive=False)
    _prepared_file().write_text(_fingerprint(), encoding="ascii")


def _is_prepared() -> bool:
    """Returns True if this version has prepared this database before.

    Needs neither Django nor the database.
    """
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3") and not database["NAME"].exists():
        return False
    return _prepared_file().exists() and _prepared_file().read_text(encoding="ascii") == _fingerprint()


def _prepared_file() -> Path:
    return settings.MENPAI_DATA_DIR / "prepared"


def _fingerprint() -> str:
    from django import get_version

    database: dict[str, Any] = settings.DATABASES["default"]
    migrations = sorted(path.name for path in (Path(__file__).parents[1] / "migrations").glob("*.py"))
    place = [str(database.get(part, "")) for part in ("ENGINE", "NAME", "HOST", "PORT")]
    return hashlib.sha256("\n".join([get_version(), *place, *migrations]).encode()).hexdigest()
