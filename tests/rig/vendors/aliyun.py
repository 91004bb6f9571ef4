"""Aliyun: a repeated request is a second SMS."""

import hashlib
import hmac
import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote

from tests.rig.gateway import Fake, Order, Reply, Request, is_uuid, national, templates

KEY_ID, SECRET = "LTAI5tNotARealKeyOfAnybody", "AliyunNotARealSecretAtAll00001"
SIGN, CODES, NOTICE, ABROAD = "门牌", "SMS_154950909", "SMS_154950910", "SMS_154950911"
TEMPLATES = {CODES: {"code"}, NOTICE: {"at"}, ABROAD: {"code"}}
SIGNED = "host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version"


class Aliyun(Fake):
    name = "aliyun"
    SETTINGS = {"ACCESS_KEY_ID": KEY_ID, "ACCESS_KEY_SECRET": SECRET, "SIGN_NAME": SIGN}
    SETTINGS |= templates(CODES, NOTICE, ABROAD)
    SECRETS = (KEY_ID, SECRET)
    fields_in = "query_fields"

    def __init__(self) -> None:
        super().__init__()
        self._nonces: set[str] = set()

    def wrong(self, request: Request, params: dict[str, Any]) -> dict[str, bool]:
        headers, variables = request.headers, json.loads(params["TemplateParam"])
        nonce, at = headers["x-acs-signature-nonce"], datetime.strptime(headers["x-acs-date"], "%Y-%m-%dT%H:%M:%SZ")
        fresh, _ = nonce not in self._nonces, self._nonces.add(nonce)
        return {
            "path": request.path == "/",
            "body": request.body == b"" and headers["x-acs-content-sha256"] == hashlib.sha256().hexdigest(),
            "host": headers["host"] == self.host,
            "action": (headers["x-acs-action"], headers["x-acs-version"]) == ("SendSms", "2017-05-25"),
            "time": abs(at.replace(tzinfo=UTC) - datetime.now(UTC)) < timedelta(minutes=15),
            "nonce": fresh and len(nonce) >= 16,
            "signature": headers["authorization"] == _authorization(request),
            "fields": set(params) == {"PhoneNumbers", "SignName", "TemplateCode", "TemplateParam", "OutId"},
            "sign": params["SignName"] == SIGN,
            "template": params["TemplateCode"] in TEMPLATES,
            "variables": set(variables) == TEMPLATES.get(params["TemplateCode"]),
            "text": all(type(value) is str for value in variables.values()),
            "number": re.fullmatch(r"1[3-9]\d{9}|852\d{8}", params["PhoneNumbers"]) is not None,
            "abroad": _is_mainland(params["PhoneNumbers"]) == (params["TemplateCode"] != ABROAD),
            "reference": is_uuid(params["OutId"]),
        }

    def order(self, params: dict[str, Any]) -> Order:
        number = params["PhoneNumbers"]
        mobile = national(number if _is_mainland(number) else f"+{number}")
        return Order(params["OutId"], mobile, list(json.loads(params["TemplateParam"]).values()))

    def vendor_reference(self, reference: str) -> str:
        return f"{int(reference[:12], 16)}^0"

    def accepted(self, order: Order) -> Reply:
        return Reply({"Code": "OK", "Message": "OK", "BizId": self.vendor_reference(order.reference), "RequestId": "R"})

    def refused(self, code: str, order: Order) -> Reply:
        status = 200 if code.startswith(("isv", "isp", "BUSINESS")) else 400  # its business; and the API in front
        return Reply({"Code": code, "Message": f"{order.mobile} {KEY_ID}", "RequestId": "R"}, status)

    def callback(self, reference: str, outcome: str = "delivered", detail: str = "") -> tuple[dict[str, str], bytes]:
        report = {
            "phone_number": self.sent[reference][0],
            "send_time": "2026-11-21 10:11:12",
            "report_time": "2026-11-21 10:11:15",
            "success": outcome == "delivered",
            "err_code": detail or "DELIVERED",
            "err_msg": "用户接收成功",
            "sms_size": "1",
            "biz_id": self.vendor_reference(reference),
            "out_id": reference,
        }
        return {"content-type": "application/json"}, json.dumps([report]).encode()


def _is_mainland(number: str) -> bool:
    return re.fullmatch(r"1[3-9]\d{9}", number) is not None


def _authorization(request: Request) -> str:
    """From the request as it came, by the steps of the document."""
    query = "&".join(sorted(request.query.split("&")))
    # What stands there must be the RFC 3986 form of what it means.
    if any(not re.fullmatch(r"(?:[A-Za-z0-9._~=-]|%[0-9A-F]{2})*", part) for part in request.query.split("&")):
        return f"not encoded as it should be: {unquote(query)}"
    canonical = f"POST\n/\n{query}\n"
    for name in SIGNED.split(";"):
        canonical += f"{name}:{request.headers[name].strip()}\n"
    canonical += f"\n{SIGNED}\n{hashlib.sha256(request.body).hexdigest()}"
    text = "ACS3-HMAC-SHA256\n" + hashlib.sha256(canonical.encode()).hexdigest()
    signature = hmac.new(SECRET.encode(), text.encode(), "sha256").hexdigest()
    return f"ACS3-HMAC-SHA256 Credential={KEY_ID},SignedHeaders={SIGNED},Signature={signature}"
