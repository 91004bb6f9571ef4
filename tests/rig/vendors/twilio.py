"""Twilio: is told no reference of ours, so that `sent` knows each SMS by Twilio's own."""

import base64
import hashlib
import hmac
import re
import uuid
from typing import Any
from urllib.parse import quote_plus

from tests.rig.gateway import Fake, Order, Reply, Request, basic, national

ACCOUNT, TOKEN, NUMBER = "AC0123456789abcdef0123456789abcdef", "0f1e2d3c4b5a69788796a5b4c3d2e1f0", "+15005550006"
SIGN, CALLBACK = "门牌", "https://shop.example/receipts/twilio?from=twilio"


class Twilio(Fake):
    name = "twilio"
    mobile = "+85261234567"
    region = "HK"
    SETTINGS = {"ACCOUNT_SID": ACCOUNT, "AUTH_TOKEN": TOKEN, "FROM": NUMBER, "SIGN_NAME": SIGN}
    SETTINGS |= {"CALLBACK_URL": CALLBACK}
    SECRETS = (ACCOUNT, TOKEN)
    fields_in = "form"

    def wrong(self, request: Request, params: dict[str, Any]) -> dict[str, bool]:
        return {
            "path": (request.path, request.query) == (f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json", ""),
            "authorization": request.headers["authorization"] == basic(ACCOUNT, TOKEN),
            "content type": request.headers["content-type"] == "application/x-www-form-urlencoded",
            "fields": set(params) == {"To", "From", "Body", "StatusCallback"},
            "from": params["From"] == NUMBER,
            "number": re.fullmatch(r"\+(?!86)[1-9]\d{7,14}", params["To"]) is not None,
            "text": 0 < len(params["Body"]) <= 1600,
            "callback": params["StatusCallback"] == CALLBACK,
        }

    def order(self, params: dict[str, Any]) -> Order:
        return Order(f"SM{uuid.uuid4().hex}", national(params["To"]), [params["Body"]])

    def vendor_reference(self, reference: str) -> str:
        return reference

    def accepted(self, order: Order) -> Reply:
        return Reply({"sid": order.reference, "status": "queued", "to": order.mobile, "body": order.what[0]}, 201)

    def refused(self, code: str, order: Order) -> Reply:
        number = int(code) if re.fullmatch(r"\d{5}", code) else -99
        status = {20003: 401, 20404: 404}.get(number, 400)
        return Reply({"code": number, "message": f"'To' {order.mobile} is refused", "status": status}, status)

    def callback(self, reference: str, outcome: str = "delivered", detail: str = "") -> tuple[dict[str, str], bytes]:
        fields = {
            "SmsSid": reference,
            "SmsStatus": "delivered" if outcome == "delivered" else "undelivered",
            "MessageStatus": "delivered" if outcome == "delivered" else "undelivered",
            "To": self.sent[reference][0] if reference in self.sent else "",
            "MessageSid": reference,
            "AccountSid": ACCOUNT,
            "From": NUMBER,
            "ApiVersion": "2010-04-01",
        }
        if detail:
            fields["ErrorCode"] = detail
        return {"content-type": "application/x-www-form-urlencoded", "x-twilio-signature": sign(CALLBACK, fields)}, (
            "&".join(f"{name}={quote_plus(value)}" for name, value in fields.items()).encode()
        )


def sign(url: str, fields: dict[str, str]) -> str:
    for name in sorted(fields):
        url += name + fields[name]
    return base64.b64encode(hmac.new(TOKEN.encode(), url.encode(), hashlib.sha1).digest()).decode()
