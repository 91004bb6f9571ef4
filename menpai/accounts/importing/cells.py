"""The text of a cell, whatever a spreadsheet has made of it.

| spreadsheet                                   | text                             |
|-----------------------------------------------|----------------------------------|
| '138…   ="138…"   "138…"                      | the digits                       |
| 13812340011.0   13,812,340,011   a number     | the digits                       |
| 1.3812340011E+10, all digits given            | the digits                       |
| 1.3812E+10, #N/A, ####, a date, TRUE          | refused: the original is lost    |
| NULL   \\N   -   无                            | empty                            |
"""

import re
from dataclasses import dataclass

from menpai.accounts.importing.reasons import BadRow
from menpai.identifiers import normalization

_EMPTY = {"NULL", "(NULL)", "(null)", "\\N", "-", "--", "–", "—", "——", "/", "无"}
_QUOTES = "'‘’ʼ＇`´"
_WRAPPED = re.compile(rf'=\s*"(.*)"|=\s*([0-9.+]+)|"(.*)"|“(.*)”|[{_QUOTES}](.*?)[{_QUOTES}]?')
_SCIENTIFIC = re.compile(r"[+-]?([0-9]+)(?:[.,]([0-9]+)E[+-]?|E[+-])([0-9]{1,3})", re.IGNORECASE)
_DECIMALS = re.compile(r"([0-9]+)\.0+")
_THOUSANDS = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.0+)?")
_ERROR = re.compile(r"#(?:#+|[A-Z_/0]+[!?]?)")
_LONGEST = 1000
_EXACT = 2**53  # the whole numbers below are exact in a spreadsheet
_ADVICE_ZH = "请把这一列设为“文本”格式，从原系统重新导出"
_ADVICE_EN = "format the column as text and export it again from its source"


@dataclass(frozen=True)
class Damage:
    """A cell whose original content is lost. `kind`: a key of DAMAGES; `text`: what stands there."""

    kind: str
    text: str = ""

    def __str__(self) -> str:
        return self.text


DAMAGES = {
    "date": ("电子表格把内容变成了日期", "the spreadsheet has made a date of it"),
    "boolean": ("电子表格把内容变成了 TRUE 或 FALSE", "the spreadsheet has made TRUE or FALSE of it"),
    "error": ("电子表格中这一格是错误值", "the spreadsheet shows an error in this cell"),
    "formula": ("这一格是没有计算过的公式", "the cell holds a formula that was never calculated"),
    "digits": (
        "电子表格把号码变成了科学计数法，丢了几位数字",
        "the spreadsheet has made scientific notation of it and lost digits",
    ),
}


def text(column: str, value: object) -> str:
    """The text that was meant. Raises BadRow where a spreadsheet has lost it, or for no text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        raise _lost(column, "boolean")
    if isinstance(value, Damage):
        raise _lost(column, value.kind)
    if isinstance(value, int | float):
        if abs(value) >= _EXACT:
            raise _lost(column, "digits")
        value = repr(value) if isinstance(value, float) and not value.is_integer() else str(int(value))
    if not isinstance(value, str):
        raise BadRow(column, "不是文本或数字", "neither text nor a number")
    return _number(column, _unwrapped(column, value))


def is_yes(column: str, value: object) -> bool:
    """True for yes, False for no and empty. Raises BadRow for anything else."""
    word = "01"[value] if isinstance(value, bool) else text(column, value)
    word = normalization.compact(word).strip().casefold()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise BadRow(column, "请写 1 或 0（是、否）", "write 1 or 0 (yes, no)")


_YES = set("1 true t yes y on verified 是 是的 对 真 有 已 √ ✓ ✔ 已验证 已认证 已绑定 已通过 通过".split())  # noqa: SIM905
_NO = {"", *"0 false f no n off unverified 否 不 不是 假 未 没有 × ✗ ✘ x 未验证 未认证 未绑定 未通过 不通过".split()}  # noqa: SIM905


def _lost(column: str, kind: str) -> BadRow:
    zh, en = DAMAGES[kind]
    return BadRow(column, f"{zh}：{_ADVICE_ZH}", f"{en}: {_ADVICE_EN}")


def _unwrapped(column: str, raw: str) -> str:
    """Text on one line, without what marks it as text in a spreadsheet."""
    text = normalization.line(raw[: _LONGEST + 1])
    if len(text) > _LONGEST:
        raise BadRow(column, "太长", "too long")
    if not normalization.is_printable(text):
        raise BadRow(column, "含有不可打印的字符", "a character that cannot be printed")
    while match := _WRAPPED.fullmatch(text):
        text = next((inner for inner in match.groups() if inner is not None), "").strip()
    return "" if text in _EMPTY else text


def _number(column: str, text: str) -> str:
    """Text without what a number format has added to it."""
    number = normalization.compact(text).strip()
    if match := _SCIENTIFIC.fullmatch(number):
        whole, decimals, exponent = match[1], match[2] or "", int(match[3])
        if len(whole) == 1 and len(decimals) == exponent >= 10:
            return whole + decimals
        raise _lost(column, "digits")
    if _ERROR.fullmatch(number):
        raise _lost(column, "error")
    if match := _DECIMALS.fullmatch(number):
        return match[1]
    if _THOUSANDS.fullmatch(number):
        return number.partition(".")[0].replace(",", "")
    return text
