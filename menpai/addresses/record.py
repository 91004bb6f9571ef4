"""An address as one record: what came in and was checked, and what stands in the book.

/v1 and the version before know neither `town` nor `extension`. The columns hold both where they show them: the town in
front of `detail`, the extension behind `mobile`. A row whose detail was changed there has no town any more.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from django.conf import settings

from menpai import errors, identifiers, rules
from menpai.addresses import regions
from menpai.identifiers import normalization, receiver_numbers

_TEXTS = ("province", "city", "county", "town", "detail")
_CODES = ("region_code", "town_code")


@dataclass(frozen=True)
class _Numbered:
    id: int


@dataclass(frozen=True)
class Draft:
    """A new or edited address, checked.

    `address` is one text of the first generation, or the join of `province` … `detail` of the second; `region_code` is
    that of the county or the city (GB/T 2260), `town_code` has three digits more; `postcode` None keeps what is there.
    """

    receiver: str
    mobile: str
    extension: str
    address: str
    province: str
    city: str
    county: str
    town: str
    detail: str
    region_code: str | None
    town_code: str | None
    postcode: str | None
    tag: str

    @property
    def number(self) -> str:
        return f"{self.mobile}-{self.extension}" if self.extension else self.mobile

    @property
    def place(self) -> str:
        return f"{self.town}{self.detail}"


@dataclass(frozen=True)
class Address(Draft, _Numbered):
    # One row of the book; `/api` answers it as it is, in this order. (A docstring would stand in the OpenAPI document.)
    postcode: str
    is_default: bool


COLUMNS = tuple(field.name for field in fields(Address) if field.name != "extension")


def from_row(*row: Any) -> Address:
    """An address out of its COLUMNS."""
    values = dict(zip(COLUMNS, row, strict=True))
    values["mobile"], values["extension"] = receiver_numbers.split(values["mobile"])
    if town := values["town"]:
        place, code = values["detail"], values["town_code"]
        if place.startswith(town) and place != town:
            values["detail"] = place[len(town) :]
        else:
            values["town"] = ""
        if not values["town"] or not code or code[:6] != values["region_code"]:
            values["town_code"] = None
    return Address(**values)


def to_columns(draft: Draft) -> dict[str, Any]:
    """The columns of a draft; without the postcode where that keeps what is there."""
    values = vars(draft) | {"mobile": draft.number, "detail": draft.place}
    del values["extension"]
    if draft.postcode is None:
        del values["postcode"]
    return values


def parse(raw: Mapping[str, str | None], held: Draft | None = None, *, published: bool = False) -> Draft:
    """Raw text by the draft's field names → a draft. Raises AddressFieldInvalid for the first bad field.

    A region code that never existed is one (RegionCodeUnknown). A value equal to that of `held`, the row that is
    edited, always passes. `published`: by the limits of /v1.
    """
    longest = rules.PUBLISHED_RECEIVER_LENGTH if published else rules.RECEIVER_LENGTH
    receiver = _text("receiver", raw.get("receiver"), longest, held.receiver if held else None)
    place = _place(raw, held, published)
    mobile, extension = receiver_numbers.split(_number(raw.get("mobile") or "", held, published))
    extension = _extension(raw.get("extension")) or extension
    if held and mobile == held.mobile and raw.get("extension") is None and not published:
        extension = extension or held.extension  # a page that knows none
    postcode = raw.get("postcode")
    checked = None if postcode is None else _postcode(postcode, held)
    tag = _text("tag", raw.get("tag"), rules.TAG_LENGTH, held.tag if held else None)
    return Draft(receiver=receiver, mobile=mobile, extension=extension, **place, postcode=checked, tag=tag)


def _number(raw: str, held: Draft | None, published: bool) -> str:
    """The receiver's number in its normal form; the row's own is known by whatever spelling."""
    present = (held.number, held.mobile) if held else ()
    try:
        number = receiver_numbers.parse(raw, settings.MENPAI_MOBILE_REGIONS)
        return number if not published or number in present[:1] else identifiers.mobile(number)
    except (errors.TextInvalid, errors.MobileInvalid) as refusal:
        for number in present:
            if number in (raw, normalization.line(raw)):
                return number
        reason = refusal.reason if isinstance(refusal, errors.TextInvalid) else "number"
        raise errors.AddressFieldInvalid("mobile", reason) from refusal


def _extension(raw: str | None) -> str:
    text = normalization.without_separators(raw or "")
    if text and not receiver_numbers.is_extension(text):
        raise errors.AddressFieldInvalid("extension")
    return text


def _postcode(raw: str, held: Draft | None) -> str:
    postcode = identifiers.postcode(raw, rules.POSTCODE_LENGTH)
    if postcode is not None:
        return postcode
    if held and raw == held.postcode:
        return raw
    raise errors.AddressFieldInvalid("postcode")


def _place(raw: Mapping[str, str | None], held: Draft | None, published: bool) -> dict[str, Any]:
    """`address` and the fields of the second generation, which are empty in the first."""
    longest = rules.PUBLISHED_ADDRESS_LENGTH if published else rules.ADDRESS_LENGTH
    codes = _sent_codes(raw, held)

    def part(name: str, text: str | None, column: str = "") -> str:
        return _text("address", text, longest, getattr(held, column or name, None))

    if not any(raw.get(name) for name in _TEXTS):
        text = part("address", raw.get("address"))
        if held and text == held.address:  # a first-generation page sends it back unread: the parts behind it stay
            return {"address": text} | {name: getattr(held, name) for name in (*_TEXTS, *_CODES)}
        return {"address": text} | dict.fromkeys(_TEXTS, "") | dict.fromkeys(_CODES)
    parts = dict.fromkeys(_TEXTS, "")
    for name in _TEXTS:  # some cities have no counties, and four have no city above the county
        if raw.get(name) or name in ("province", "detail"):
            parts[name] = part(name, raw.get(name), "place" if published and name == "detail" else "")
    if held and raw.get("town") is None and _county(parts) == _county(vars(held)):
        parts |= _town_kept(parts["detail"], held, published)
    return {"address": part("address", "".join(parts.values())), **parts, **_codes(codes, parts, held)}


def _sent_codes(raw: Mapping[str, str | None], held: Draft | None) -> tuple[str | None, str | None]:
    """The codes of the region and the town. Raises RegionCodeUnknown for one that never existed.

    Pages before 2026 made some up: they become those of the real regions.
    """
    region_code, town_code = identifiers.region_codes(raw.get("region_code"), raw.get("town_code"))
    if not region_code or (held and region_code == held.region_code) or regions.find(region_code):
        return region_code, town_code
    real = regions.current().made_up().get(region_code)
    if not real:
        raise errors.RegionCodeUnknown
    return identifiers.region_codes(real)


def _codes(sent: tuple[str | None, str | None], parts: Mapping[str, str], held: Draft | None) -> dict[str, str | None]:
    """`region_code` and `town_code`; without them those of the row, in the same county and town."""
    region_code, town_code = sent
    if held and _county(parts) == _county(vars(held)):
        region_code = region_code or held.region_code
        if parts["town"] == held.town:
            town_code = town_code or held.town_code
    is_within = parts["town"] and town_code and town_code[:6] == region_code
    return {"region_code": region_code, "town_code": town_code if is_within else None}


def _county(parts: Mapping[str, str]) -> list[str]:
    return [parts[name] for name in ("province", "city", "county")]


def _town_kept(detail: str, held: Draft, published: bool) -> dict[str, str]:
    """`town` and `detail` from a page that knows no towns: it may have been shown both in one."""
    rest = detail.removeprefix(held.town).strip()
    if rest and (detail.startswith(held.town) or not published):
        return {"town": held.town, "detail": rest}
    return {"town": "", "detail": detail}


def _text(field: str, raw: str | None, longest: int, present: str | None) -> str:
    """The text on one line."""
    if present and raw and present in (raw, normalization.line(raw)):
        return present
    try:
        return identifiers.plain_text(raw or "", longest)
    except errors.TextInvalid as refusal:
        raise errors.AddressFieldInvalid(field, refusal.reason) from refusal
