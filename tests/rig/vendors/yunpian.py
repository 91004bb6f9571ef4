"""Yunpian: a repeated request is a second SMS; the text must be that of an approved template, signed once."""

import json
import re
from typing import Any
from urllib.parse import quote

from tests.rig.gateway import Fake, Order, Reply, Request, is_uuid, national

KEY, SIGN = "9b11127a9701975c734b8aee81ee0000", "门牌"


class Yunpian(Fake):
    name = "yunpian"
    SETTINGS = {"API_KEY": KEY, "SIGN_NAME": SIGN, "NOTICES": "2", "INTL": "1"}
    SECRETS = (KEY,)
    fields_in = "form"

    def wrong(self, request: Request, params: dict[str, Any]) -> dict[str, bool]:
        return {
            "path": (request.path, request.query) == ("/v2/sms/single_send.json", ""),
            "accept": request.headers["accept"] == "application/json;charset=utf-8",
            "content type": request.headers["content-type"] == "application/x-www-form-urlencoded;charset=utf-8",
            "fields": set(params) == {"apikey", "mobile", "text", "uid"},
            "key": params["apikey"] == KEY,
            "number": re.fullmatch(r"1[3-9]\d{9}|\+(?!86)[1-9]\d{7,14}", params["mobile"]) is not None,
            "sign": params["text"].startswith(f"【{SIGN}】"),
            "one sign": params["text"].count("【") == params["text"].count("】") == 1,
            "reference": is_uuid(params["uid"]),
        }

    def order(self, params: dict[str, Any]) -> Order:
        return Order(params["uid"], national(params["mobile"]), [params["text"]])

    def vendor_reference(self, reference: str) -> str:
        return str(int(reference[:14], 16))

    def accepted(self, order: Order) -> Reply:
        sid = int(self.vendor_reference(order.reference))
        answer = {"code": 0, "msg": "发送成功", "count": 1, "fee": 0.05, "unit": "RMB", "mobile": order.mobile}
        return Reply({**answer, "sid": sid})

    def refused(self, code: str, order: Order) -> Reply:
        number = int(code) if re.fullmatch(r"-?\d{1,3}", code) else -99
        return Reply({"http_status_code": 400, "code": number, "msg": "拒绝", "detail": f"号码 {order.mobile}"}, 400)

    def callback(self, reference: str, outcome: str = "delivered", detail: str = "") -> tuple[dict[str, str], bytes]:
        report = {
            "error_detail": "接收成功",
            "sid": int(self.vendor_reference(reference)),
            "uid": reference,
            "user_receive_time": "2026-11-21 10:11:15",
            "error_msg": detail,
            "mobile": self.sent[reference][0],
            "report_status": "SUCCESS" if outcome == "delivered" else "FAIL",
        }
        body = f"sms_status={quote(json.dumps([report]))}"
        return {"content-type": "application/x-www-form-urlencoded;charset=utf-8"}, body.encode()
