"""A closed loop on plain sockets: a connection sends its next request after the last answer.

Only answers with the expected status and text count; more than a few others end the measurement. An answer costs this
process about 20 µs, so that one core of it is ahead of everything that is measured here.
"""

import asyncio
import gc
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import cast

import uvloop

Request = tuple[str, bytes]  # what it is called in the tally, and its bytes
WARM_UP = 0.4  # seconds that are not counted
FEW = 5  # answers of one measurement that may go wrong on a machine with other work; they count for nothing


class Unexpected(Exception):
    """Answers that are neither success nor an allowed refusal; the text is the last of them."""


@dataclass(frozen=True)
class Flow:
    """The requests that some connections to one port send: an endless iterator each."""

    port: int
    requests: Sequence[Iterator[Request]]
    sign: bytes  # stands in every good answer
    refusals: tuple[bytes, ...] = ()  # statuses that are answers too, and counted apart


@dataclass
class Tally:
    """Latencies in seconds by the name of the request."""

    seconds: float
    served: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    busy: list[float] = field(default_factory=list)
    answers: int = 0  # all of them, from the first to the last
    wrong: int = 0

    def rate(self, name: str) -> float:
        return len(self.served[name]) / self.seconds


def percentile(values: Sequence[float], percent: float) -> float:
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(len(ranked) * percent / 100))] if ranked else float("nan")


def run(seconds: float, *flows: Flow) -> list[Tally]:
    """Runs all flows concurrently and returns a tally for each."""
    gc.collect()
    gc.disable()
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(_run(seconds, flows))
    finally:
        gc.enable()


async def _run(seconds: float, flows: Sequence[Flow]) -> list[Tally]:
    loop = asyncio.get_running_loop()
    begin = time.perf_counter() + WARM_UP
    tallies = [Tally(seconds) for _ in flows]
    failed: asyncio.Future[None] = loop.create_future()
    transports = []
    for flow, tally in zip(flows, tallies, strict=True):
        for requests in flow.requests:
            caller = partial(_Caller, flow, requests, tally, begin, begin + seconds, failed)
            transports.append((await loop.create_connection(caller, "127.0.0.1", flow.port))[0])
    try:
        await asyncio.wait([failed], timeout=begin + seconds - time.perf_counter())
        if failed.done():
            failed.result()
    finally:
        failed.cancel()  # from here on connections may end
        for transport in transports:
            transport.abort()
    return tallies


class _Caller(asyncio.Protocol):
    def __init__(
        self,
        flow: Flow,
        requests: Iterator[Request],
        tally: Tally,
        begin: float,
        end: float,
        failed: "asyncio.Future[None]",
    ) -> None:
        self.flow, self.requests, self.tally = flow, requests, tally
        self.begin, self.end, self.failed = begin, end, failed
        self.received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's own kind
        self._send()

    def _send(self) -> None:
        self.name, content = next(self.requests)
        self.sent = time.perf_counter()
        self.transport.write(content)

    def data_received(self, data: bytes) -> None:
        answer = self.received = self.received + data if self.received else data
        head = answer.find(b"\r\n\r\n")
        if head < 0 or len(answer) < head + 4 + _length(answer[:head]):
            return
        now = time.perf_counter()
        self.received = b""
        self.tally.answers += 1
        status = answer[9:12]
        if self.flow.sign in answer and status == b"200":
            if self.begin <= now < self.end:
                self.tally.served[self.name].append(now - self.sent)
        elif status in self.flow.refusals:
            if self.begin <= now < self.end:
                self.tally.busy.append(now - self.sent)
        else:
            self.tally.wrong += 1
            if self.tally.wrong > FEW:
                self._fail(answer[:600].decode(errors="replace"))
                return
        if now < self.end:
            self._send()

    def connection_lost(self, _: Exception | None) -> None:
        if not self.failed.done():
            self._fail("the server closed the connection")

    def _fail(self, why: str) -> None:
        if not self.failed.done():
            self.failed.set_exception(Unexpected(f"{self.name}: {why}"))


def _length(head: bytes) -> int:
    at = head.lower().find(b"\r\ncontent-length:")
    return int(head[at + 17 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
