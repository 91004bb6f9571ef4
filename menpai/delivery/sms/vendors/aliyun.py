"""Aliyun (阿里云短信, Dysms 2017-05-25): SendSms, signed with ACS3-HMAC-SHA256; its push of SmsReport.

help.aliyun.com/zh/sms/developer-reference (api-dysmsapi-2017-05-25-sendsms, smsreport-2) and
alibabacloud.com/help/en/sdk/product-overview/v3-request-structure-and-signature, as they stood on 2026-11-21.

Nothing marks a repeated request as the same one. Reports are not signed by Aliyun.
"""

import hashlib
import hmac
import re
import uuid
from collections.abc import Mapping
from datetime import UTC
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec
from django.utils import timezone

from menpai.delivery import outcomes
from menpai.delivery.sms import receipt_parsing, vendor, vendor_templates
from menpai.delivery.sms.gateway import Callback, Reasons, Receipt, Reporting, Sms
from menpai.http.vendor_settings import VendorSettings

name = "aliyun"
idempotent = False
acknowledgement = ("application/json; charset=utf-8", '{"code":0,"msg":"接收成功"}')
SETTINGS = VendorSettings(
    "ALIYUN",
    needed=("ACCESS_KEY_ID", "ACCESS_KEY_SECRET"),
    optional={
        "SIGN_NAME": "",
        "INTL_SIGN_NAME": "",
        "BASE_URL": "https://dysmsapi.aliyuncs.com",
        # Templates for codes may hold one variable.
        **vendor_templates.template_settings(vendor_templates.MAINLAND, vendor_templates.ABROAD, variables="code"),
    },
)
ALGORITHM = "ACS3-HMAC-SHA256"
_EMPTY = hashlib.sha256(b"").hexdigest()
_MEANINGS = {
    outcomes.RateLimited: (
        *("isv.BUSINESS_LIMIT*", "BUSINESS_LIMIT*", "isv.MOBILE_SEND_LIMIT"),
        # A number that it does not reach, and perhaps another does.
        *("isv.NOT_SUPPORTED_COUNTRY", "isv.COUNTRY_RESTRICTED", "isv.DOMESTIC_NUMBER_NOT_SUPPORTED"),
    ),
    outcomes.BadRecipient: ("isv.MOBILE_NUMBER_ILLEGAL",),
    outcomes.Refused: (
        *("isv.BLACK_KEY_CONTROL_LIMIT", "isv.SMS_CONTENT_ILLEGAL", "isv.PARAM_LENGTH_LIMIT"),
        *("isv.PARAM_NOT_SUPPORT_URL", "isv.INVALID_JSON_PARAM", "isv.INVALID_PARAMETERS"),
    ),
    outcomes.Misconfigured: (
        *("isv.*", "isp.RAM_PERMISSION_DENY", "InvalidAccessKeyId*", "MissingAccessKeyId", "SignatureDoesNotMatch"),
        *("IncompleteSignature", "InvalidTimeStamp*", "Forbidden*", "NoPermission", "InvalidVersion", "InvalidAction*"),
    ),
}


class _Answer(msgspec.Struct):
    Code: str
    BizId: str | None = None


class _Report(msgspec.Struct):
    biz_id: object
    success: bool
    err_code: object = None
    report_time: object = None


def problems() -> list[str]:
    return SETTINGS.problems() + vendor_templates.problems(SETTINGS)


def carries(kind: str, region: str) -> bool:
    return bool(region and vendor_templates.find_template(SETTINGS, kind, region))


def send(sms: Sms) -> str:
    """One SMS. Raises the exceptions of outcomes.py."""
    params = {
        "PhoneNumbers": _number(sms.mobile),
        "SignName": vendor_templates.signature(SETTINGS, sms),
        "TemplateCode": vendor_templates.find_template(SETTINGS, sms.kind, sms.region),
        "TemplateParam": msgspec.json.encode(vendor_templates.fill_variables(SETTINGS, sms)).decode(),
        "OutId": sms.reference.hex,
    }
    base, query = SETTINGS["BASE_URL"], vendor.sorted_query(params)
    headers = {
        "host": urlsplit(base).netloc,
        "x-acs-action": "SendSms",
        "x-acs-version": "2017-05-25",
        "x-acs-date": timezone.now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "x-acs-signature-nonce": uuid.uuid4().hex,
        "x-acs-content-sha256": _EMPTY,
    }
    headers["authorization"] = sign(SETTINGS["ACCESS_KEY_ID"], SETTINGS["ACCESS_KEY_SECRET"], query, headers)
    response = vendor.post(f"{base}/?{query}", headers, b"", statuses=(200, 400, 403, 404))
    answer = vendor.parse(response, _Answer)
    if answer.Code != "OK":
        raise vendor.classify(answer.Code, _MEANINGS)
    return vendor.safe_reference(answer.BizId)


def _number(mobile: str) -> str:
    """Without + and, in the mainland, without 86: some numbers of +1 would then read as others there."""
    digits = mobile.removeprefix("+86").removeprefix("+")
    if not mobile.startswith("+86") and re.fullmatch("1[3-9][0-9]{9}", digits):
        raise outcomes.RateLimited("ambiguous")
    return digits


def sign(key_id: str, secret: str, query: str, headers: Mapping[str, str]) -> str:
    """The Authorization header of a POST to / without a body; all of `headers` are signed."""
    names = ";".join(sorted(headers))
    lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
    canonical = "\n".join(("POST", "/", query, lines, names, headers["x-acs-content-sha256"]))
    text = f"{ALGORITHM}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    signature = hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
    return f"{ALGORITHM} Credential={key_id},SignedHeaders={names},Signature={signature}"


def receipts(callback: Callback) -> list[Receipt]:
    """SmsReport. Raises BadReceipt."""
    reports = receipt_parsing.parse_json(callback.body, list[_Report])
    return [
        receipt_parsing.make_receipt(
            report.biz_id, report.success, report.err_code, receipt_parsing.parse_time(report.report_time)
        )
        for report in reports
    ]


# ── The commonest codes, of answers and receipts, in words (reasons.py) ──
_OFTEN = ("发给这个号码过于频繁，被阿里云流控", "too many to this number: Aliyun's flow control")
_SIGNATURE = ("短信签名不存在或未通过审核", "the signature does not exist or was not approved")
_TEMPLATE = ("短信模板不存在或未通过审核", "the template does not exist or was not approved")
_KEYS = ("阿里云密钥或权限不对", "Aliyun's key or its permissions are wrong")
_MONEY = ("阿里云账户余额不足或欠费", "the Aliyun account has no money left")
_WORDS = ("内容含有被禁止的词", "the text holds a forbidden word")
_NOBODY = ("空号或已停机", "nobody has this number, or it is suspended")
_BLOCKED = ("这个号码退订了或在黑名单中", "this number opted out or is on a block list")

REASONS: Reasons = {
    "isv.BUSINESS_LIMIT*": _OFTEN,
    "BUSINESS_LIMIT*": _OFTEN,
    "isv.MOBILE_SEND_LIMIT": _OFTEN,
    "isv.MOBILE_NUMBER_ILLEGAL": ("号码格式不对", "this is no mobile number"),
    "isv.SMS_SIGNATURE*": _SIGNATURE,
    "isv.SMS_SIGN_*": _SIGNATURE,
    "isv.SMS_TEMPLATE*": _TEMPLATE,
    "isv.TEMPLATE*": _TEMPLATE,
    "isv.AMOUNT_NOT_ENOUGH": _MONEY,
    "isv.OUT_OF_SERVICE": _MONEY,
    "isv.BLACK_KEY_CONTROL_LIMIT": _WORDS,
    "isv.SMS_CONTENT_ILLEGAL": _WORDS,
    "isp.RAM_PERMISSION_DENY": _KEYS,
    "InvalidAccessKeyId*": _KEYS,
    "SignatureDoesNotMatch": _KEYS,
    "Forbidden*": _KEYS,
    # Of receipts.
    "MOBILE_NOT_ON_SERVICE": _NOBODY,
    "MOBILE_ACCOUNT_ABNORMAL": _NOBODY,
    "INVALID_NUMBER": _NOBODY,
    "MOBILE_IN_BLACK": _BLOCKED,
    "REJECT*": _BLOCKED,
    "MOBILE_TERMINAL_ERROR": ("手机关机、信号差或收件箱已满", "the phone was off, without signal or full"),
    "MOBILE_SEND_LIMIT": ("运营商限制了这个号码的条数", "the carrier's own limit for this number"),
    "CONTENT_KEYWORD": _WORDS,
    "CONTENT_ERROR": _WORDS,
    "SP_NOT_BY_SMS": ("运营商没有为这个号码开通短信", "the carrier has no SMS for this number"),
    "SP_UNKNOWN_ERROR": ("运营商没有说明原因", "the carrier gave no reason"),
}


if TYPE_CHECKING:
    from menpai.delivery.sms.vendors import aliyun

    _module: Reporting = aliyun
