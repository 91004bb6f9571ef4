"""One address out of a row: its text is kept whole, its region code is told where it is sure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from menpai import errors
from menpai.accounts.importing import cells, customers
from menpai.accounts.importing.columns import Record
from menpai.accounts.importing.reasons import BadRow
from menpai.addresses import parsing, record, region_names, regions
from menpai.addresses.record import Draft
from menpai.addresses.region_names import Reading
from menpai.identifiers import username_key

CERTAIN = 0.8  # of the parser
TAG = "家"  # where the file has none
PARTS = ("province", "city", "county", "town", "detail")
_LEADING_ZERO = ("13", "14", "15")  # provinces whose postcodes begin with a zero, which spreadsheets drop
_COLUMNS = {"mobile": "receiver_mobile"}  # those that are not called as the field of the address
_IN_WORDS = {"receiver": "收货人", "mobile": "号码"}
_REASONS = {
    "required": ("不能为空", "required"),
    "too_long": ("太长", "too long"),
    "markup": ("含有 < 或 >", "contains < or >"),
    "unprintable": ("含有无法显示的字符", "characters that cannot be displayed"),
    "number": ("不是手机号、带区号的座机或 400/800 号码", "no mobile, landline, 400 or 800 number"),
    "number_digits": ("手机号应为 11 位数字", "a mobile has 11 digits"),
    "number_area_code": ("座机没有区号", "a landline without its area code"),
    "number_region": ("不接受该国家或地区的号码", "a number of a region that is not accepted"),
    "extension": ("分机号为 1 至 6 位数字", "an extension has one to six digits"),
    "postcode": ("不是邮编", "malformed"),
}
_OPEN = BadRow("region_code", "地区不确定，只保留文字", "the region is not certain; the text alone is kept")


@dataclass
class Row:
    """An address and the names of its customer. `left_out`: why it has no region code."""

    record: Record
    username_key: str | None
    mobile: str | None
    draft: Draft
    is_default: bool
    left_out: BadRow | None

    @property
    def key(self) -> tuple[str, str, str]:
        """The columns by which an address is known again."""
        return self.draft.receiver, self.draft.number, self.draft.address


def parse(row: Record) -> Row:
    """Raises BadRow."""
    if row.problem:
        raise row.problem
    texts = {
        name: cells.text(name, value) for name, value in row.fields.items() if name not in ("is_default", "mobile")
    }
    is_default = cells.is_yes("is_default", row.fields.get("is_default"))
    username, mobile = texts.get("username"), customers.parse_mobile(row.fields.get("mobile"))
    if not username and not mobile:
        raise BadRow("", "没有用户名，也没有手机号", "neither a username nor a mobile")
    draft = _draft(texts)
    left_out = None if draft.region_code else _OPEN
    return Row(row, username_key(username) if username else None, mobile, draft, is_default, left_out)


def _draft(texts: Mapping[str, str]) -> Draft:
    sent: dict[str, str | None] = {name: texts.get(name) or None for name in ("receiver", "extension", *PARTS)}
    sent |= {"mobile": texts.get("receiver_mobile"), "tag": texts.get("tag") or TAG}
    whole = texts.get("address", "")
    if any(sent[name] for name in PARTS[:4]):
        sent["detail"] = sent["detail"] or whole
        region_code = _certain_code(region_names.read(*(sent[name] or "" for name in PARTS[:3])))
    else:
        region_code = _read_text(whole or sent["detail"] or "", sent)
    region_code = region_code or _known_code(texts.get("region_code", ""))
    sent["postcode"] = _postcode(texts.get("postcode") or sent.get("postcode") or "", region_code) or None
    try:
        return replace(record.parse(sent), region_code=region_code)
    except errors.AddressFieldInvalid as refusal:
        reason = _REASONS[refusal.reason or refusal.field]
        if refusal.field == "mobile" and "*" in (sent["mobile"] or ""):
            reason = ("号码被打了星号，请导出完整号码", "the number is masked by asterisks; export it whole")
        raise BadRow(_COLUMNS.get(refusal.field, refusal.field), *reason) from refusal


def _read_text(whole: str, sent: dict[str, str | None]) -> str | None:
    """Fills what is sent from one text, and returns the region code where it is certain.

    With a receiver and a number in columns of their own the text is the address and stays as it is. Without them they
    are in the text. Raises BadRow for a text of which something was not recognised.
    """
    parsed = parsing.parse(whole)
    fields, is_address = dict(parsed.fields), bool(sent["receiver"] and sent["mobile"])
    if fields["city"] == fields["province"]:
        fields["city"] = ""  # as a municipality is written
    if not is_address:
        for name in ("receiver", "mobile"):
            if not sent[name] and parsed.sure.get(name, 0) < CERTAIN:
                zh, en = f"文字中没有认出{_IN_WORDS[name]}，请另列填写", f"no certain {name} in it; fill in its column"
                raise BadRow("address", zh, en)
        if parsed.rest or fields["second_number"]:
            zh, en = "文字中有没认出的内容，请分列填写", "not all of it was recognised; use more columns"
            raise BadRow("address", zh, en)
        sent |= {name: sent[name] or fields[name] for name in ("receiver", "mobile", "extension")}
        sent["postcode"] = fields["postcode"]
    joined = "".join(fields[name] for name in PARTS)
    if fields["province"] and (joined == whole or not is_address):
        sent |= {name: fields[name] for name in PARTS}
    else:
        sent |= dict.fromkeys(PARTS) | {"address": whole if is_address else joined}
    is_doubted = any(warning.field in ("province", "city", "county", "address") for warning in parsed.warnings)
    return None if is_doubted or parsed.candidates else _whole_code(parsed.region_code)


def _certain_code(reading: Reading) -> str | None:
    return None if reading.problem or not reading.region else _whole_code(reading.region.code)


def _whole_code(code: str | None) -> str | None:
    """The code of a region that lives and is whole: of a county, or of a city that has none."""
    region = regions.find(code) if code else None
    if region is None or region.level == "province" or region.valid_to or regions.children(region.code):
        return None
    return region.code[:6]


def _known_code(text: str) -> str | None:
    return text if len(text) == 6 and regions.find(text) else None


def _postcode(text: str, region_code: str | None) -> str:
    if len(text) == 5 and text.isdecimal() and region_code and region_code[:2] in _LEADING_ZERO:
        return f"0{text}"
    return text
