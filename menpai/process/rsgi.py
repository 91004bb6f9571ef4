"""The WSGI application under granian's RSGI, which keeps header names as the client wrote them.

Under granian's own WSGI `X_Forwarded_For` and `X-Forwarded-For` are one name, and the last of them wins: ADR 0020.
"""

import asyncio
import io
import sys
import threading
import time
from collections.abc import Callable, Iterable
from functools import lru_cache
from queue import SimpleQueue
from typing import Any, NamedTuple

from granian._granian import CallbackScheduler, RSGIProtocolClosed, RSGIProtocolError
from granian.server import mp

from menpai import rules
from menpai.environment import counters, logs

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


class _Received(NamedTuple):
    """A request whose body is here, so that no thread waits for its sender."""

    request: Any
    at: float  # by the monotonic clock
    body: bytes = b""
    is_whole: bool = True  # the rest of a longer one is not read: each path refuses it


def in_threads(wsgi: _Wsgi, threads: int) -> _Wsgi:
    """Makes granian answer the requests of this process by the WSGI application, in so many threads.

    Returns it.

    granian would pass each request to the event loop first: half of what RSGI costs more than WSGI.
    """
    requests: SimpleQueue[_Received] = SimpleQueue()
    for number in range(threads):
        threading.Thread(target=_answer_all, args=(wsgi, requests), name=f"request-{number}", daemon=True).start()
    mp._new_cbscheduler = lambda loop, *_, **__: _Scheduler(loop, requests)  # type: ignore[attr-defined]
    return wsgi


class _Scheduler(CallbackScheduler):
    """Takes the place of granian's own, which runs a coroutine for each request."""

    def __new__(cls, loop: Any, requests: Any) -> "_Scheduler":
        return super().__new__(cls, loop, None, None, None, None)  # type: ignore[call-arg]

    def __init__(self, loop: asyncio.AbstractEventLoop, requests: SimpleQueue[_Received]) -> None:
        async def receive(request: Any, is_length_known: bool) -> None:
            try:
                async with asyncio.timeout(rules.BODY_TIMEOUT.total_seconds() or None):
                    body = await _read(request.proto, is_length_known)
            except TimeoutError:
                counters.REQUESTS.add(logs.contract_of(request.scope.path), "408")
                request.proto.response_bytes(408, [("Connection", "close")], b"")
                request.done()
            except (RSGIProtocolClosed, RSGIProtocolError):
                requests.put(_Received(request, time.monotonic()))  # it ended early
            else:
                is_whole = len(body) <= rules.RECEIPT_BYTES
                requests.put(_Received(request, time.monotonic(), body, is_whole=is_whole))

        def schedule(request: Any) -> None:
            headers = request.scope.headers
            length = headers.get("content-length", "0")
            if length == "0" and "transfer-encoding" not in headers:
                requests.put(_Received(request, time.monotonic()))
            elif length.isdigit() and int(length) > rules.RECEIPT_BYTES:
                requests.put(_Received(request, time.monotonic(), is_whole=False))
            else:
                asyncio.run_coroutine_threadsafe(receive(request, "transfer-encoding" not in headers), loop)

        self._schedule_fn = schedule


async def _read(protocol: Any, is_length_known: bool) -> bytes:
    """The body: all of it if its length is known, or else hardly more than any path takes."""
    if is_length_known:
        content: bytes = await protocol()
        return content
    chunks = bytearray()
    async for chunk in protocol:
        chunks += chunk
        if len(chunks) > rules.RECEIPT_BYTES:
            break
    return bytes(chunks)


def _answer_all(wsgi: _Wsgi, requests: SimpleQueue[_Received]) -> None:
    while True:
        received = requests.get()
        request = received.request
        try:
            _answer(wsgi, received)
        except BaseException as error:  # noqa: BLE001  (the thread has other requests to answer)
            _count(received, "500")
            request.err(error)
        else:
            request.done()
        del request, received


def _answer(wsgi: _Wsgi, received: _Received) -> None:
    begun: list[Any] = []
    environ = environ_of(received.request.scope, io.BytesIO(received.body))
    chunks = wsgi(environ, lambda status, headers, *_: begun.extend((status, headers)))
    try:
        content = b"".join(chunks)
    finally:
        getattr(chunks, "close", bool)()
    status, headers = begun
    if not received.is_whole:
        headers.append(("Connection", "close"))  # the server closes it in any case, and a client wants to know
    _count(received, status[:3])  # before the client can ask for the count
    received.request.proto.response_bytes(int(status[:3]), headers, content)


def _count(received: _Received, status: str) -> None:
    contract = logs.contract_of(received.request.scope.path)
    counters.REQUESTS.add(contract, status)
    counters.REQUEST_SECONDS.observe(contract, value=time.monotonic() - received.at)


def environ_of(scope: Any, body: io.BytesIO) -> dict[str, Any]:
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
