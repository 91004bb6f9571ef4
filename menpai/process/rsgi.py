"""The WSGI application under granian's RSGI, which keeps header names as the client wrote them.

Under granian's own WSGI `X_Forwarded_For` and `X-Forwarded-For` are one name, and the last of them wins: ADR 0020.
"""

import asyncio
import io
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterable
from functools import lru_cache
from queue import SimpleQueue
from typing import Any

from granian._granian import CallbackScheduler, RSGIProtocolClosed, RSGIProtocolError
from granian.server import mp

from menpai import rules

BEFORE_A_THREAD = 64 * 1024  # bytes of a body that are read before; no more passes the proxies of docs/proxies
_Wsgi = Callable[..., Iterable[bytes]]
_BASE: dict[str, Any] = {
    "SCRIPT_NAME": "",
    "wsgi.errors": sys.stderr,
    "wsgi.input_terminated": True,
    "wsgi.multiprocess": True,
    "wsgi.multithread": True,
    "wsgi.run_once": False,
    "wsgi.version": (1, 0),
}


def in_threads(wsgi: _Wsgi, threads: int) -> _Wsgi:
    """Makes granian answer the requests of this process by the WSGI application, in so many threads.

    Returns it.

    granian would pass each request to the event loop first: half of what RSGI costs more than WSGI.
    """
    requests: SimpleQueue[tuple[Any, io.BufferedIOBase]] = SimpleQueue()
    for number in range(threads):
        threading.Thread(target=_answer_all, args=(wsgi, requests), name=f"request-{number}", daemon=True).start()
    mp._new_cbscheduler = lambda loop, *_, **__: _Scheduler(loop, requests)  # type: ignore[attr-defined]
    return wsgi


class _Scheduler(CallbackScheduler):
    """Takes the place of granian's own, which runs a coroutine for each request."""

    def __new__(cls, loop: Any, requests: Any) -> "_Scheduler":
        return super().__new__(cls, loop, None, None, None, None)  # type: ignore[call-arg]

    def __init__(self, loop: asyncio.AbstractEventLoop, requests: SimpleQueue[tuple[Any, io.BufferedIOBase]]) -> None:
        async def read_short(request: Any) -> None:
            try:
                content = await request.proto()
            except (RSGIProtocolClosed, RSGIProtocolError):
                content = b""  # it ended early
            requests.put((request, io.BytesIO(content)))

        async def read_beginning(request: Any) -> None:
            chunks, content = _chunks_of(request.proto), b""
            async for chunk in chunks:
                content += chunk
                if len(content) > BEFORE_A_THREAD:
                    requests.put((request, io.BufferedReader(_Stream(content, chunks, loop))))
                    return
            requests.put((request, io.BytesIO(content)))

        def schedule(request: Any) -> None:
            headers = request.scope.headers
            length = headers.get("content-length", "0")
            if length == "0" and "transfer-encoding" not in headers:
                requests.put((request, io.BytesIO()))
            else:
                is_short = length.isdigit() and 0 < int(length) <= rules.BODY_BYTES
                asyncio.run_coroutine_threadsafe((read_short if is_short else read_beginning)(request), loop)

        self._schedule_fn = schedule


class _Stream(io.RawIOBase):
    """A long body of which only the beginning is here; the thread that reads on waits for the rest."""

    def __init__(self, beginning: bytes, rest: AsyncIterator[bytes], loop: asyncio.AbstractEventLoop) -> None:
        self._chunk, self._chunks, self._loop = beginning, rest, loop

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._chunk:
            self._chunk = asyncio.run_coroutine_threadsafe(self._next(), self._loop).result()
        size = min(len(buffer), len(self._chunk))
        buffer[:size], self._chunk = self._chunk[:size], self._chunk[size:]
        return size

    async def _next(self) -> bytes:
        return await anext(self._chunks, b"")


async def _chunks_of(protocol: Any) -> AsyncIterator[bytes]:
    """The chunks of a body.

    (CPython 3.11 crashes when `anext` with a default meets granian's own iterator.)
    """
    async for chunk in protocol:
        yield chunk


def _answer_all(wsgi: _Wsgi, requests: SimpleQueue[tuple[Any, io.BufferedIOBase]]) -> None:
    while True:
        request, body = requests.get()
        try:
            _answer(wsgi, environ_of(request.scope, body), request.proto)
        except BaseException as error:  # noqa: BLE001  (the thread has other requests to answer)
            request.err(error)
        else:
            request.done()
        del request, body


def _answer(wsgi: _Wsgi, environ: dict[str, Any], protocol: Any) -> None:
    begun: list[Any] = []
    chunks = wsgi(environ, lambda status, headers, *_: begun.extend((status, headers)))
    try:
        content = b"".join(chunks)
    finally:
        getattr(chunks, "close", bool)()
    status, headers = begun
    protocol.response_bytes(int(status[:3]), headers, content)


def environ_of(scope: Any, body: io.BufferedIOBase) -> dict[str, Any]:
    """The WSGI environ of a request.

    Headers whose names have `_` are left out, repeated ones are joined by commas.
    """
    server, _, port = scope.server.rpartition(":")
    values: dict[str, Any] = {
        **_BASE,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "SERVER_NAME": server.strip("[]"),
        "SERVER_PORT": port,
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "REQUEST_METHOD": scope.method,
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string.encode().decode("latin-1"),
        "HTTP_HOST": scope.authority or "",
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": body,
    }
    headers = scope.headers
    # A value outside ASCII is in no item, but its name is known.
    values |= dict.fromkeys(filter(None, map(_key, headers.keys())), "")
    for name, value in headers.items():
        if key := _key(name):
            values[key] = f"{values[key]},{value}" if values[key] else value
    return values


@lru_cache(256)
def _key(name: str) -> str:
    """The key of a header in an environ; blank for a name with `_`, which would pass for one with `-`."""
    if "_" in name:
        return ""
    key = name.upper().replace("-", "_")
    return key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"
