"""The jobs beside requests: messages through Celery and SMTP, cold start, memory."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from statistics import median
from typing import cast

import uvloop

from bench import load, place, requests
from bench.load import Flow, percentile
from bench.place import Place
from bench.table import Line
from tests.rig.children import ends_with_us, free_port
from tests.rig.service import Service

BURST = 1000  # messages
SINGLE = 60


# ── Messages ──
class MailServer(asyncio.Protocol):
    """Takes every mail; notes when a connection comes and when a mail is whole."""

    came: list[float] = []  # noqa: RUF012  (of all connections)
    taken: list[float] = []  # noqa: RUF012

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.came.append(time.monotonic())
        self.transport = cast(asyncio.Transport, transport)  # uvloop's own kind
        self.received, self.in_mail = b"", False
        self.transport.write(b"220 bench\r\n")

    def data_received(self, data: bytes) -> None:
        self.received += data
        while True:
            line, end, rest = self.received.partition(b"\r\n.\r\n" if self.in_mail else b"\r\n")
            if not end:
                return
            self.received = rest
            self.transport.write(self._answer(line[:4].upper()))

    def _answer(self, word: bytes) -> bytes:
        if self.in_mail:
            self.taken.append(time.monotonic())
        self.in_mail = word == b"DATA" and not self.in_mail
        return b"354 go on\r\n" if self.in_mail else b"221 bye\r\n" if word == b"QUIT" else b"250 ok\r\n"


def messages(here: Place) -> Iterator[Line]:
    here.ask("TRUNCATE menpai_message CASCADE")
    here.forget()
    with place.on_core(place.MEASURED):
        worker = Service("worker", here.environment).start()
    try:
        assert worker.process is not None
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            waits, bursts = runner.run(_messages(here, worker.process.pid))
        rss, pss = place.memory(worker.process.pid)
    finally:
        worker.stop()
        worker.close()
    rate, per_core = (median(burst[index] for burst in bursts) for index in (0, 1))
    said = f"{rate:.0f}/s ({per_core:.0f})"
    yield Line("messages: row → Celery → SMTP", said, target="≥ 200/s", met=per_core >= 200)
    p50, p95 = (percentile(waits, percent) * 1000 for percent in (50, 95))
    said = f"p50 {p50:.1f} ms, p95 {p95:.1f} ms"
    yield Line("one message: commit → at the mail server", said, target="p95 ≤ 10 ms", met=p95 <= 10)
    yield Line("memory of the Celery worker", f"{rss:.0f} MiB (PSS {pss:.0f})", target="≤ 80 MiB", met=rss <= 80)


async def _messages(here: Place, worker: int) -> tuple[list[float], list[tuple[float, float]]]:
    """Returns the waits of single messages, and for each burst its rate by time and by processor time."""
    MailServer.came, MailServer.taken = [], []
    server = await asyncio.get_running_loop().create_server(MailServer, "127.0.0.1", here.mail_port)
    async with server, teller(here, "tell") as tell:
        await tell(1)
        await _taken(1)  # everything is imported and connected
        waits = []
        for number in range(SINGLE // (4 - here.rounds)):
            committed = (await tell(1))[1]
            await _taken(number + 2)
            waits.append(MailServer.came[-1] - committed)
            await asyncio.sleep(0.02)
        bursts = []
        for _ in range(here.rounds):
            before, used = len(MailServer.taken), place.cpu_seconds(worker)
            begin = (await tell(BURST))[0]
            await _taken(before + BURST)
            elapsed = MailServer.taken[-1] - begin
            used = place.cpu_seconds(worker) - used
            bursts.append((BURST / elapsed, BURST / used))
            print(f"  messages   {bursts[-1][0]:6.0f}/s  core {used / elapsed:4.0%} busy", flush=True)
    return waits, bursts


@asynccontextmanager
async def teller(here: Place, what: str) -> AsyncIterator[Callable[[int], "asyncio.Task[list[float]]"]]:
    """Starts a process that writes so many messages and returns the times of the first and last commit."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.inside", what),
        env=os.environ | here.environment,
        cwd=place.ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        preexec_fn=ends_with_us(),
    )
    assert process.stdin and process.stdout
    stdin, stdout = process.stdin, process.stdout

    async def ask(many: int) -> list[float]:
        stdin.write(f"{many}\n".encode())
        answered: list[float] = json.loads(await stdout.readline())
        return answered

    try:
        assert await stdout.readline() == b"ready\n"
        yield lambda many: asyncio.ensure_future(ask(many))
    finally:
        process.kill()
        await process.wait()


async def _taken(many: int, within: float = 60) -> None:
    deadline = time.monotonic() + within
    while len(MailServer.taken) < many:
        assert time.monotonic() < deadline, "a message did not arrive"
        await asyncio.sleep(0.0005)


# ── Cold start ──
def cold_start(here: Place) -> Iterator[Line]:
    """Measures `menpai run` on an existing SQLite database until /readyz answers."""
    folder = tempfile.mkdtemp(prefix="menpai-bench-run-")
    try:
        _started(folder)
        with place.on_core(*place.CORES):
            times = [_started(folder) for _ in range(here.rounds + 2)]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print("  start      " + "  ".join(f"{seconds:.2f} s" for seconds in times), flush=True)
    yield Line("cold start of `menpai run`", f"{median(times):.2f} s", target="≤ 1.0 s", met=median(times) <= 1)


def _started(folder: str) -> float:
    """Returns the seconds from the start of the process to its first answer."""
    port = free_port()
    environment = os.environ | {"MENPAI_DATA_DIR": folder, "MENPAI_PORT": str(port)}
    begin = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "menpai", "run"],
        env=environment,
        cwd=place.ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=ends_with_us(),
    )
    try:
        place.first_answer(port, "/readyz", 60)
        return time.monotonic() - begin
    finally:
        process.terminate()
        process.wait(30)


# ── Memory ──
def memory(here: Place) -> Iterator[Line]:
    """Measures the memory of the web worker after some of every request."""
    for make in (requests.addresses, requests.new_address, requests.recovery_code, requests.login):
        flow = Flow(here.web_port, requests.each(make, here.customers, 16), b'"code":200', refusals=(b"429",))
        load.run(min(2.0, here.seconds), flow)
    rss, pss = place.memory(here.web_worker)
    yield Line("memory of a web worker", f"{rss:.0f} MiB (PSS {pss:.0f})", target="≤ 130 MiB", met=rss <= 130)


RUN: dict[str, Callable[[Place], Iterator[Line]]] = {"memory": memory, "messages": messages, "start": cold_start}
UNSERVED = {"messages", "start", "pasted"}  # need no web server
