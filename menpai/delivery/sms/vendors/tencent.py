"""Tencent Cloud (腾讯云短信, SMS 2021-01-11): SendSms, signed with TC3-HMAC-SHA256.

With its push of delivery reports.

cloud.tencent.com/document/api/382 (55981 SendSms, 52072 signature, 59177 error codes) and
tencentcloud.com/document/api/382/43547 (reports), as they stood on 2026-11-21.

Nothing marks a repeated request as the same one. Reports are not signed by Tencent.
"""

import hashlib
import hmac
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec
from django.utils import timezone

from menpai.delivery import outcomes
from menpai.delivery.sms import receipt_parsing, vendor, vendor_templates
from menpai.delivery.sms.gateway import Callback, Reasons, Receipt, Reporting, Sms
from menpai.http.vendor_settings import VendorSettings

name = "tencent"
idempotent = False
acknowledgement = ("application/json; charset=utf-8", '{"result":0,"errmsg":"OK"}')
SETTINGS = VendorSettings(
    "TENCENT",
    needed=("SECRET_ID", "SECRET_KEY", "APP_ID"),
    optional={
        "SIGN_NAME": "",
        "INTL_SIGN_NAME": "",
        "REGION": "ap-guangzhou",
        "BASE_URL": "https://sms.tencentcloudapi.com",
        **vendor_templates.template_settings(vendor_templates.MAINLAND, vendor_templates.ABROAD),
    },
)
ALGORITHM, SERVICE = "TC3-HMAC-SHA256", "sms"
CONTENT_TYPE = "application/json; charset=utf-8"
_MEANINGS = {
    # Its own time-out on the way to the carrier: perhaps sent.
    outcomes.Unanswered: ("InternalError.Timeout", "InternalError.SendAndRecvFail"),
    # The last: a number that it does not reach, and perhaps another does.
    outcomes.RateLimited: (
        *("LimitExceeded.PhoneNumber*", "LimitExceeded.DeliveryFrequencyLimit", "UnsupportedOperation*"),
    ),
    outcomes.BadRecipient: ("FailedOperation.PhoneNumberInBlacklist", "InvalidParameterValue.IncorrectPhoneNumber"),
    outcomes.Refused: (
        *("FailedOperation.ContainSensitiveWord", "InvalidParameterValue.ContentLengthLimit"),
        *("InvalidParameterValue.ProhibitedUseUrlInTemplateParameter", "InvalidParameterValue.TemplateParameter*"),
    ),
    outcomes.Retry: ("RequestLimitExceeded*", "InternalError*", "FailedOperation"),
    outcomes.Misconfigured: (
        *("AuthFailure*", "UnauthorizedOperation*", "FailedOperation.*", "LimitExceeded*", "InvalidParameter*"),
        *("MissingParameter*", "UnsupportedRegion", "InvalidAction", "NoSuchVersion", "NoSuchProduct", "Ip*"),
    ),
}


class _Status(msgspec.Struct):
    Code: str
    SerialNo: str | None = None


class _Error(msgspec.Struct):
    Code: str


class _Response(msgspec.Struct):
    SendStatusSet: list[_Status] = []
    Error: _Error | None = None


class _Answer(msgspec.Struct):
    Response: _Response


class _Report(msgspec.Struct):
    sid: object
    report_status: str
    errmsg: object = None
    user_receive_time: object = None


def problems() -> list[str]:
    return SETTINGS.problems() + vendor_templates.problems(SETTINGS)


def carries(kind: str, region: str) -> bool:
    return bool(region and vendor_templates.find_template(SETTINGS, kind, region))


def send(sms: Sms) -> str:
    """One SMS. Raises the exceptions of outcomes.py."""
    body = msgspec.json.encode(
        {
            "PhoneNumberSet": [sms.mobile],
            "SmsSdkAppId": SETTINGS["APP_ID"],
            "TemplateId": vendor_templates.find_template(SETTINGS, sms.kind, sms.region),
            "SignName": vendor_templates.signature(SETTINGS, sms),
            "TemplateParamSet": list(vendor_templates.fill_variables(SETTINGS, sms).values()),
            "SessionContext": sms.reference.hex,
        }
    )
    base, now = SETTINGS["BASE_URL"], timezone.now()
    host = urlsplit(base).netloc
    headers = {
        "Host": host,
        "Content-Type": CONTENT_TYPE,
        "X-TC-Action": "SendSms",
        "X-TC-Version": "2021-01-11",
        "X-TC-Region": SETTINGS["REGION"],
        "X-TC-Timestamp": str(int(now.timestamp())),
        "Authorization": sign(SETTINGS["SECRET_ID"], SETTINGS["SECRET_KEY"], SERVICE, host, body, now),
    }
    return _accepted(vendor.parse(vendor.post(f"{base}/", headers, body), _Answer).Response)


def _accepted(response: _Response) -> str:
    if response.Error:
        raise vendor.classify(response.Error.Code, _MEANINGS)
    if len(response.SendStatusSet) != 1:
        raise outcomes.Unanswered("unreadable")
    (status,) = response.SendStatusSet
    if status.Code != "Ok":
        raise vendor.classify(status.Code, _MEANINGS)
    return vendor.safe_reference(status.SerialNo)


def sign(secret_id: str, secret_key: str, service: str, host: str, body: bytes, at: datetime) -> str:
    """The Authorization header of a POST to /."""
    day, names = at.astimezone(UTC).strftime("%Y-%m-%d"), "content-type;host"
    lines = f"content-type:{CONTENT_TYPE}\nhost:{host}\n"
    canonical = "\n".join(("POST", "/", "", lines, names, hashlib.sha256(body).hexdigest()))
    scope = f"{day}/{service}/tc3_request"
    text = f"{ALGORITHM}\n{int(at.timestamp())}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = f"TC3{secret_key}".encode()
    for part in (day, service, "tc3_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    return f"{ALGORITHM} Credential={secret_id}/{scope}, SignedHeaders={names}, Signature={signature}"


def receipts(callback: Callback) -> list[Receipt]:
    """The push of delivery reports. Raises BadReceipt."""
    reports = receipt_parsing.parse_json(callback.body, list[_Report])
    return [
        receipt_parsing.make_receipt(
            report.sid,
            report.report_status == "SUCCESS",
            report.errmsg,
            receipt_parsing.parse_time(report.user_receive_time),
        )
        for report in reports
        if report.report_status in ("SUCCESS", "FAIL")
    ]


# ── The commonest codes, of answers and receipts, in words (reasons.py) ──
_OFTEN = ("发给这个号码过于频繁，被腾讯云限制", "too many to this number: Tencent's own limit")
_SIGNATURE = ("短信签名不存在或未通过审核", "the signature does not exist or was not approved")
_TEMPLATE = ("短信模板不存在、未通过审核或变量不符", "the template does not exist, was not approved or does not fit")
_KEYS = ("腾讯云密钥或权限不对", "Tencent's key or its permissions are wrong")
_MONEY = ("腾讯云套餐包余量不足或欠费", "the Tencent account has no messages or money left")

REASONS: Reasons = {
    "LimitExceeded.PhoneNumber*": _OFTEN,
    "LimitExceeded.DeliveryFrequencyLimit": _OFTEN,
    "LimitExceeded*": ("达到了腾讯云控制台里设的总量上限", "the limit that is set in Tencent's console is reached"),
    "FailedOperation.PhoneNumberInBlacklist": ("这个号码退订了或在黑名单中", "this number opted out or is blocked"),
    "InvalidParameterValue.IncorrectPhoneNumber": ("号码格式不对", "this is no mobile number"),
    "FailedOperation.ContainSensitiveWord": ("内容含有被禁止的词", "the text holds a forbidden word"),
    "InvalidParameterValue.ContentLengthLimit": ("内容太长", "the text is too long"),
    "FailedOperation.SignatureIncorrectOrUnapproved": _SIGNATURE,
    "FailedOperation.MissingSignature": _SIGNATURE,
    "FailedOperation.TemplateIncorrectOrUnapproved": _TEMPLATE,
    "FailedOperation.TemplateUnapprovedOrNotExist": _TEMPLATE,
    "FailedOperation.TemplateParamSetNotMatchApprovedTemplate": _TEMPLATE,
    "InvalidParameterValue.TemplateParameter*": _TEMPLATE,
    "FailedOperation.InsufficientBalanceInSmsPackage": _MONEY,
    "FailedOperation.ArrearsOfAccount*": _MONEY,
    "AuthFailure*": _KEYS,
    "UnauthorizedOperation*": _KEYS,
    "UnsupportedOperation*": ("腾讯云不向这个地区发送", "Tencent does not send to this region"),
    "RequestLimitExceeded*": ("请求过快，被腾讯云限流", "too many requests at once"),
    "InternalError*": ("腾讯云系统繁忙", "Tencent's own trouble"),
}


if TYPE_CHECKING:
    from menpai.delivery.sms.vendors import tencent

    _module: Reporting = tencent
