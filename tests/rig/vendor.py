"""A provider of social sign-in on loopback: an HTTP server that checks requests and misbehaves when told to."""

import contextlib
import secrets
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlsplit

# `slow`: longer than anybody waits; `drip`: a body without an end; `headers`: the same before the body.
MOODS = ("http 500", "http 302", "http 429", "garbage", "list", "huge", "slow", "drip", "headers", "drop")
Fields = dict[str, str]
Answer = tuple[str, bytes]  # content type, body


class Vendor:
    """`mood` "well" or one of MOODS, for every request but the profile's, which has `profile_mood`."""

    name: ClassVar[str]
    PROFILE: ClassVar[str]  # the path, or the method, of what nothing depends on
    REDIRECT: ClassVar[str]

    def __init__(self) -> None:
        self.mood = self.profile_mood = "well"
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.go_on = threading.Event()  # ends every wait
        self.secrets: set[str] = set()  # what must be in no log
        self._codes: dict[str, str] = {}  # code → person
        self._tokens: dict[str, str] = {}  # token → person
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def environment(self) -> Fields:
        raise NotImplementedError

    def answer(self, method: str, path: str, sent: Fields) -> Answer:
        raise NotImplementedError

    def consent(self, url: str, person: str) -> Fields:
        """What comes back when this person says yes on the page at `url`."""
        raise NotImplementedError

    @contextlib.contextmanager
    def running(self) -> Iterator["Vendor"]:
        thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self.go_on.set()
            self._server.shutdown()
            self._server.server_close()
            thread.join(5)

    # ── Codes and tokens, each good once or for one person ──
    def new_code(self, person: str) -> str:
        code = secrets.token_hex(16)
        self._codes[code] = person
        self.secrets.add(code)
        return code

    def redeem(self, code: str) -> str | None:
        return self._codes.pop(code, None)

    def new_token(self, person: str) -> str:
        token = f"2.00{secrets.token_urlsafe(20)}"
        self._tokens[token] = person
        self.secrets.add(token)
        return token

    def whose(self, token: str) -> str | None:
        return self._tokens.get(token)

    def check(self, what: str, right: bool) -> None:
        if not right:
            self.complaints.append(what)

    # ── The server ──
    def receive(self, handler: BaseHTTPRequestHandler, method: str) -> None:
        url = urlsplit(handler.path)
        sent = dict(parse_qsl(url.query, keep_blank_values=True))
        raw = handler.rfile.read(int(handler.headers.get("content-length", 0)))
        sent |= dict(parse_qsl(raw.decode(), keep_blank_values=True))
        profile = self.PROFILE in (url.path, sent.get("method"))
        self.requests.append(url.path)
        mood = self.profile_mood if profile else self.mood
        if mood == "well":
            kind, body = self.answer(method, url.path, sent)
            _send(handler, 200, kind, body)
        else:
            self._misbehave(handler, mood)

    def _misbehave(self, handler: BaseHTTPRequestHandler, mood: str) -> None:
        handler.close_connection = True
        if mood.startswith("http "):
            _send(handler, int(mood[5:]), "text/html", b"")
        elif mood == "slow":
            self.go_on.wait(30)
        elif mood in ("drip", "headers"):
            _drip(handler, self.go_on, headers=mood == "headers")
        elif mood != "drop":
            said = {"garbage": b"<html>\xff", "list": b"[1]", "huge": b'{"uid":"' + b"0" * 10**6}[mood]
            _send(handler, 200, "text/html", said)


def _send(handler: BaseHTTPRequestHandler, status: int, kind: str, body: bytes) -> None:
    handler.send_response(status)
    handler.send_header("content-type", kind)
    handler.send_header("content-length", str(len(body)))
    if status == 302:
        handler.send_header("location", "http://127.0.0.1:9/elsewhere")
    handler.end_headers()
    handler.wfile.write(body)


def _drip(handler: BaseHTTPRequestHandler, enough: threading.Event, *, headers: bool) -> None:
    """Always something, never the end."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n" + (b"x-more: " if headers else b"content-length: 9999\r\n\r\n"))
    for _ in range(200):
        handler.wfile.write(b" ")
        handler.wfile.flush()
        if enough.wait(0.05):
            return


def _handler(vendor: Vendor) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                vendor.receive(self, "POST")

        def do_GET(self) -> None:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                vendor.receive(self, "GET")

        def log_message(self, format: str, *args: Any) -> None:
            pass

    return Handler
