"""Twilio: the Messages resource of 2010-04-01, and its signed status callbacks.

twilio.com/docs: messaging/api/message-resource, usage/security (signature), api/errors, as they stood on 2026-11-21.

Nothing marks a repeated request as the same one, and no reference of ours is taken. For numbers outside the mainland.
"""

import base64
import hmac
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode, urlsplit

import msgspec

from menpai.delivery import outcomes
from menpai.delivery.sms import receipt_parsing, vendor, vendor_templates
from menpai.delivery.sms.gateway import BadReceipt, Callback, Reasons, Receipt, Reporting, Sms
from menpai.http.vendor_settings import VendorSettings

name = "twilio"
idempotent = False
acknowledgement = ("text/plain; charset=utf-8", "")
TEXT = True  # it is given the whole text
SETTINGS = VendorSettings(
    "TWILIO",
    needed=("ACCOUNT_SID", "AUTH_TOKEN"),
    optional={
        "FROM": "",
        "MESSAGING_SERVICE_SID": "",
        "SIGN_NAME": "",
        "CALLBACK_URL": "",
        "BASE_URL": "https://api.twilio.com",
    },
)
_MEANINGS = {
    outcomes.Retry: ("20429", "21611"),
    outcomes.RateLimited: ("21408", "21612"),  # numbers that it does not reach, and perhaps another does
    outcomes.BadRecipient: ("21211", "21265", "21610", "21614", "21635"),
    outcomes.Refused: ("21602", "21617"),
    outcomes.Misconfigured: (
        *("20003", "20005", "20008", "20404", "21212", "21603", "21606", "21607", "21608", "21609"),
        *("21659", "21660", "21701", "21703", "21704", "21705", "30002", "63038"),
    ),
}
_ENDS = {"delivered": True, "read": True, "undelivered": False, "failed": False, "canceled": False}


class _Answer(msgspec.Struct):
    sid: str | None = None
    code: int | None = None


def problems() -> list[str]:
    messages = SETTINGS.problems()
    if not SETTINGS["FROM"] and not SETTINGS["MESSAGING_SERVICE_SID"]:
        messages.append("MENPAI_TWILIO_FROM is not set, nor MENPAI_TWILIO_MESSAGING_SERVICE_SID")
    return messages


def carries(kind: str, region: str) -> bool:
    return region not in ("", "CN")


def send(sms: Sms) -> str:
    """One SMS. Raises the exceptions of outcomes.py."""
    vendor_templates.check_variables(sms)
    form = {
        "To": sms.mobile,
        "Body": vendor_templates.sign_text(vendor_templates.signature(SETTINGS, sms), sms.body, sms.language),
    }
    service = SETTINGS["MESSAGING_SERVICE_SID"]
    form |= {"MessagingServiceSid": service} if service else {"From": SETTINGS["FROM"]}
    if SETTINGS["CALLBACK_URL"]:
        form["StatusCallback"] = SETTINGS["CALLBACK_URL"]
    keys = base64.b64encode(f"{SETTINGS['ACCOUNT_SID']}:{SETTINGS['AUTH_TOKEN']}".encode()).decode()
    headers = {"Authorization": f"Basic {keys}", "Content-Type": "application/x-www-form-urlencoded"}
    account = quote(SETTINGS["ACCOUNT_SID"], safe="")
    url = f"{SETTINGS['BASE_URL']}/2010-04-01/Accounts/{account}/Messages.json"
    response = vendor.post(url, headers, urlencode(form).encode(), statuses=(200, 201, 400, 401, 403, 404))
    answer = vendor.parse(response, _Answer)
    if response.status >= 300:
        if answer.code:
            raise vendor.classify(answer.code, _MEANINGS)
        raise outcomes.Misconfigured(f"http {response.status}")
    if not vendor.safe_reference(answer.sid):
        raise outcomes.Unanswered("unreadable")
    return vendor.safe_reference(answer.sid)


def sign(token: str, url: str, fields: Mapping[str, str]) -> str:
    """X-Twilio-Signature of a POST."""
    text = url + "".join(f"{name}{fields[name]}" for name in sorted(fields))
    return base64.b64encode(hmac.digest(token.encode(), text.encode(), "sha1")).decode()  # the vendor's choice


def receipts(callback: Callback) -> list[Receipt]:
    """A status callback. Raises BadReceipt."""
    fields = receipt_parsing.parse_form(callback)
    signature = callback.headers.get("x-twilio-signature", "").encode()
    token = SETTINGS["AUTH_TOKEN"]
    candidates = [sign(token, url, fields).encode() for url in _with_and_without_port(callback.url)]
    if not token or not any(hmac.compare_digest(signature, candidate) for candidate in candidates):
        raise BadReceipt("signature")
    status = fields.get("MessageStatus", "")
    receipt = receipt_parsing.make_receipt(
        fields.get("MessageSid"), _ENDS.get(status, False), fields.get("ErrorCode") or status
    )
    return [receipt] if status in _ENDS else []


def _with_and_without_port(url: str) -> list[str]:
    """Twilio signs the address now with, now without the port that its scheme means anyway."""
    try:
        parts = urlsplit(url)
        if parts.port is None:
            port = 443 if parts.scheme == "https" else 80
            return [url, parts._replace(netloc=f"{parts.netloc}:{port}").geturl()]
        return [url, parts._replace(netloc=parts.netloc.rpartition(":")[0]).geturl()]
    except ValueError:
        return [url]


# ── The commonest codes, of answers and receipts, in words (reasons.py) ──
_KEYS = ("Twilio 账号或密钥不对", "the Twilio account or its key is wrong")
_SENDER = ("Twilio 发送号码不能发短信", "the sender's number at Twilio cannot send SMS")

REASONS: Reasons = {
    "21211": ("号码格式不对", "this is no phone number"),
    "21614": ("这个号码不能收短信", "this number takes no SMS"),
    "21635": ("这是固定电话", "this is a landline"),
    "21610": ("这个号码已退订", "this number opted out"),
    "21408": ("Twilio 账号没有开通这个地区", "the Twilio account is not open for this region"),
    "21612": ("Twilio 不能从这个发送号码送达", "Twilio cannot reach it from this sender"),
    "21608": ("试用账号只能发给已验证的号码", "a trial account reaches verified numbers only"),
    "21606": _SENDER,
    "21659": _SENDER,
    "20003": _KEYS,
    "20429": ("请求过快，被 Twilio 限流", "too many requests at once"),
    "30003": ("手机关机或不在服务区", "the phone was off or out of reach"),
    "30005": ("空号或已停用", "nobody has this number, or it is out of service"),
    "30006": ("固定电话，或运营商不可达", "a landline, or a carrier that is not reached"),
    "30007": ("被运营商当作垃圾短信过滤", "filtered as spam"),
    "30008": ("运营商没有说明原因", "the carrier gave no reason"),
}


if TYPE_CHECKING:
    from menpai.delivery.sms.vendors import twilio

    _module: Reporting = twilio
