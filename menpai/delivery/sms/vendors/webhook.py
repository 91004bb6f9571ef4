"""The shop's own sender: one POST, signed as by Standard Webhooks, that answers `{"id": …}`.

docs/sms.md has the contract. A repeated request carries the same `webhook-id` and must not make a second SMS. Receipts
come back signed with the same secret.
"""

from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from menpai import rules
from menpai.delivery import outcomes
from menpai.delivery.sms import receipt_parsing, vendor, vendor_templates
from menpai.delivery.sms.gateway import BadReceipt, Callback, Receipt, Reporting, Sms
from menpai.http import signatures
from menpai.http.vendor_settings import VendorSettings

name = "webhook"
idempotent = True
acknowledgement = ("application/json", '{"ok":true}')
TEXT = True  # it is given the whole text
SETTINGS = VendorSettings("WEBHOOK", needed=("URL", "SECRET"), optional={"SIGN_NAME": ""})
SHORTEST = 24  # bytes of a secret: Standard Webhooks
WORDS: dict[str, type[outcomes.NotAccepted]] = {
    "busy": outcomes.Retry,
    "misconfigured": outcomes.Misconfigured,
    "rate_limited": outcomes.RateLimited,
    "bad_recipient": outcomes.BadRecipient,
    "refused": outcomes.Refused,
}


class _Answer(msgspec.Struct):
    id: str | int | None = None
    error: str = ""


class _Report(msgspec.Struct):
    id: str | int
    status: str
    code: str | int | None = None
    at: datetime | None = None


def problems() -> list[str]:
    messages = SETTINGS.problems()
    if any(len(secret) < SHORTEST for secret in _secrets()):
        messages.append(f"MENPAI_WEBHOOK_SECRET must have {SHORTEST} bytes or more")
    return messages


def carries(kind: str, region: str) -> bool:
    return True


def send(sms: Sms) -> str:
    """One SMS. Raises the exceptions of outcomes.py."""
    vendor_templates.check_variables(sms)
    body = msgspec.json.encode(
        {
            "id": sms.reference.hex,
            "to": sms.mobile,
            "kind": sms.kind,
            "language": sms.language,
            "text": vendor_templates.sign_text(vendor_templates.signature(SETTINGS, sms), sms.body, sms.language),
            "variables": dict(sms.variables),
        }
    )
    headers = signatures.sign(body, f"msg_{sms.reference.hex}", _secrets())
    response = vendor.post(SETTINGS["URL"], headers, body, statuses=(200, 201, 202, 400, 409, 422))
    answer = vendor.parse(response, _Answer)
    if answer.error:
        raise WORDS.get(answer.error, outcomes.Retry)(vendor.safe_code(answer.error))
    if response.status >= 300:
        raise outcomes.Misconfigured(f"http {response.status}")
    return vendor.safe_reference(answer.id) or sms.reference.hex


def receipts(callback: Callback) -> list[Receipt]:
    """A list of reports. Raises BadReceipt."""
    if len(callback.body) > rules.RECEIPT_BYTES or not signatures.is_signed(
        callback.headers, callback.body, _secrets()
    ):
        raise BadReceipt("signature")
    return [
        receipt_parsing.make_receipt(
            report.id, report.status == "delivered", report.code, receipt_parsing.keep_plausible(report.at)
        )
        for report in receipt_parsing.parse_json(callback.body, list[_Report])
        if report.status in ("delivered", "failed")
    ]


def _secrets() -> list[bytes]:
    """All of them sign, and any of them is believed, so that they can be changed one side at a time."""
    return [signatures.parse_secret(secret.strip()) for secret in SETTINGS["SECRET"].split(",") if secret.strip()]


if TYPE_CHECKING:
    from menpai.delivery.sms.vendors import webhook

    _module: Reporting = webhook
