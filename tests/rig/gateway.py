"""A Yuntongxun on loopback: an HTTP server that checks every request as the vendor does, and misbehaves when told to.

It keeps a ledger by `reqId`, as the vendor does: a repeated request is answered again, and is not a second SMS.
"""

import base64
import contextlib
import hashlib
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TEMPLATES = {"1": [str, str], "7": [str]}  # the variables that each was approved with
ACCOUNT, TOKEN, APP = "aaf98f894ab19c26014ab1aa5c2a0001", "f7bc9b5b6f4a4a5c9d2d8b4a1c0e0002", "8aaf07086f0003"


class Gateway:
    """`mood`: "accept"; a status code such as "160038"; "http 500"; "garbage", "stall", "drop": accept, not say so.

    `moods` are for the next requests, one each; afterwards `mood` holds.
    """

    def __init__(self) -> None:
        self.mood = "accept"
        self.moods: list[str] = []
        self.sent: dict[str, tuple[str, list[str]]] = {}  # reqId → (mobile, datas): what people received
        self.requests: list[dict[str, Any]] = []
        self.complaints: list[str] = []
        self.reached = threading.Event()  # a stalling request has arrived
        self.go_on = threading.Event()  # ends every stall
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True

    @property
    def environment(self) -> dict[str, str]:
        return {
            "MENPAI_SMS_GATEWAYS": "yuntongxun",
            "MENPAI_YUNTONGXUN_ACCOUNT_SID": ACCOUNT,
            "MENPAI_YUNTONGXUN_AUTH_TOKEN": TOKEN,
            "MENPAI_YUNTONGXUN_APP_ID": APP,
            "MENPAI_YUNTONGXUN_BASE_URL": f"http://127.0.0.1:{self._server.server_port}",
        }

    @contextlib.contextmanager
    def running(self) -> Iterator["Gateway"]:
        thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self.go_on.set()
            self._server.shutdown()
            self._server.server_close()
            thread.join(5)

    def receive(self, handler: BaseHTTPRequestHandler) -> None:
        length = int(handler.headers.get("content-length", 0))
        body = json.loads(handler.rfile.read(length))
        self.requests.append(body)
        mood = self.moods.pop(0) if self.moods else self.mood
        wrong = list(_complaints(handler, body))
        self.complaints += wrong
        if wrong:
            _answer(handler, 200, {"statusCode": "111109", "statusMsg": "【账号】sig校验失败"})
        elif mood.startswith("http "):
            handler.send_response(int(mood[5:]))
            handler.send_header("location", "http://127.0.0.1:9/elsewhere")
            handler.send_header("content-length", "0")
            handler.end_headers()
        elif mood.isdigit():
            _answer(handler, 200, {"statusCode": mood, "statusMsg": f"拒绝 {body['to']}"})
        else:
            self._accept(handler, body, mood)

    def _accept(self, handler: BaseHTTPRequestHandler, body: dict[str, Any], mood: str) -> None:
        self.sent.setdefault(body["reqId"], (body["to"], body["datas"]))
        if mood == "stall":
            self.reached.set()
            self.go_on.wait(30)
        elif mood == "garbage":
            _answer(handler, 200, ["?"])
        elif mood == "accept":
            report = {"dateCreated": "20261121101112", "smsMessageSid": f"sid-{body['reqId'][:8]}"}
            _answer(handler, 200, {"statusCode": "000000", "templateSMS": report})
        handler.close_connection = True


def _complaints(handler: BaseHTTPRequestHandler, body: dict[str, Any]) -> Iterator[str]:
    url = urlsplit(handler.path)
    account, _, stamp = base64.b64decode(handler.headers.get("authorization", "")).decode().partition(":")
    signature = hashlib.md5(f"{ACCOUNT}{TOKEN}{stamp}".encode()).hexdigest().upper()
    checks = {
        "path": url.path == f"/2013-12-26/Accounts/{ACCOUNT}/SMS/TemplateSMS",
        "sig": parse_qs(url.query) == {"sig": [signature]},
        "account": account == ACCOUNT,
        "timestamp": len(stamp) == 14 and _is_beijing_time(stamp),
        "accept": handler.headers.get("accept") == "application/json",
        "content type": handler.headers.get("content-type") == "application/json;charset=utf-8",
        "fields": set(body) == {"to", "appId", "templateId", "datas", "reqId"},
        "app": body.get("appId") == APP,
        "template": body.get("templateId") in TEMPLATES,
        "number": str(body.get("to")).isdigit() and len(body["to"]) == 11,
        "variables": [type(one) for one in body.get("datas", ())] == TEMPLATES.get(body.get("templateId")),
        "request id": 0 < len(str(body.get("reqId"))) <= 32,
    }
    yield from (what for what, right in checks.items() if not right)


def _is_beijing_time(stamp: str) -> bool:
    said = datetime.strptime(stamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC) - timedelta(hours=8)
    # The vendor allows a day; a time zone that is wrong by eight hours should be seen here.
    return abs(said - datetime.now(UTC)) < timedelta(hours=2)


def _answer(handler: BaseHTTPRequestHandler, status: int, content: object) -> None:
    body = json.dumps(content).encode()
    handler.send_response(status)
    handler.send_header("content-type", "application/json;charset=utf-8")
    handler.send_header("content-length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def _handler(gateway: Gateway) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                gateway.receive(self)

        def do_GET(self) -> None:
            gateway.complaints.append("GET")
            self.send_error(405)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    return Handler
