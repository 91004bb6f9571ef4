"""An address as one record: what came in and was checked, and what stands in the book."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from menpai import errors, identifiers, rules

SECOND_GENERATION = ("province", "city", "county", "detail", "region_code")


@dataclass(frozen=True)
class _Numbered:
    id: int


@dataclass(frozen=True)
class Draft:
    """A new or edited address, checked, under the names of the columns.

    `address` is one text of the first generation, or the join of `province` … `detail` of the second; `region_code` is
    that of the county or the city (GB/T 2260); `postcode` None keeps what is there.
    """

    receiver: str
    mobile: str
    address: str
    province: str
    city: str
    county: str
    detail: str
    region_code: str | None
    postcode: str | None
    tag: str


@dataclass(frozen=True)
class Address(Draft, _Numbered):
    # One row of the book; `/api` answers it as it is, in this order. (A docstring would stand in the OpenAPI document.)
    postcode: str
    is_default: bool


COLUMNS = tuple(field.name for field in fields(Address))


def parse(raw: Mapping[str, str | None]) -> Draft:
    """Raw text by the draft's field names → a draft. Raises AddressFieldInvalid for the first bad field."""
    receiver = _text("receiver", raw.get("receiver"), rules.RECEIVER_LENGTH)
    place = _place(raw)
    try:
        mobile = identifiers.mobile(raw.get("mobile") or "")
    except errors.MobileInvalid as refusal:
        raise errors.AddressFieldInvalid("mobile") from refusal
    postcode = raw.get("postcode")
    checked = None if postcode is None else identifiers.postcode(postcode, rules.POSTCODE_LENGTH)
    if postcode is not None and checked is None:
        raise errors.AddressFieldInvalid("postcode")
    tag = _text("tag", raw.get("tag"), rules.TAG_LENGTH)
    return Draft(receiver=receiver, mobile=mobile, **place, postcode=checked, tag=tag)


def _place(raw: Mapping[str, str | None]) -> dict[str, Any]:
    """`address` and the fields of the second generation, which are empty in the first."""
    region_code = identifiers.region_code(raw.get("region_code"))
    if not any(raw.get(name) for name in ("province", "city", "county", "detail")):
        empty = dict.fromkeys(SECOND_GENERATION, "") | {"region_code": None}
        return {"address": _text("address", raw.get("address"), rules.ADDRESS_LENGTH), **empty}
    parts = {name: _text("address", raw.get(name), rules.ADDRESS_LENGTH) for name in ("province", "detail")}
    for name in ("city", "county"):  # some cities have no counties, and four have no city above the county
        parts[name] = _text("address", part, rules.ADDRESS_LENGTH) if (part := raw.get(name)) else ""
    joined = "".join(parts[name] for name in ("province", "city", "county", "detail"))
    return {"address": _text("address", joined, rules.ADDRESS_LENGTH), **parts, "region_code": region_code}


def _text(field: str, raw: str | None, longest: int) -> str:
    try:
        return identifiers.plain_text(raw or "", longest)
    except errors.TextInvalid as error:
        raise errors.AddressFieldInvalid(field, error.reason) from error
