"""A provider of social sign-in on loopback: an HTTP server that checks requests and misbehaves when told to."""

import secrets
from http.server import BaseHTTPRequestHandler
from typing import ClassVar
from urllib.parse import parse_qsl, urlsplit

from tests.rig.http_server import FakeServer, send

# `slow`: longer than anybody waits; `drip`: a body without an end; `headers`: the same before the body.
MOODS = ("http 500", "http 302", "http 429", "garbage", "list", "huge", "slow", "drip", "headers", "drop")
Fields = dict[str, str]
Answer = tuple[str, bytes]  # content type, body


class Vendor(FakeServer):
    """`mood` "well" or one of MOODS, for every request but the profile's, which has `profile_mood`."""

    name: ClassVar[str]
    PROFILE: ClassVar[str]  # the path, or the method, of what nothing depends on
    REDIRECT: ClassVar[str]

    def __init__(self) -> None:
        super().__init__()
        self.mood = self.profile_mood = "well"
        self.requests: list[str] = []
        self.secrets: set[str] = set()  # what must be in no log
        self._codes: dict[str, str] = {}  # code → person
        self._tokens: dict[str, str] = {}  # token → person

    def answer(self, method: str, path: str, sent: Fields) -> Answer:
        raise NotImplementedError

    def consent(self, url: str, person: str) -> Fields:
        """What comes back when this person says yes on the page at `url`."""
        raise NotImplementedError

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
            send(handler, 200, body, {"content-type": kind})
        else:
            self._misbehave(handler, mood)

    def _misbehave(self, handler: BaseHTTPRequestHandler, mood: str) -> None:
        handler.close_connection = True
        if mood.startswith("http "):
            send(handler, int(mood[5:]), b"", {"content-type": "text/html"})
        elif mood == "slow":
            self.go_on.wait(30)
        elif mood in ("drip", "headers"):
            self.drip(handler, in_headers=mood == "headers")
        elif mood != "drop":
            said = {"garbage": b"<html>\xff", "list": b"[1]", "huge": b'{"uid":"' + b"0" * 10**6}[mood]
            send(handler, 200, said, {"content-type": "text/html"})
