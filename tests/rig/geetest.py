"""GeeTest on loopback, versions 3 and 4: checks every signature as the vendor does, and misbehaves when told to.

Written from the vendor's documents, not from our code. `solve_v3` and `solve_v4` are its script in a browser.
"""

import hashlib
import hmac
import json
import secrets
import time
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.rig.http_server import FakeServer, send

ID, KEY = "48a6ebac4ebc6642d68c217fca33eb4d", "4f1c085290bec5afdc54df73535fc361"
V3_PUBLIC = {"user_id", "client_type", "json_format", "digestmod"}


class GeeTest(FakeServer):
    """`mood`: "well"; "http 500", "http 302", "garbage", "list", "huge", "slow" (longer than anybody waits), "drip"."""

    def __init__(self) -> None:
        super().__init__()
        self.mood = "well"
        self.requests: list[str] = []
        self._issued: set[str] = set()  # v3 challenges
        self._solved: dict[str, str] = {}  # seccode → challenge; lot_number → pass_token

    # ── The script in the browser ──
    def solve_v3(self, shown: dict[str, Any]) -> dict[str, str]:
        assert shown["success"] == 1 and shown["gt"] == ID and shown["new_captcha"] is True
        assert shown["challenge"] in {_md5(raw + KEY) for raw in self._issued}
        challenge = shown["challenge"] + secrets.token_hex(1)
        seccode = f"{secrets.token_hex(16)}|jordan"
        self._solved[seccode] = challenge
        return _v3_fields(challenge, _md5(f"{KEY}geetest{challenge}"), seccode)

    def solve_v4(self, shown: dict[str, Any]) -> dict[str, str]:
        assert shown["captcha_id"] == ID
        lot, token = secrets.token_hex(16), secrets.token_hex(32)
        self._solved[lot] = token
        return {
            "lot_number": lot,
            "captcha_output": "out-put_==",
            "pass_token": token,
            "gen_time": str(int(time.time())),
        }

    # ── The server ──
    def receive(self, handler: BaseHTTPRequestHandler, method: str) -> None:
        url = urlsplit(handler.path)
        length = int(handler.headers.get("content-length", 0))
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        form = {name: values[0] for name, values in parse_qs(handler.rfile.read(length).decode()).items()}
        self.requests.append(f"{method} {url.path}")
        if self.mood != "well":
            return self._misbehave(handler)
        answers = {
            "GET /register.php": lambda: self._register(query),
            "POST /validate.php": lambda: self._validate_v3(form),
            "POST /validate": lambda: self._validate_v4(query, form),
        }
        return _send(handler, json.dumps(answers[f"{method} {url.path}"]()).encode())

    def _register(self, query: dict[str, str]) -> dict[str, Any]:
        self.check("register fields", set(query) == V3_PUBLIC | {"gt"})
        self.check("no address is told", "ip_address" not in query and len(query["user_id"]) == 32)
        if query.get("gt") != ID:
            return {"challenge": 0}
        raw = secrets.token_hex(16)
        self._issued.add(raw)
        return {"challenge": raw}

    def _validate_v3(self, form: dict[str, str]) -> dict[str, Any]:
        self.check("validate fields", set(form) >= {"seccode", "challenge", "captchaid", "sdk", "timestamp"})
        self.check("captchaid", form.get("captchaid") == ID)
        self.check("timestamp", abs(int(form["timestamp"]) - time.time()) < 60)
        known = self._solved.pop(form["seccode"], None) == form["challenge"]
        return {"seccode": _md5(form["seccode"]) if known else "false"}

    def _validate_v4(self, query: dict[str, str], form: dict[str, str]) -> dict[str, Any]:
        sign = hmac.new(KEY.encode(), form["lot_number"].encode(), hashlib.sha256).hexdigest()
        self.check("sign_token", form.get("sign_token") == sign)
        self.check("captcha_id", query == {"captcha_id": ID} and form.get("captcha_id") == ID)
        # Not `pop`: how long the vendor says yes to one lot is its own affair.
        if self._solved.get(form["lot_number"]) == form["pass_token"]:
            return {"status": "success", "result": "success", "reason": "", "captcha_args": {}}
        return {"status": "success", "result": "fail", "reason": "pass_token error", "captcha_args": {}}

    def _misbehave(self, handler: BaseHTTPRequestHandler) -> None:
        if self.mood.startswith("http "):
            send(handler, int(self.mood[5:]), b"", {"location": f"{self.url}/validate"})
        elif self.mood == "slow":
            self.go_on.wait(30)
        elif self.mood == "drip":
            self.drip(handler)
        else:
            _send(handler, {"garbage": b"<html>", "list": b"[1]", "huge": b'{"challenge":"' + b"0" * 10**6}[self.mood])
        handler.close_connection = True


def fail_back(shown: dict[str, Any]) -> dict[str, str]:
    """What gt.js hands over when it was told that GeeTest is away: anybody can make this up."""
    challenge = shown["challenge"]
    validate = _md5(challenge)
    return _v3_fields(challenge, validate, f"{validate}|jordan")


def _v3_fields(challenge: str, validate: str, seccode: str) -> dict[str, str]:
    return {"geetest_challenge": challenge, "geetest_validate": validate, "geetest_seccode": seccode}


def _md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()


def _send(handler: BaseHTTPRequestHandler, body: bytes) -> None:
    send(handler, 200, body, {"content-type": "text/javascript;charset=UTF-8"})
