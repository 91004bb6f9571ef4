"""Yuntongxun (容联云, cloopen): TemplateSMS of the REST interface 2013-12-26.

As its documents stood on 2026-11-21. The signature is part of the approved template. `reqId` makes a repeated request
the same request for a day, so that an unanswered one can be asked again.
"""

import base64
import hashlib
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import quote
from zoneinfo import ZoneInfo

import msgspec
from django.utils import timezone

from menpai.delivery import outcomes
from menpai.delivery.sms import vendor, vendor_templates
from menpai.delivery.sms.gateway import Gateway, Reasons, Sms
from menpai.http.vendor_settings import VendorSettings

name = "yuntongxun"
idempotent = True
SETTINGS = VendorSettings(
    "YUNTONGXUN",
    needed=("ACCOUNT_SID", "AUTH_TOKEN", "APP_ID"),
    optional={
        "BASE_URL": "https://app.cloopen.com:8883",
        **vendor_templates.template_settings(vendor_templates.MAINLAND, template="1"),
    },
)
BEIJING = ZoneInfo("Asia/Shanghai")  # the vendor reads the timestamp as its own local time
_MEANINGS = {
    outcomes.RateLimited: ("160038", "160039", "160040", "160041"),
    outcomes.BadRecipient: ("160034", "160042"),
    outcomes.Refused: ("160031", "160033", "160037"),  # cannot be parsed, forbidden word, too long
    outcomes.Misconfigured: ("111*", "1123*", "113302", "160014", "160032", "160043"),
}


class _Report(msgspec.Struct):
    smsMessageSid: str | None = None  # the vendor's spelling


class _Answer(msgspec.Struct):
    statusCode: str
    templateSMS: _Report | None = None


def problems() -> list[str]:
    return SETTINGS.problems() + vendor_templates.problems(SETTINGS)


def carries(kind: str, region: str) -> bool:
    return region == "CN" and bool(vendor_templates.find_template(SETTINGS, kind, region))


def send(sms: Sms) -> str:
    """One SMS. Raises the exceptions of outcomes.py."""
    body = {
        "to": sms.mobile.removeprefix("+86"),
        "appId": SETTINGS["APP_ID"],
        "templateId": vendor_templates.find_template(SETTINGS, sms.kind, sms.region),
        "datas": list(vendor_templates.fill_variables(SETTINGS, sms).values()),
        "reqId": sms.reference.hex,
    }
    signature, authorization = sign(SETTINGS["ACCOUNT_SID"], SETTINGS["AUTH_TOKEN"], timezone.now())
    path = f"/2013-12-26/Accounts/{quote(SETTINGS['ACCOUNT_SID'], safe='')}/SMS/TemplateSMS?sig={signature}"
    headers = {
        "Accept": "application/json",
        "Content-Type": "application/json;charset=utf-8",
        "Authorization": authorization,
    }
    response = vendor.post(SETTINGS["BASE_URL"] + path, headers, msgspec.json.encode(body))
    answer = vendor.parse(response, _Answer)
    if answer.statusCode != "000000":
        raise vendor.classify(answer.statusCode, _MEANINGS)
    return vendor.safe_reference(answer.templateSMS and answer.templateSMS.smsMessageSid)


def sign(account: str, token: str, at: datetime) -> tuple[str, str]:
    """The `sig` parameter and the Authorization header, made from one timestamp."""
    stamp = at.astimezone(BEIJING).strftime("%Y%m%d%H%M%S")
    digest = hashlib.md5(f"{account}{token}{stamp}".encode(), usedforsecurity=False)  # the vendor's choice
    return digest.hexdigest().upper(), base64.b64encode(f"{account}:{stamp}".encode()).decode()


# ── The commonest codes, of answers and receipts, in words (reasons.py) ──
_MONEY = ("云通讯账户余额不足", "the Yuntongxun account has no money left")
_OFTEN = ("发给这个号码过于频繁", "too many to this number in a short time")
_DAY = ("这个号码今天的短信已达上限", "this number has had its messages for today")
_TEMPLATE = ("短信模板不存在或未通过审核", "the template does not exist or was not approved")
_APP = ("应用不存在、未上线或未开通短信", "the application does not exist, is not online or has no SMS")
_KEYS = ("云通讯账号或密钥不对", "the Yuntongxun account or its key is wrong")

REASONS: Reasons = {
    "160014": _MONEY,
    "160038": _OFTEN,
    "160039": _DAY,
    "160040": _DAY,
    "160041": _DAY,
    "160034": ("这个号码在黑名单中", "this number is on the vendor's block list"),
    "160042": ("号码格式不对", "this is no mobile number"),
    "160031": ("通道不能解析请求", "the gateway could not read the request"),
    "160033": ("内容含有被禁止的词", "the text holds a forbidden word"),
    "160037": ("内容太长", "the text is too long"),
    "160032": _TEMPLATE,
    "160043": _TEMPLATE,
    "112311": _TEMPLATE,
    "113302": ("测试模板只能发给测试号码", "the test template goes to test numbers only"),
    "112310": ("应用未上线，号码不在白名单", "the application is not online and the number not on its list"),
    "1123??": _APP,
    "111181": _APP,
    "111???": _KEYS,
    "16000?": ("通道系统繁忙", "the gateway's own trouble"),
    "160050": ("通道发送失败", "the gateway could not send it"),
    "172001": ("网络错误", "a network error"),
}


if TYPE_CHECKING:
    from menpai.delivery.sms.vendors import yuntongxun

    _module: Gateway = yuntongxun
