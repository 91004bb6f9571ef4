"""Requests that come at their own pace, whether or not the ones before were answered: what people do, and benchmarks
do not. The time of an answer counts from the moment when its request was due, so that a queue is seen.
"""

import asyncio
import contextlib
import time
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field

MOST = 400  # open connections; whoever comes then waits, and that is counted
PATIENCE = 30.0


@dataclass
class Stream:
    """So many requests a second, each the next of `requests`: raw HTTP/1.1, with an answer that has a length."""

    name: str
    rate: float
    requests: Iterator[bytes]
    answers: list[tuple[int, float, float]] = field(default_factory=list)  # (status, due at, seconds)

    def statuses(self) -> Counter[int]:
        return Counter(status for status, _, _ in self.answers)

    def spans(self, *statuses: int) -> list[float]:
        return sorted(span for status, _, span in self.answers if status in statuses)


def p99(spans: list[float]) -> float:
    return spans[int(len(spans) * 0.99)] if spans else 0.0


def run(port: int, seconds: float, *streams: Stream) -> None:
    """All of them beside each other for so long; returns when the last one is answered."""
    asyncio.run(_run(port, seconds, streams))


async def _run(port: int, seconds: float, streams: tuple[Stream, ...]) -> None:
    line = _Lines(port)
    async with asyncio.TaskGroup() as group:
        for stream in streams:
            group.create_task(_pace(line, stream, seconds, group))
    await line.close()


async def _pace(line: "_Lines", stream: Stream, seconds: float, group: asyncio.TaskGroup) -> None:
    begun, number = time.perf_counter(), 0
    while (due := number / stream.rate) < seconds:
        await asyncio.sleep(max(0.0, begun + due - time.perf_counter()))
        group.create_task(_ask(line, stream, begun + due))
        number += 1


async def _ask(line: "_Lines", stream: Stream, due: float) -> None:
    status = await line.ask(next(stream.requests))
    stream.answers.append((status, due, time.perf_counter() - due))


class _Lines:
    """Connections that are kept, and taken in turn."""

    def __init__(self, port: int) -> None:
        self._port, self._idle = port, deque[tuple[asyncio.StreamReader, asyncio.StreamWriter]]()
        self._room = asyncio.Semaphore(MOST)

    async def ask(self, request: bytes) -> int:
        """The status; 0 when the connection broke, 1 when no answer came."""
        async with self._room:
            if self._idle:
                status = await self._try(self._idle.pop(), request)
                if status:
                    return status  # else it had rested too long, and the server ended it: as any client, once more
            try:
                return await self._try(await asyncio.open_connection("127.0.0.1", self._port), request)
            except OSError:
                return 0

    async def _try(self, ends: tuple[asyncio.StreamReader, asyncio.StreamWriter], request: bytes) -> int:
        status = 0
        try:
            ends[1].write(request)
            status = await asyncio.wait_for(_status(ends[0]), PATIENCE)
            self._idle.append(ends)
        except TimeoutError:
            status = 1
        except (OSError, asyncio.IncompleteReadError):
            pass
        if status < 100:
            ends[1].close()
        return status

    async def close(self) -> None:
        for _, writer in self._idle:
            writer.close()
        for _, writer in self._idle:
            with contextlib.suppress(OSError):
                await writer.wait_closed()


async def _status(reader: asyncio.StreamReader) -> int:
    head = await reader.readuntil(b"\r\n\r\n")
    length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
    await reader.readexactly(int(length))
    return int(head[9:12])
