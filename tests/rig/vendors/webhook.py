"""The shop's own sender: knows a repeated request by its `webhook-id`, and makes no second SMS of it."""

import base64
import hashlib
import hmac
import json
import re
import time
import uuid
from typing import Any

from tests.rig.gateway import Fake, Order, Reply, Request, is_uuid, national

KEY = bytes(range(32))
SECRET, SIGN = "whsec_" + base64.b64encode(KEY).decode(), "门牌"
FIELDS = {"id", "to", "kind", "language", "text", "variables"}


class Webhook(Fake):
    name = "webhook"
    address = "URL"
    idempotent = True
    SETTINGS = {"SECRET": SECRET, "SIGN_NAME": SIGN}
    SECRETS = (SECRET, SECRET.removeprefix("whsec_"))

    def wrong(self, request: Request, params: dict[str, Any]) -> dict[str, bool]:
        headers = request.headers
        return {
            "path": (request.path, request.query) == ("/", ""),
            "content type": headers["content-type"] == "application/json",
            "id": headers["webhook-id"] == f"msg_{params['id']}" and is_uuid(params["id"]),
            "time": abs(time.time() - int(headers["webhook-timestamp"])) < 60,
            "signature": headers["webhook-signature"]
            == sign(headers["webhook-id"], headers["webhook-timestamp"], request.body),
            "fields": set(params) == FIELDS,
            "number": re.fullmatch(r"\+[1-9]\d{7,14}", params["to"]) is not None,
            "variables": set(params["variables"]) in ({"code", "minutes"}, {"at"}),
        }

    def order(self, params: dict[str, Any]) -> Order:
        return Order(params["id"], national(params["to"]), [params["text"]])

    def vendor_reference(self, reference: str) -> str:
        return f"shop-{reference[:16]}"

    def accepted(self, order: Order) -> Reply:
        return Reply({"id": self.vendor_reference(order.reference)}, 202)

    def refused(self, code: str, order: Order) -> Reply:
        return Reply({"error": code}, 422)

    def callback(self, reference: str, outcome: str = "delivered", detail: str = "") -> tuple[dict[str, str], bytes]:
        report = {"id": self.vendor_reference(reference), "status": outcome, "at": "2026-11-21T02:11:15Z"}
        body = json.dumps([report | ({"code": detail} if detail else {})]).encode()
        stamp, message = str(int(time.time())), f"msg_{uuid.uuid4().hex}"
        headers = {"webhook-id": message, "webhook-timestamp": stamp, "webhook-signature": sign(message, stamp, body)}
        return {"content-type": "application/json", **headers}, body


def sign(message: str, stamp: str, body: bytes) -> str:
    text = message.encode() + b"." + stamp.encode() + b"." + body
    return "v1," + base64.b64encode(hmac.new(KEY, text, hashlib.sha256).digest()).decode()
