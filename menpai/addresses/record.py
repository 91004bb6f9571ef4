"""An address as one record: what came in and was checked, and what stands in the book."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from django.conf import settings

from menpai import errors, identifiers, rules
from menpai.identifiers import normalization, receiver_numbers

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
DRAFT_COLUMNS = tuple(field.name for field in fields(Draft))


def parse(raw: Mapping[str, str | None], held: Draft | None = None, *, published: bool = False) -> Draft:
    """Raw text by the draft's field names → a draft. Raises AddressFieldInvalid for the first bad field.

    A value equal to that of `held`, the row that is edited, always passes. `published`: by the limits of /v1.
    """
    longest = rules.PUBLISHED_RECEIVER_LENGTH if published else rules.RECEIVER_LENGTH
    receiver = _text("receiver", raw.get("receiver"), longest, held)
    place = _place(raw, held)
    mobile = _number(raw.get("mobile") or "", held, published)
    postcode = raw.get("postcode")
    checked = None if postcode is None else _postcode(postcode, held)
    tag = _text("tag", raw.get("tag"), rules.TAG_LENGTH, held)
    return Draft(receiver=receiver, mobile=mobile, **place, postcode=checked, tag=tag)


def _number(raw: str, held: Draft | None, published: bool) -> str:
    """The receiver's number in its normal form; the row's own is known by whatever spelling."""
    present = held.mobile if held else None
    try:
        number = receiver_numbers.parse(raw, settings.MENPAI_MOBILE_REGIONS)
        return number if not published or number == present else identifiers.mobile(number)
    except (errors.TextInvalid, errors.MobileInvalid) as refusal:
        if present and present in (raw, normalization.line(raw)):
            return present
        reason = refusal.reason if isinstance(refusal, errors.TextInvalid) else "number"
        raise errors.AddressFieldInvalid("mobile", reason) from refusal


def _postcode(raw: str, held: Draft | None) -> str:
    postcode = identifiers.postcode(raw, rules.POSTCODE_LENGTH)
    if postcode is not None:
        return postcode
    if held and raw == held.postcode:
        return raw
    raise errors.AddressFieldInvalid("postcode")


def _place(raw: Mapping[str, str | None], held: Draft | None) -> dict[str, Any]:
    """`address` and the fields of the second generation, which are empty in the first."""

    def part(name: str, text: str | None) -> str:
        return _text("address", text, rules.ADDRESS_LENGTH, held, name)

    region_code = identifiers.region_code(raw.get("region_code"))
    if not any(raw.get(name) for name in ("province", "city", "county", "detail")):
        empty = dict.fromkeys(SECOND_GENERATION, "") | {"region_code": None}
        return {"address": part("address", raw.get("address")), **empty}
    parts = {name: part(name, raw.get(name)) for name in ("province", "detail")}
    for name in ("city", "county"):  # some cities have no counties, and four have no city above the county
        parts[name] = part(name, text) if (text := raw.get(name)) else ""
    joined = "".join(parts[name] for name in ("province", "city", "county", "detail"))
    return {"address": part("address", joined), **parts, "region_code": region_code}


def _text(field: str, raw: str | None, longest: int, held: Draft | None, column: str = "") -> str:
    """The text on one line. `column` of the row, where it is not called as the `field`."""
    present = held and getattr(held, column or field)
    if present and raw and present in (raw, normalization.line(raw)):
        return str(present)
    try:
        return identifiers.plain_text(raw or "", longest)
    except errors.TextInvalid as refusal:
        raise errors.AddressFieldInvalid(field, refusal.reason) from refusal
