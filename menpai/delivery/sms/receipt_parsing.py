"""Parsing of receipts. Every fault is a BadReceipt.

Anybody may send to that address: sizes are bounded, and only ids, codes and times are kept.
"""

from datetime import datetime
from typing import TypeVar
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

import msgspec

from menpai import rules
from menpai.delivery.sms import vendor
from menpai.delivery.sms.gateway import BadReceipt, Callback, Receipt

T = TypeVar("T")
BEIJING = ZoneInfo("Asia/Shanghai")  # Chinese vendors write their local time, without saying so
MOST = 1000  # reports, or fields of a form


def parse_json(raw: bytes | str, shape: type[T]) -> T:
    """The JSON, as this type. Raises BadReceipt."""
    if len(raw) > rules.RECEIPT_BYTES:
        raise BadReceipt("too long")
    try:
        return msgspec.json.decode(raw, type=shape)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise BadReceipt(type(error).__name__) from None


def parse_form(callback: Callback) -> dict[str, str]:
    """The fields of an urlencoded form; none may be repeated. Raises BadReceipt."""
    if len(callback.body) > rules.RECEIPT_BYTES:
        raise BadReceipt("too long")
    try:
        pairs = parse_qsl(callback.body.decode("ascii"), True, True, errors="strict", max_num_fields=MOST)
    except ValueError as error:
        raise BadReceipt(type(error).__name__) from None
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise BadReceipt("a field is there twice")
    return fields


def make_receipt(reference: object, delivered: bool, detail: object = "", at: datetime | None = None) -> Receipt:
    """The receipt; raises BadReceipt if it has no reference."""
    about = vendor.safe_reference(reference)
    if not about:
        raise BadReceipt("no reference")
    return Receipt(about, "delivered" if delivered else "failed", vendor.safe_code(detail) if detail else "", at)


def parse_time(raw: object, form: str = "%Y-%m-%d %H:%M:%S", zone: ZoneInfo = BEIJING) -> datetime | None:
    """The time that a vendor gives; None if it is not a time."""
    try:
        return keep_plausible(datetime.strptime(raw, form).replace(tzinfo=zone)) if isinstance(raw, str) else None
    except ValueError:
        return None


def keep_plausible(at: datetime | None) -> datetime | None:
    """The time, if it has a time zone and a plausible year; else None."""
    return at if at and at.tzinfo and 2000 <= at.year < 2100 else None
