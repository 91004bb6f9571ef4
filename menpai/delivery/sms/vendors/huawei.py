"""Huawei Cloud (华为云 消息&短信): batchSendSms v1 with X-WSSE; its status reports.

support.huaweicloud.com/api-msgsms (sms_05_0001 sending, sms_05_0003 reports, sms_05_0050 and sms_05_0051 codes) and
devg-msgsms (samples), as they stood on 2026-11-21.

Nothing marks a repeated request as the same one. Reports are not signed, and come only where a request asks for them.
"""

import base64
import hashlib
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import msgspec
from django.utils import timezone

from menpai.delivery import outcomes
from menpai.delivery.sms import receipt_parsing, vendor, vendor_templates
from menpai.delivery.sms.gateway import Callback, Receipt, Reporting, Sms
from menpai.http.vendor_settings import VendorSettings

name = "huawei"
idempotent = False
acknowledgement = ("text/plain; charset=utf-8", "")
SETTINGS = VendorSettings(
    "HUAWEI",
    needed=("APP_KEY", "APP_SECRET", "SENDER"),
    optional={
        "INTL_SENDER": "",
        "SIGN_NAME": "",
        "CALLBACK_URL": "",
        "BASE_URL": "https://smsapi.cn-north-4.myhuaweicloud.com:443",
        **vendor_templates.template_settings(vendor_templates.MAINLAND, vendor_templates.ABROAD, variables="code"),
    },
)
AUTHORIZATION = 'WSSE realm="SDP",profile="UsernameToken",type="Appkey"'
STAMP = "%Y-%m-%dT%H:%M:%SZ"
_SEE_STATUS = "E000510"  # "failed; the status of each number says why"
_UNDECIDED = ("ACCEPTD", "UNKNOWN")
_MEANINGS = {
    outcomes.Retry: ("E000000",),
    # Numbers that it does not reach, and perhaps another does.
    outcomes.RateLimited: ("E000628", "E200024", "E200025", "E200026", "E200027"),
    outcomes.Refused: ("E000503", "E200051"),
    outcomes.Misconfigured: ("E0000*", "E0001*", "E0005*", "E0006*", "E20001*", "E20002*", "E20003*"),
}


class _Status(msgspec.Struct):
    status: str
    smsMsgId: str | None = None  # the vendor's spelling


class _Answer(msgspec.Struct):
    code: str
    result: list[_Status] | None = None


def problems() -> list[str]:
    return SETTINGS.problems() + vendor_templates.problems(SETTINGS)


def carries(kind: str, region: str) -> bool:
    return bool(region and _sender(region) and vendor_templates.find_template(SETTINGS, kind, region))


def send(sms: Sms) -> str:
    """One SMS. Raises the exceptions of outcomes.py."""
    form = {
        "from": _sender(sms.region),
        "to": sms.mobile,
        "templateId": vendor_templates.find_template(SETTINGS, sms.kind, sms.region),
        "templateParas": msgspec.json.encode(list(vendor_templates.fill_variables(SETTINGS, sms).values())).decode(),
        "signature": vendor_templates.signature(
            SETTINGS, sms
        ),  # stands in front of templates that belong to no signature
        "statusCallback": SETTINGS["CALLBACK_URL"],
        "extend": sms.reference.hex,
    }
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Authorization": AUTHORIZATION,
        "X-WSSE": sign(SETTINGS["APP_KEY"], SETTINGS["APP_SECRET"], uuid.uuid4().hex, timezone.now()),
    }
    url = f"{SETTINGS['BASE_URL']}/sms/batchSendSms/v1"
    response = vendor.post(url, headers, urlencode(form).encode(), statuses=(200, 400, 401, 403))
    return _accepted(vendor.parse(response, _Answer))


def _accepted(answer: _Answer) -> str:
    status = answer.result[0] if answer.result and len(answer.result) == 1 else None
    if status is None and answer.code == "000000":
        raise outcomes.Unanswered("unreadable")
    if status is None or answer.code not in ("000000", _SEE_STATUS):
        raise vendor.classify(answer.code, _MEANINGS)
    if status.status != "000000":
        raise vendor.classify(status.status, _MEANINGS)
    return vendor.safe_reference(status.smsMsgId)


def sign(key: str, secret: str, nonce: str, at: datetime) -> str:
    """The X-WSSE header. The digest is of the hexadecimal text, as the vendor's samples make it."""
    created = at.astimezone(UTC).strftime(STAMP)
    digest = hashlib.sha256(f"{nonce}{created}{secret}".encode()).hexdigest()
    password = base64.b64encode(digest.encode()).decode()
    return f'UsernameToken Username="{key}",PasswordDigest="{password}",Nonce="{nonce}",Created="{created}"'


def _sender(region: str) -> str:
    return SETTINGS["SENDER"] if region == "CN" else SETTINGS["INTL_SENDER"]


def receipts(callback: Callback) -> list[Receipt]:
    """A status report. Raises BadReceipt."""
    fields = receipt_parsing.parse_form(callback)
    status = fields.get("status", "")
    at = receipt_parsing.parse_time(fields.get("updateTime"), STAMP, ZoneInfo("UTC"))
    receipt = receipt_parsing.make_receipt(fields.get("smsMsgId"), status == "DELIVRD", status or "?", at)
    return [] if status in _UNDECIDED else [receipt]


if TYPE_CHECKING:
    from menpai.delivery.sms.vendors import huawei

    _module: Reporting = huawei
