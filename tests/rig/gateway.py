"""A vendor of SMS on loopback: a server that checks every request as the vendor does, and misbehaves when told to.

The vendors are in vendors/, one a file. None of them uses the code that it checks: signatures are made anew here.
"""

import base64
import contextlib
import json
import threading
import uuid
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlsplit

from tests.rig.http_server import FakeServer, send

MOODS = ("stall", "drop", "garbage", "endless", "drip")  # it accepts, and does not say so


@dataclass
class Request:
    """One request, as it came; header names in lower case."""

    path: str
    query: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        return dict(json.loads(self.body))

    @property
    def query_fields(self) -> dict[str, str]:
        return dict(parse_qsl(self.query, keep_blank_values=True, strict_parsing=True))

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True, strict_parsing=True))


@dataclass
class Reply:
    content: Any
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Order:
    """What a request asks for. `reference` is ours, or the vendor's own where it is told none."""

    reference: str
    mobile: str
    what: list[str]


class Fake(FakeServer):
    """`mood`: "accept"; a code of the vendor's; "http 500"; or one of MOODS.

    `moods` are for the next requests, one each; afterwards `mood` holds. `sent` is what people received: reference →
    (mobile, what); where the vendor does not know a repeated request, a second SMS stands beside the first as
    `reference#2`.
    """

    name = ""
    address = "BASE_URL"  # the setting that says where it is
    mobile, region = "18667018590", "CN"  # a number that it reaches
    idempotent = False
    SETTINGS: ClassVar[dict[str, str]]  # its variables, without MENPAI_<VENDOR>_ and the address
    SECRETS: ClassVar[tuple[str, ...]]  # what must not be told to anybody else
    fields_in = "json"  # where the fields of a request are: "json", "form" or "query_fields"

    def __init__(self) -> None:
        super().__init__()
        self.mood = "accept"
        self.moods: list[str] = []
        self.sent: dict[str, tuple[str, list[str]]] = {}
        self.requests: list[dict[str, Any]] = []  # their parameters
        self.seen: list[Request] = []
        self.reached = threading.Event()  # a stalling request has arrived

    # ── What each vendor says ──
    def wrong(self, request: Request, params: dict[str, Any]) -> dict[str, bool]:
        """Every check that the vendor makes, and whether it was passed."""
        raise NotImplementedError

    def order(self, params: dict[str, Any]) -> Order:
        raise NotImplementedError

    def accepted(self, order: Order) -> Reply:
        raise NotImplementedError

    def refused(self, code: str, order: Order) -> Reply:
        raise NotImplementedError

    def vendor_reference(self, reference: str) -> str:
        """The id that the vendor answers."""
        return f"{self.name}-{reference[:24]}"

    def callback(self, reference: str, outcome: str = "delivered", detail: str = "") -> tuple[dict[str, str], bytes]:
        """Headers and body of the vendor's receipt for what `sent` knows as `reference`."""
        raise NotImplementedError

    # ── What all share ──
    @property
    def host(self) -> str:
        return self.url.removeprefix("http://")

    @property
    def environment(self) -> dict[str, str]:
        settings = self.SETTINGS | {self.address: self.url}
        variables = {f"MENPAI_{self.name.upper()}_{key}": value for key, value in settings.items()}
        return {"MENPAI_SMS_GATEWAYS": self.name} | variables

    def receive(self, handler: BaseHTTPRequestHandler, method: str) -> None:
        self.check(method, method == "POST")
        request = _read(handler)
        self.seen.append(request)
        params = getattr(request, self.fields_in)
        self.requests.append(params)
        mood = self.moods.pop(0) if self.moods else self.mood
        wrong = [what for what, right in self.wrong(request, params).items() if not right]
        self.complaints += wrong
        order = self.order(params)
        if wrong:
            _send(handler, Reply({"wrong": wrong}, 400))
        elif mood.startswith("http "):
            _send(handler, Reply({}, int(mood[5:])))
        elif mood != "accept" and mood not in MOODS:
            _send(handler, self.refused(mood, order))
        else:
            self._accept(handler, order, mood)

    def _accept(self, handler: BaseHTTPRequestHandler, order: Order, mood: str) -> None:
        times = sum(known.partition("#")[0] == order.reference for known in self.sent)
        if not times:
            self.sent[order.reference] = (order.mobile, order.what)
        elif not self.idempotent:
            self.sent[f"{order.reference}#{times + 1}"] = (order.mobile, order.what)
        if mood == "stall":
            self.reached.set()
            self.go_on.wait(30)
        elif mood == "garbage":
            _send(handler, Reply(["?"], self.accepted(order).status))
        elif mood in ("endless", "drip"):
            self._send_without_end(handler, self.accepted(order).status, fast=mood == "endless")
        elif mood == "accept":
            _send(handler, self.accepted(order))
        handler.close_connection = mood != "accept"

    def _send_without_end(self, handler: BaseHTTPRequestHandler, status: int, fast: bool) -> None:
        """Until the other side hangs up: as much as it takes, or a byte now and then."""
        handler.send_response(status)
        handler.end_headers()
        while fast or not self.go_on.wait(0.05):
            handler.wfile.write(b" " * 65536 if fast else b" ")


def templates(codes: str, notice: str, abroad: str) -> dict[str, str]:
    """The settings of a vendor that knows texts by number."""
    notices = {"NOTICE_TEMPLATE_ID": notice, "TEMPLATE_SIGN_IN_CHANGED": notice}
    return {"TEMPLATE_ID": codes, **notices, "INTL_TEMPLATE_ID": abroad}


def national(mobile: str) -> str:
    """As messages name it: mainland numbers without their country's."""
    return mobile.removeprefix("+86")


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def is_uuid(text: object) -> bool:
    with contextlib.suppress(ValueError):
        return uuid.UUID(str(text)).hex == text
    return False


def _read(handler: BaseHTTPRequestHandler) -> Request:
    url = urlsplit(handler.path)
    headers = {name.lower(): value for name, value in handler.headers.items()}
    return Request(url.path, url.query, headers, handler.rfile.read(int(headers.get("content-length", 0))))


def _send(handler: BaseHTTPRequestHandler, reply: Reply) -> None:
    headers = {"content-type": "application/json;charset=utf-8"} | reply.headers
    send(handler, reply.status, json.dumps(reply.content).encode(), headers)
