"""`menpai run`: development, everything embedded. The parent starts, watches and stops; it also sends the messages.

Quick to start: when the database was up to date the last time, the web server starts at once, and the parent looks
again after the first answer.
"""

import hashlib
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from menpai import settings
from menpai.process import children, web

STOP_WITHIN = 20.0  # seconds: what is being sent or answered may end


def run(run_worker: Callable[[], int]) -> int:
    """Serve until Ctrl-C or SIGTERM; 1 when something ended by itself. `run_worker` sends messages where there is a
    broker, in a child of its own. Raises processes.PortTaken."""
    address = children.free_address(settings.MENPAI_HOST, settings.MENPAI_PORT)
    if not _is_prepared():
        print("正在准备数据库… · Preparing the database…", flush=True)
        if children.exit_code_of(children.fork(_prepare)):
            return 1
    family = children.ChildProcesses()
    family.add(partial(web.serve, address, settings.MENPAI_PORT, workers=1))
    if settings.MENPAI_BROKER_URL:
        family.add(run_worker)
    signals, stop, failed = children.Signals(), threading.Event(), threading.Event()
    asked = False
    while not asked and family.is_whole() and not children.is_listening(address, settings.MENPAI_PORT):
        asked = signals.wait(0.01)
    behind = threading.Thread(target=_behind, args=(stop, failed), name="behind", daemon=True)
    if not asked and family.is_whole():
        _greet()
        behind.start()
    while not asked and family.is_whole():
        asked = signals.wait()
    if not asked:
        print("一个子进程意外结束，正在停止。\nA child process ended by itself; stopping.", file=sys.stderr)
    stop.set()
    family.stop(STOP_WITHIN)
    if behind.ident:
        behind.join(STOP_WITHIN)
    return 0 if asked and not failed.is_set() else 1


def _greet() -> None:
    url = settings.MENPAI_PUBLIC_URL
    print(f"门牌已启动 · Menpai is running       {url}/")
    if settings.MENPAI_EMAIL_IS_OUTBOX or "outbox" in settings.MENPAI_SMS_GATEWAYS:
        print(f"短信与邮件 · every SMS and mail      {url}/dev/mailbox")
    print(f"员工后台 · staff admin               {url}/admin/   (menpai createsuperuser)")
    print("按 Ctrl-C 停止 · Ctrl-C stops everything", flush=True)


def _behind(stop: threading.Event, failed: threading.Event) -> None:
    """What the first answer need not wait for: a second look at the database, and the sending of messages."""
    try:
        _prepare()
        if not settings.MENPAI_BROKER_URL:
            from menpai.worker import relay

            relay.run_sender(stop)
    except Exception:  # noqa: BLE001  (a thread's end would go unnoticed)
        traceback.print_exc()
        failed.set()
        os.kill(os.getpid(), signal.SIGTERM)


# ── The database ──
def _prepare() -> None:
    """Apply what is missing, and remember for the next start."""
    import django

    django.setup()
    from django.core.management import call_command

    from menpai.contracts import health

    if health.missing_migrations():
        call_command("migrate", verbosity=0, interactive=False)
    _memory().write_text(_fingerprint(), encoding="ascii")


def _is_prepared() -> bool:
    """Whether this version has prepared this database before. Cheap: without Django, without the database."""
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3") and not database["NAME"].exists():
        return False
    return _memory().exists() and _memory().read_text(encoding="ascii") == _fingerprint()


def _memory() -> Path:
    return settings.MENPAI_DATA_DIR / "prepared"


def _fingerprint() -> str:
    from django import get_version

    database: dict[str, Any] = settings.DATABASES["default"]
    migrations = sorted(path.name for path in (Path(__file__).parents[1] / "migrations").glob("*.py"))
    place = [str(database.get(part, "")) for part in ("ENGINE", "NAME", "HOST", "PORT")]
    return hashlib.sha256("\n".join([get_version(), *place, *migrations]).encode()).hexdigest()
