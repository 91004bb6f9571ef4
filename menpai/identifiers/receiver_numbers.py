"""The number at which the receiver of a parcel is called.

| number                            | stored                       | also typed                              |
|-----------------------------------|------------------------------|-----------------------------------------|
| mobile of the mainland            | 13800138000                  | +86 138 0013 8000                       |
| number of another region, with +  | +85291234567                 | +852 9123 4567                          |
| landline with area code           | 010-65551234, 0998-8211234   | (010) 6555 1234, +86 10 6555 1234       |
| 400, 800                          | 4008001234                   | 400-800-1234                            |
| extension of any of them          | 010-65551234-802             | 010-65551234 转 802, 010-65551234#802   |

Area codes are those of the numbering plan, 010, 02x and 0[3-9]xx, not a list of those that are assigned today.
"""

import re
from collections.abc import Sequence
from contextlib import suppress

from menpai import errors, identifiers
from menpai.identifiers import normalization

# Of text whose separators are single dashes; the pages have the same, by `make client`.
EXTENSION = "(?:-?(?:转|轉|分机|分機|ext\\.?|[-#*x,;])[-:]?([0-9]{1,6}))?"
MOBILE = f"(1[3-9](?:-?[0-9]){{9}}){EXTENSION}"
TOLL_FREE = f"([48]00(?:-?[0-9]){{7}}){EXTENSION}"
# Seven digits before eight: a dash behind the seventh begins an extension.
LANDLINE = "0-?(?:(10|2[0-9])-?([2-9](?:-?[0-9]){7})|(?!400|800)([3-9][0-9]{2})-?([2-9](?:-?[0-9]){6,7}?))" + EXTENSION
NO_AREA_CODE = f"[2-9](?:-?[0-9]){{6,7}}{EXTENSION}"
# Behind dashes a dash begins no extension.
ABROAD = "(\\+(?!-?86)(?:[1-9][0-9]{6,14}|-?[1-9](?:-?[0-9]){6,14}(?!-[0-9])))" + EXTENSION
COUNTRY = "(?:\\+|00)-?86-?"

_MOBILE, _TOLL_FREE, _LANDLINE, _NO_AREA_CODE, _ABROAD = (
    re.compile(pattern, re.IGNORECASE) for pattern in (MOBILE, TOLL_FREE, LANDLINE, NO_AREA_CODE, ABROAD)
)
_COUNTRY = re.compile(COUNTRY)
_STORED = re.compile(r"((?:0[0-9]+-)?\+?[0-9]+)-([0-9]{1,6})")
_LONGEST_TYPED = 80  # half of it may be direction marks


def parse(raw: str, regions: Sequence[str] = identifiers.MAINLAND) -> str:
    """The number as it is stored; the mainland's are taken whatever the `regions`.

    Raises TextInvalid, whose reason is `required`, `number` or one of the `number_…`.
    """
    typed = normalization.compact(raw).strip(normalization.STRIPPED) if len(raw) <= _LONGEST_TYPED else "?"
    allowed = (*identifiers.MAINLAND, *regions)
    with suppress(errors.MobileInvalid):
        return identifiers.mobile(typed, allowed, landlines=True)
    text = normalization.with_dashes(typed)
    local = _COUNTRY.sub("", text, count=1) if _COUNTRY.match(text) else text
    if within := _MOBILE.fullmatch(local) or _TOLL_FREE.fullmatch(local):
        return _join(*within.groups())
    if abroad := _ABROAD.fullmatch(text):
        with suppress(errors.MobileInvalid):
            return _join(identifiers.mobile(abroad[1], allowed, landlines=True), abroad[2])
    dialled = local if local == text else f"0{local.removeprefix('0').removeprefix('-')}"
    if landline := _LANDLINE.fullmatch(dialled):
        short, eight, long, number, extension = landline.groups()
        return f"0{short or long}-{_join(eight or number, extension)}"
    raise errors.TextInvalid(_reason(text, local, regions))


def split(number: str) -> tuple[str, str]:
    """A stored number without its extension, and the extension, which may be empty."""
    match = _STORED.fullmatch(number)
    return (match[1], match[2]) if match else (number, "")


def is_extension(text: str) -> bool:
    return re.fullmatch("[0-9]{1,6}", text) is not None


def _join(number: str, extension: str | None) -> str:
    digits = number.replace("-", "")
    return f"{digits}-{extension}" if extension else digits


def _reason(text: str, local: str, regions: Sequence[str]) -> str:
    """The reason why a number is refused."""
    if not text:
        return "required"
    if _NO_AREA_CODE.fullmatch(local):
        return "number_area_code"
    if re.fullmatch("1[3-9][-0-9]*", local):
        return "number_digits"
    abroad = _ABROAD.fullmatch(text)
    if abroad and identifiers.region(abroad[1].replace("-", "")) not in ("", "CN", *regions):
        return "number_region"
    return "number"
