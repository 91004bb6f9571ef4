"""Yunpian (云片): single_send v2, whose text must be that of an approved template.

With its push of delivery reports.

yunpian.com/official/document/sms/zh_CN (domestic_single_send, intl_single_send, domestic_push_report, returnvalue), as
they stood on 2026-11-21.

Nothing marks a repeated request as the same one. Reports are not signed.
"""

from typing import TYPE_CHECKING
from urllib.parse import unquote_plus, urlencode

import msgspec

from menpai.delivery import message_kinds, outcomes
from menpai.delivery.sms import receipt_parsing, vendor, vendor_templates
from menpai.delivery.sms.gateway import BadReceipt, Callback, Receipt, Reporting, Sms
from menpai.http.vendor_settings import VendorSettings

name = "yunpian"
idempotent = False
acknowledgement = ("text/plain; charset=utf-8", "SUCCESS")
TEXT = True  # it is given the whole text
SETTINGS = VendorSettings(
    "YUNPIAN",
    needed=("API_KEY",),
    optional={"SIGN_NAME": "", "NOTICES": "0", "INTL": "0", "BASE_URL": "https://sms.yunpian.com"},
)
_MEANINGS = {
    outcomes.RateLimited: ("8", "9", "17", "20", "22", "23", "33", "43"),  # 20, 23: not reached
    outcomes.BadRecipient: ("10",),
    outcomes.Refused: ("2", "4", "48", "52"),
    outcomes.Misconfigured: (
        *("1", "3", "5", "6", "7", "13", "14", "15", "16", "18", "27", "34", "40", "-1", "-2", "-3", "-57"),
    ),
}


class _Answer(msgspec.Struct):
    code: int
    sid: int | str | None = None


class _Report(msgspec.Struct):
    sid: object
    report_status: str
    error_msg: object = None
    user_receive_time: object = None


def problems() -> list[str]:
    allowed = {"NOTICES": ("0", "1", "2"), "INTL": ("0", "1")}
    unclear = [key for key, values in allowed.items() if SETTINGS[key] not in values]
    return SETTINGS.problems() + [f"{SETTINGS.variable(key)} must be {' or '.join(allowed[key])}" for key in unclear]


def carries(kind: str, region: str) -> bool:
    reached = region == "CN" or bool(region and SETTINGS["INTL"] == "1")
    approved = SETTINGS["NOTICES"] in (("1", "2") if kind == message_kinds.MOBILE_CHANGED.id else ("2",))
    return reached and (message_kinds.find_kind(kind).carries_code or approved)


def send(sms: Sms) -> str:
    """One SMS. Raises the exceptions of outcomes.py."""
    vendor_templates.check_variables(sms)
    form = {
        "apikey": SETTINGS["API_KEY"],
        "mobile": sms.mobile.removeprefix("+86"),
        # In every language: it is compared with the templates.
        "text": f"【{vendor_templates.signature(SETTINGS, sms)}】{sms.body}",
        "uid": sms.reference.hex,
    }
    headers = {
        "Accept": "application/json;charset=utf-8",
        "Content-Type": "application/x-www-form-urlencoded;charset=utf-8",
    }
    url = f"{SETTINGS['BASE_URL']}/v2/sms/single_send.json"
    response = vendor.post(url, headers, urlencode(form).encode(), statuses=(200, 400, 401, 403))
    answer = vendor.parse(response, _Answer)
    if answer.code != 0:
        raise vendor.classify(answer.code, _MEANINGS)
    return vendor.safe_reference(answer.sid)


def receipts(callback: Callback) -> list[Receipt]:
    """The push of delivery reports. Raises BadReceipt."""
    text = receipt_parsing.parse_form(callback).get("sms_status", "")
    if not text:
        raise BadReceipt("no sms_status")
    if text.startswith("%"):  # the vendor says that it may be encoded twice
        text = unquote_plus(text)
    reports = receipt_parsing.parse_json(text, list[_Report])
    return [
        receipt_parsing.make_receipt(
            report.sid,
            report.report_status == "SUCCESS",
            report.error_msg,
            receipt_parsing.parse_time(report.user_receive_time),
        )
        for report in reports
        if report.report_status in ("SUCCESS", "FAIL")
    ]


if TYPE_CHECKING:
    from menpai.delivery.sms.vendors import yunpian

    _module: Reporting = yunpian
