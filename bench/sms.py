"""SMS from a row by Celery to a gateway that answers at once, compared with bare requests."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from statistics import median
from typing import cast

import uvloop

from bench import place
from bench.load import percentile
from bench.place import Place
from bench.table import Line
from bench.work import SINGLE, teller
from tests.rig.children import free_port
from tests.rig.service import Service

BURST = 500  # messages, and bare requests


class Vendor(asyncio.Protocol):
    """Yuntongxun that takes every SMS; notes when a request is whole."""

    taken: list[float] = []  # noqa: RUF012  (of all connections)
    answer = b'{"statusCode":"000000","templateSMS":{"dateCreated":"20261121101112","smsMessageSid":"bench"}}'

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport, self.received = cast(asyncio.Transport, transport), b""  # uvloop's own kind

    def data_received(self, data: bytes) -> None:
        self.received += data
        head, end, body = self.received.partition(b"\r\n\r\n")
        length = next((line[15:] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), b"0")
        if end and len(body) >= int(length):
            self.taken.append(time.monotonic())
            self.received = b""
            head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(self.answer)
            self.transport.write(head + self.answer)


def sms(here: Place) -> Iterator[Line]:
    here.ask("TRUNCATE menpai_message CASCADE")
    here.forget()
    port = free_port()
    environment = {"MENPAI_YUNTONGXUN_BASE_URL": f"http://127.0.0.1:{port}"}
    with place.on_core(place.MEASURED):
        worker = Service("worker", here.environment | environment).start()
    try:
        assert worker.process is not None
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            waits, ours, bare = runner.run(_sent(here, worker.process.pid, port))
    finally:
        worker.stop()
        worker.close()
    rate, limit = median(ours), median(bare)
    yield Line("SMS: row → Celery → gateway", f"{rate:.0f}/s", f"{limit:.0f}/s (bare requests)", f"{rate / limit:.0%}")
    p50, p95 = (percentile(waits, percent) * 1000 for percent in (50, 95))
    yield Line("one SMS: commit → at the gateway", f"p50 {p50:.1f} ms, p95 {p95:.1f} ms")


async def _sent(here: Place, worker: int, port: int) -> tuple[list[float], list[float], list[float]]:
    """How long single ones waited.

    SMS for each second of the worker's processor time, and bare requests for each.
    """
    Vendor.taken = []
    server = await asyncio.get_running_loop().create_server(Vendor, "127.0.0.1", port)
    async with server, teller(here, "tell-sms") as tell:
        await tell(1)
        await _taken(1)  # everything is imported and connected
        waits = []
        for number in range(SINGLE // (4 - here.rounds)):
            committed = (await tell(1))[1]
            await _taken(number + 2)
            waits.append(Vendor.taken[-1] - committed)
            await asyncio.sleep(0.02)
        ours, bare = [], []
        for _ in range(here.rounds):
            before, used = len(Vendor.taken), place.cpu_seconds(worker)
            await tell(BURST)
            await _taken(before + BURST)
            ours.append(BURST / (place.cpu_seconds(worker) - used))
            bare.append(await _bare(port))
            print(f"  sms        {ours[-1]:6.0f}/s  bare {bare[-1]:6.0f}/s", flush=True)
    return waits, ours, bare


async def _bare(port: int) -> float:
    """The same requests without a row, a queue or a limit: so many for each second of processor time."""
    with place.on_core(place.MEASURED):
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bench.inside", "post", str(port), str(BURST)),
            env=os.environ | {"DJANGO_SETTINGS_MODULE": "menpai.settings"},
            cwd=place.ROOT,
            stdout=subprocess.PIPE,
        )
    printed, _ = await process.communicate()
    return float(json.loads(printed))


async def _taken(many: int, within: float = 60) -> None:
    deadline = time.monotonic() + within
    while len(Vendor.taken) < many:
        assert time.monotonic() < deadline, "an SMS did not arrive"
        await asyncio.sleep(0.0005)
