"""Yuntongxun: knows a repeated request by `reqId`, as the vendor does, answers it again and makes no second SMS."""

import base64
import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

from tests.rig.gateway import Fake, Order, Reply, Request

TEMPLATES = {"1": [str, str], "7": [str]}  # the variables that each was approved with
ACCOUNT, TOKEN, APP = "aaf98f894ab19c26014ab1aa5c2a0001", "f7bc9b5b6f4a4a5c9d2d8b4a1c0e0002", "8aaf07086f0003"


class Yuntongxun(Fake):
    name = "yuntongxun"
    idempotent = True
    SETTINGS = {
        "ACCOUNT_SID": ACCOUNT,
        "AUTH_TOKEN": TOKEN,
        "APP_ID": APP,
        "NOTICE_TEMPLATE_ID": "7",
        "TEMPLATE_SIGN_IN_CHANGED": "7",
    }
    SECRETS = (ACCOUNT, TOKEN, APP)

    def wrong(self, request: Request, params: dict[str, Any]) -> dict[str, bool]:
        account, _, stamp = base64.b64decode(request.headers.get("authorization", "")).decode().partition(":")
        signature = hashlib.md5(f"{ACCOUNT}{TOKEN}{stamp}".encode()).hexdigest().upper()
        return {
            "path": request.path == f"/2013-12-26/Accounts/{ACCOUNT}/SMS/TemplateSMS",
            "sig": parse_qs(request.query) == {"sig": [signature]},
            "account": account == ACCOUNT,
            "timestamp": len(stamp) == 14 and _is_beijing_time(stamp),
            "accept": request.headers.get("accept") == "application/json",
            "content type": request.headers.get("content-type") == "application/json;charset=utf-8",
            "fields": set(params) == {"to", "appId", "templateId", "datas", "reqId"},
            "app": params.get("appId") == APP,
            "template": params.get("templateId") in TEMPLATES,
            "number": str(params.get("to")).isdigit() and len(params["to"]) == 11,
            "variables": [type(value) for value in params.get("datas", ())] == TEMPLATES.get(params.get("templateId")),
            "request id": 0 < len(str(params.get("reqId"))) <= 32,
        }

    def order(self, params: dict[str, Any]) -> Order:
        return Order(params["reqId"], params["to"], params["datas"])

    def vendor_reference(self, reference: str) -> str:
        return f"sid-{reference[:8]}"

    def accepted(self, order: Order) -> Reply:
        report = {"dateCreated": "20261121101112", "smsMessageSid": self.vendor_reference(order.reference)}
        return Reply({"statusCode": "000000", "templateSMS": report})

    def refused(self, code: str, order: Order) -> Reply:
        return Reply({"statusCode": code, "statusMsg": f"拒绝 {order.mobile}"})


def _is_beijing_time(stamp: str) -> bool:
    said = datetime.strptime(stamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC) - timedelta(hours=8)
    # The vendor allows a day; a time zone that is wrong by eight hours should be seen here.
    return abs(said - datetime.now(UTC)) < timedelta(hours=2)
