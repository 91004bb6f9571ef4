"""Huawei Cloud: a repeated request is a second SMS."""

import base64
import hashlib
import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from tests.rig.gateway import Fake, Order, Reply, Request, is_uuid, national, templates

KEY, SECRET = "c8RWg3ggEcyd4D3p94bf3Y7x1Ile", "HuaweiNotARealSecret0001"
SENDER, ABROAD_SENDER = "8823040504797", "isms1"
SIGN, CODES, NOTICE, ABROAD = "门牌", "3b1ea2fb0001", "3b1ea2fb0002", "3b1ea2fb0003"
CALLBACK = "https://shop.example/receipts/huawei"
TOKEN = re.compile(r'UsernameToken Username="([^"]+)",PasswordDigest="([^"]+)",Nonce="([^"]+)",Created="([^"]+)"')


class Huawei(Fake):
    name = "huawei"
    SETTINGS = {"APP_KEY": KEY, "APP_SECRET": SECRET, "SENDER": SENDER, "INTL_SENDER": ABROAD_SENDER, "SIGN_NAME": SIGN}
    SETTINGS |= templates(CODES, NOTICE, ABROAD)
    SETTINGS |= {"CALLBACK_URL": CALLBACK}
    SECRETS = (KEY, SECRET)
    fields_in = "form"

    def wrong(self, request: Request, params: dict[str, Any]) -> dict[str, bool]:
        headers, variables = request.headers, json.loads(params["templateParas"])
        token = TOKEN.fullmatch(headers["x-wsse"])
        user, digest, nonce, created = token.groups() if token else ("", "", "", "2000-01-01T00:00:00Z")
        at = datetime.strptime(created, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        hexadecimal = hashlib.sha256((nonce + created + SECRET).encode()).hexdigest()
        abroad = not re.fullmatch(r"\+861[3-9]\d{9}", params["to"])
        return {
            "path": (request.path, request.query) == ("/sms/batchSendSms/v1", ""),
            "content type": headers["content-type"] == "application/x-www-form-urlencoded",
            "authorization": headers["authorization"] == 'WSSE realm="SDP",profile="UsernameToken",type="Appkey"',
            "user": user == KEY,
            "digest": base64.b64decode(digest).decode() == hexadecimal,
            "time": abs(at - datetime.now(UTC)) < timedelta(hours=2),
            "fields": set(params)
            == {"from", "to", "templateId", "templateParas", "signature", "statusCallback", "extend"},
            "sender": params["from"] == (ABROAD_SENDER if abroad else SENDER),
            "template": params["templateId"] in ((ABROAD,) if abroad else (CODES, NOTICE)),
            "variables": len(variables) == 1 and type(variables[0]) is str,
            "sign": params["signature"] == SIGN,
            "number": re.fullmatch(r"\+[1-9]\d{7,14}", params["to"]) is not None,
            "callback": params["statusCallback"] == CALLBACK,
            "reference": is_uuid(params["extend"]),
        }

    def order(self, params: dict[str, Any]) -> Order:
        return Order(params["extend"], national(params["to"]), json.loads(params["templateParas"]))

    def vendor_reference(self, reference: str) -> str:
        return f"4b4b34e7-1a9e-42ac-b309-{reference[:12]}_85496076"

    def accepted(self, order: Order) -> Reply:
        return _answer(order, "000000", "000000", self.vendor_reference(order.reference))

    def refused(self, code: str, order: Order) -> Reply:
        if code.startswith("E2"):
            return _answer(order, "E000510", code, "")
        return Reply({"code": code, "description": f"refused {order.mobile}"}, 403 if code == "E000620" else 400)

    def callback(self, reference: str, outcome: str = "delivered", detail: str = "") -> tuple[dict[str, str], bytes]:
        fields = {
            "sequence": "1",
            "total": "1",
            "updateTime": "2026-11-21T02:11:15Z",
            "source": "2",
            "smsMsgId": self.vendor_reference(reference),
            "status": "DELIVRD" if outcome == "delivered" else detail or "UNDELIV",
            "extend": reference,
            "to": self.sent[reference][0],
        }
        return {"content-type": "application/x-www-form-urlencoded"}, urlencode(fields).encode()


def _answer(order: Order, code: str, status: str, message: str) -> Reply:
    result = {
        "originTo": order.mobile,
        "createTime": "2026-11-21T02:11:12Z",
        "from": SENDER,
        "smsMsgId": message,
        "status": status,
    }
    return Reply({"result": [result], "code": code, "description": "Success" if code == "000000" else order.mobile})
