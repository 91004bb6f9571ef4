"""An HTTP server on loopback in a vendor's place; the fakes of SMS, captcha and sign-in vendors build on it."""

import contextlib
import threading
from collections.abc import Iterator, Mapping
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import pytest


class FakeServer:
    """`complaints` collects every check that a request did not pass."""

    def __init__(self) -> None:
        self.complaints: list[str] = []
        self.go_on = threading.Event()  # ends every wait

    def receive(self, handler: BaseHTTPRequestHandler, method: str) -> None:
        raise NotImplementedError

    @property
    def environment(self) -> dict[str, str]:
        """The settings that lead here."""
        raise NotImplementedError

    def check(self, what: str, right: bool) -> None:
        if not right:
            self.complaints.append(what)

    @cached_property
    def _server(self) -> ThreadingHTTPServer:
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        server.daemon_threads = True
        return server

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    @contextlib.contextmanager
    def running(self) -> Iterator[Self]:
        thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self.go_on.set()
            self._server.shutdown()
            self._server.server_close()
            thread.join(5)

    @contextlib.contextmanager
    def in_use(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[Self]:
        """Runs, our settings lead here, and in the end there was nothing to complain of."""
        with self.running():
            for name, value in self.environment.items():
                monkeypatch.setenv(name, value)
            yield self
            assert self.complaints == []

    def drip(self, handler: BaseHTTPRequestHandler, *, in_headers: bool = False) -> None:
        """Sends a byte now and then, never the end, until the other side hangs up."""
        start = b"x-more: " if in_headers else b"content-length: 9999\r\n\r\n"
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n" + start)
        for _ in range(200):
            handler.wfile.write(b" ")
            handler.wfile.flush()
            if self.go_on.wait(0.05):
                return


def send(handler: BaseHTTPRequestHandler, status: int, body: bytes, headers: Mapping[str, str]) -> None:
    handler.send_response(status)
    redirect = {"location": "http://127.0.0.1:9/elsewhere"} if status == 302 else {}
    for name, value in (redirect | dict(headers) | {"content-length": str(len(body))}).items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(body)


def _handler(server: FakeServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle(self) -> None:
            with contextlib.suppress(ConnectionResetError):  # the other side had enough
                super().handle()

        def do_POST(self) -> None:
            self._receive("POST")

        def do_GET(self) -> None:
            self._receive("GET")

        def _receive(self, method: str) -> None:
            try:
                server.receive(self, method)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True
            except Exception as error:  # noqa: BLE001  (the test must hear of it, whatever it is)
                server.complaints.append(repr(error))
                self.close_connection = True

        def log_message(self, format: str, *args: Any) -> None:
            pass

    return Handler
