"""Many clients that write to SQLite: `python -m bench.writers` prints answers a second, how late, and 503s.

Everything that serves runs on one core: `menpai web` (one worker), the same beside `menpai worker`, and `menpai run`.
`--folder` measures another checkout, so that before and after stand side by side in one hour.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench import load, place, requests
from bench.load import Flow, Tally, percentile
from bench.place import Seeded
from tests.rig.service import Service

CLIENTS = (16, 64)
JOBS = {
    "sms": (requests.sms_code, "短信发送成功".encode()),
    "recovery": (requests.recovery_code, b'"code":200'),
    "default": (requests.default_address, b'"code":200'),
}
SETUPS = {"web": ["web"], "web+worker": ["web", "worker"], "run": ["run"]}
REFUSALS = (b"429", b"503", b"507")  # 507: the published answer where /api says 503


def main() -> int:
    parser = argparse.ArgumentParser("python -m bench.writers", description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--folder", type=Path, default=place.ROOT)
    parser.add_argument("--clients", type=int, action="append")
    parser.add_argument("--job", action="append", choices=list(JOBS))
    parser.add_argument("--setup", action="append", choices=list(SETUPS))
    options = parser.parse_args()
    for name in [name for name in os.environ if name.startswith("MENPAI_")]:
        del os.environ[name]
    os.sched_setaffinity(0, {place.LOAD})
    print("| served by | job | clients | answers/s | p50 ms | p99 ms | slowest | 429, 503, 507 of all |")
    print("|---" * 8 + "|")
    for setup in options.setup or SETUPS:
        with _served(SETUPS[setup], options.folder.absolute()) as (port, customers):
            for job in options.job or JOBS:
                for clients in options.clients or CLIENTS:
                    tally = _measure(job, port, customers, clients, options.seconds)
                    print(f"| {setup} | {job} | {clients} | {_cells(job, tally)} |", flush=True)
    return 0


def _measure(job: str, port: int, customers: list[Seeded], clients: int, seconds: float) -> Tally:
    make, sign = JOBS[job]
    each = requests.each(make, customers, clients)
    tally = load.run(seconds, Flow(port, each, sign, REFUSALS))[0]
    place.first_answer(port, "/livez", 120)  # after the requests that nobody waits for any more
    return tally


def _cells(job: str, tally: Tally) -> str:
    served = tally.served[job]
    p50, p99, slowest = (percentile(served, percent) * 1000 for percent in (50, 99, 100))
    refused = f"{len(tally.busy)} of {len(served) + len(tally.busy)}"
    return f"{tally.rate(job):.0f} | {p50:.0f} | {p99:.0f} | {slowest:.0f} | {refused}"


@contextmanager
def _served(commands: list[str], folder: Path) -> Iterator[tuple[int, list[Seeded]]]:
    """Yields the port of a service on a new SQLite database, and its customers."""
    with ExitStack() as stack:
        data = stack.enter_context(tempfile.TemporaryDirectory(prefix="menpai-bench-", ignore_cleanup_errors=True))
        environment = {
            "DJANGO_SETTINGS_MODULE": "menpai.settings",
            "MENPAI_SECRET_KEY": "for measuring only, as long as it has to be",
            "MENPAI_DATA_DIR": data,
            "MENPAI_WORKERS": "1",
            "MENPAI_PUBLIC_URL": "http://127.0.0.1",
            "MENPAI_LOG_LEVEL": "ERROR",
            **place.LIFTED,
        }
        _command(folder, environment, "menpai", "keys")
        _command(folder, environment, "menpai", "migrate")
        seeded = _command(folder, environment, "bench.inside", "seed", str(place.CUSTOMERS), place.PASSWORD)
        with place.on_core(place.MEASURED):
            services = [Service(command, environment, folder) for command in commands]
            for service in services:
                stack.enter_context(service)
        yield services[0].port, [Seeded(*one) for one in json.loads(seeded)]


def _command(folder: Path, environment: dict[str, str], module: str, *arguments: str) -> str:
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(
        command, env=os.environ | environment, cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
