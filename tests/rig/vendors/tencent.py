"""Tencent Cloud: a repeated request is a second SMS."""

import hashlib
import hmac
import json
import re
import time
from typing import Any

from tests.rig.gateway import Fake, Order, Reply, Request, is_uuid, national, templates

ID, SECRET, APP = "AKIDNotARealSecretIdOfAnybody01", "TencentNotARealSecretKeyAtAll001", "1400006666"
SIGN, CODES, NOTICE, ABROAD = "门牌", "1110001", "1110002", "1110003"
TEMPLATES = {CODES: 2, NOTICE: 1, ABROAD: 2}  # how many variables


class Tencent(Fake):
    name = "tencent"
    SETTINGS = {"SECRET_ID": ID, "SECRET_KEY": SECRET, "APP_ID": APP, "SIGN_NAME": SIGN}
    SETTINGS |= templates(CODES, NOTICE, ABROAD)
    SECRETS = (ID, SECRET)

    def wrong(self, request: Request, params: dict[str, Any]) -> dict[str, bool]:
        headers, variables = request.headers, params["TemplateParamSet"]
        (number,) = params["PhoneNumberSet"]
        called = [headers[f"x-tc-{name}"] for name in ("action", "version", "region")]
        return {
            "path": (request.path, request.query) == ("/", ""),
            "host": headers["host"] == self.host,
            "content type": headers["content-type"] == "application/json; charset=utf-8",
            "called": called == ["SendSms", "2021-01-11", "ap-guangzhou"],
            "time": abs(int(headers["x-tc-timestamp"]) - time.time()) < 300,
            "signature": headers["authorization"] == _authorization(request),
            "fields": set(params)
            == {"PhoneNumberSet", "SmsSdkAppId", "TemplateId", "SignName", "TemplateParamSet", "SessionContext"},
            "app": params["SmsSdkAppId"] == APP,
            "sign": params["SignName"] == SIGN,
            "template": params["TemplateId"] in TEMPLATES,
            "variables": len(variables) == TEMPLATES.get(params["TemplateId"])
            and all(type(value) is str for value in variables),
            "number": re.fullmatch(r"\+861[3-9]\d{9}|\+852\d{8}", number) is not None,
            "abroad": number.startswith("+86") == (params["TemplateId"] != ABROAD),
            "reference": is_uuid(params["SessionContext"]),
        }

    def order(self, params: dict[str, Any]) -> Order:
        return Order(params["SessionContext"], national(params["PhoneNumberSet"][0]), params["TemplateParamSet"])

    def vendor_reference(self, reference: str) -> str:
        return f"5000:{int(reference[:14], 16)}"

    def accepted(self, order: Order) -> Reply:
        return _status(order, "Ok", self.vendor_reference(order.reference))

    def refused(self, code: str, order: Order) -> Reply:
        if code.startswith(("AuthFailure", "RequestLimit", "InternalError", "UnauthorizedOperation", "Missing")):
            error = {"Code": code, "Message": f"{order.mobile} {ID}"}
            return Reply({"Response": {"Error": error, "RequestId": "R"}})
        return _status(order, code, "")

    def callback(self, reference: str, outcome: str = "delivered", detail: str = "") -> tuple[dict[str, str], bytes]:
        delivered = outcome == "delivered"
        report = {
            "user_receive_time": "2026-11-21 10:11:15",
            "nationcode": "86",
            "mobile": self.sent[reference][0],
            "report_status": "SUCCESS" if delivered else "FAIL",
            "errmsg": detail or "DELIVRD",
            "description": "用户短信送达成功",
            "sid": self.vendor_reference(reference),
        }
        return {"content-type": "application/json"}, json.dumps([report]).encode()


def _status(order: Order, code: str, serial: str) -> Reply:
    status = {
        "SerialNo": serial,
        "PhoneNumber": f"+86{order.mobile}",
        "Fee": 1,
        "SessionContext": order.reference,
        "Code": code,
        "Message": f"send to {order.mobile}",
        "IsoCode": "CN",
    }
    return Reply({"Response": {"SendStatusSet": [status], "RequestId": "R"}})


def _authorization(request: Request) -> str:
    """From the request as it came, by the steps of the document."""
    stamp = int(request.headers["x-tc-timestamp"])
    day = time.strftime("%Y-%m-%d", time.gmtime(stamp))
    canonical = (
        f"POST\n/\n\ncontent-type:{request.headers['content-type']}\nhost:{request.headers['host']}\n\n"
        f"content-type;host\n{hashlib.sha256(request.body).hexdigest()}"
    )
    text = f"TC3-HMAC-SHA256\n{stamp}\n{day}/sms/tc3_request\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    of_day = hmac.new(b"TC3" + SECRET.encode(), day.encode(), "sha256").digest()
    of_service = hmac.new(of_day, b"sms", "sha256").digest()
    key = hmac.new(of_service, b"tc3_request", "sha256").digest()
    signature = hmac.new(key, text.encode(), "sha256").hexdigest()
    return (
        f"TC3-HMAC-SHA256 Credential={ID}/{day}/sms/tc3_request, SignedHeaders=content-type;host, Signature={signature}"
    )
