"""Numbers in a pasted text: identity numbers, mobiles, landlines, numbers of other regions, postcodes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from menpai.addresses.parsing.cleaning import LABEL, NUMBER

# Every repetition is of one class that what follows it does not begin with, or is bounded: no backtracking.
_IDENTITY = re.compile(
    r"(?<![0-9A-Za-z])[1-9]\d{5}[ ]?(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])[ "
    r"]?\d{3}[\dXx](?![0-9A-Za-z])"
)
_EXTENSION = (
    r"(?:[ ]?[(]?(?:-|转接?|#|,?分机号?|ext\.?|,,|_|\[|\()[ ]?:?[ ]?"
    r"(\d{1,6})(?![\d-])(?![ ]?[号栋楼幢室单弄层座])[\])]?[)]?)?"
)
_MASKED = re.compile(
    r"(?<!\d)1[3-9]\d[ -]?(?:\d{0,4}[*xX]{3,8})[ -]?\d{0,4}(?!\d)|"
    r"(?<!\d)1[3-9][*]{5,9}\d{0,4}(?!\d)"
)
_COUNTRY = r"(?:[(]?(?:\+|00)?[ ]?86[)]?[ -]{0,2}|0(?=1[3-9]))?"
_MOBILE = re.compile(rf"(?<![\d.])({_COUNTRY}1[3-9]\d(?:[ .-]?\d){{8}})(?!\d){_EXTENSION}", re.IGNORECASE)
_LANDLINE = re.compile(
    rf"(?<![\d-])(?:[(]?(?:\+|00)86[)]?[ -]?|86-)?[(]?(0?(?:10|2\d|[3-9]\d\d))[)]?[ -]?([2-9]\d{{2,3}}[ "
    rf"-]?\d{{4}})(?!\d){_EXTENSION}",
    re.IGNORECASE,
)
_TOLL_FREE = re.compile(rf"(?<![\d-])([48]00(?:[ -]?\d){{7}})(?!\d){_EXTENSION}", re.IGNORECASE)
# Country, and how many digits follow.
_LENGTHS = {
    "1": 10,
    "852": 8,
    "853": 8,
    "886": 9,
    "81": 10,
    "82": 10,
    "65": 8,
    "60": 10,
    "61": 9,
    "44": 10,
    "49": 11,
    "33": 9,
    "7": 10,
}
_ABROAD = re.compile(
    r"(?<![\dA-Za-z])(?<!\d[ -])[(]?(?:\+|00)[ ]?(?:"
    + "|".join(rf"{country}[)]?(?:[ ()-]{{0,2}}\d){{{length - 2},{length}}}" for country, length in _LENGTHS.items())
    + r"|(?!86|1|7)[2-9]\d{1,2}[)]?(?:[ ()-]{0,2}\d){7,11})(?!\d)"
)
_RUN = re.compile(r"(?<!\d)\d{13,24}(?!\d)")
_POSTCODE = re.compile(r"(?<![\dA-Za-z#.-])\d{6}(?![\dA-Za-z#.号栋楼幢室单弄层座户元米年-])")
_PROTECTED = re.compile("号码保护中,?请拨打|请拨打|虚拟号|隐私号")
_LOCAL = {
    re.compile("香港|九龙|新界|澳门"): re.compile(r"(?<![\d-])(?:[(]?85[23][)]?[ -]?)?[2-9]\d{3}[ -]?\d{4}(?![\d号-])"),
    re.compile("台湾|台北|高雄|台中|台南|新北"): re.compile(
        r"(?<![\d-])(?:[(]?886[)]?[ -]?0?|0)9\d{2}[ -]?\d{3}[ -]?\d{3}(?![\d号-])"
    ),
}
_BRACKETED = re.compile(r"\[(\d{3,4})\]")
_NOT_DIGIT = re.compile(r"\D")
_MOBILE_DIGITS = re.compile(r"1[3-9]\d{9}")


@dataclass(frozen=True)
class Number:
    """`kind` is mobile, landline, abroad, masked, identity, postcode, bracketed, or words about a number."""

    kind: str
    start: int
    end: int
    value: str
    extension: str = ""


def find(text: str) -> tuple[list[Number], str]:
    """The numbers, and the text with NUMBER for each of their characters."""
    numbers = [Number("words", *match.span(), "") for match in _PROTECTED.finditer(text)]
    text = _PROTECTED.sub(lambda words: LABEL * len(words[0]), text)
    for search in (_identities, _masked, _abroad, _mobiles, _runs, _toll_free, _landlines, _local, _bracketed):
        found = list(search(text))
        numbers += found
        text = _blank(text, found)
    postcodes = list(_postcodes(text, bool(numbers)))
    return sorted(numbers + postcodes, key=lambda number: number.start), _blank(text, postcodes)


def _blank(text: str, numbers: list[Number]) -> str:
    if not numbers:
        return text
    parts, done = [], 0
    for number in numbers:
        parts += [text[done : number.start], NUMBER * (number.end - number.start)]
        done = number.end
    return "".join([*parts, text[done:]])


def _digits(text: str) -> str:
    return _NOT_DIGIT.sub("", text)


def _identities(text: str) -> Iterator[Number]:
    for match in _IDENTITY.finditer(text):
        yield Number("identity", *match.span(), "")


def _masked(text: str) -> Iterator[Number]:
    if "*" in text or "x" in text.lower():
        for match in _MASKED.finditer(text):
            yield Number("masked", *match.span(), "")


def _abroad(text: str) -> Iterator[Number]:
    if "+" in text or "00" in text:
        for match in _ABROAD.finditer(text):
            yield Number("abroad", *match.span(), "+" + _digits(match[0]).removeprefix("00"))


def _mobiles(text: str) -> Iterator[Number]:
    for match in _MOBILE.finditer(text):
        if _splits_house_numbers(text, match):
            continue
        extension = match[2] or ""
        end = match.end() if extension else match.end(1)
        yield Number("mobile", match.start(), end, _digits(match[1])[-11:], extension)


def _splits_house_numbers(text: str, match: re.Match[str]) -> bool:
    """`12-1-1501 1380…` is no number although its digits are enough."""
    digits = match[1].lstrip("+(")
    groups = [len(group) for group in re.split("[^0-9]+", digits) if group]
    return len(groups) > 6 or (max(groups) < 3 and len(groups) > 4)


def _runs(text: str) -> Iterator[Number]:
    """A mobile in a longer run of digits: a postcode or a house number stands before or behind it."""
    for match in _RUN.finditer(text):
        run, start, end = match[0], match.start(), match.end()
        last, first = _MOBILE_DIGITS.match(run[-11:]), _MOBILE_DIGITS.match(run)
        behind_house = start > 0 and (text[start - 1] in "-#" or text[start - 1] not in " ,;:\n\x1f\x1e")
        if len(run) == 17 and last and not (first and start and not behind_house):
            if not behind_house or text[start - 1] not in "-#号栋楼幢座层元路弄街村组室户":
                yield Number("postcode", start, start + 6, run[:6])
            yield Number("mobile", end - 11, end, last[0])
        elif len(run) == 17 and first:
            yield Number("mobile", start, start + 11, first[0])
            yield Number("postcode", start + 11, end, run[11:])
        elif last:
            yield Number("mobile", end - 11, end, last[0])
        elif first:
            yield Number("mobile", start, start + 11, first[0])


def _toll_free(text: str) -> Iterator[Number]:
    if "00" in text:
        for match in _TOLL_FREE.finditer(text):
            number = _digits(match[1])
            yield Number("landline", *match.span(), f"{number}-{match[2]}" if match[2] else number)


def _landlines(text: str) -> Iterator[Number]:
    for match in _LANDLINE.finditer(text):
        area, rest = match[1], _digits(match[2])
        abroad = "86" in match[0][: match.start(1) - match.start()]
        if not area.startswith("0") and not abroad:
            continue
        if len(rest) == 7 and len(area.lstrip("0")) == 2:
            continue
        number = f"0{area.lstrip('0')}-{rest}"
        yield Number("landline", *match.span(), f"{number}-{match[3]}" if match[3] else number)


def _local(text: str) -> Iterator[Number]:
    """Numbers of Hong Kong, Macao and Taiwan as they are called there, where the text names one of them."""
    for places, pattern in _LOCAL.items():
        if places.search(text):
            for match in pattern.finditer(text):
                digits = _digits(match[0])
                yield Number(
                    "abroad", *match.span(), f"+{digits}" if digits.startswith(("852", "853", "886")) else digits
                )


def _bracketed(text: str) -> Iterator[Number]:
    """The extension of a private number as shops repeat it behind name and address: 张三[7839]."""
    for match in _BRACKETED.finditer(text):
        yield Number("bracketed", *match.span(), match[1])


def _postcodes(text: str, _others: bool) -> Iterator[Number]:
    for match in _POSTCODE.finditer(text):
        before, after = text[: match.start()].rstrip(" "), text[match.end() : match.end() + 1]
        alone = after in " ,;\n\x1e\x1f()|"
        glued = before and before[-1] in "号第"
        if (alone or match.start() == 0 or not before or before[-1] in "\n\x1e\x1f编码") and not glued:
            yield Number("postcode", *match.span(), match[0])


def has_mobile(text: str) -> bool:
    return bool(_MOBILE.search(text))


def has_identity(text: str) -> bool:
    return bool(_IDENTITY.search(text)) or len(_digits(text)) >= 15
