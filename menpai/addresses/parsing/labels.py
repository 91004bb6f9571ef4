"""Labels of pasted forms: 收货人：, 电话, Address: — and the words of courtesy around an address."""

import re
from dataclasses import dataclass

from menpai.addresses.parsing import vocabulary

KINDS = {word: kind for kind, words in vocabulary.section("labels").items() for word in words}
LONGEST = max(map(len, KINDS))
_FIRST, _LAST = {word[0] for word in KINDS}, {word[-1] for word in KINDS}
_ENDS = re.compile(r":|\[([^\[\]\n]{1,10})\]")
_LINE = re.compile(r"^[^\n:]{2,12}$", re.MULTILINE)
_NAME = re.compile("[^地址新旧退换寄发收送货件回司家的]{2,3}")  # a word before 地址 that may be a person


@dataclass(frozen=True)
class Label:
    kind: str
    start: int
    end: int
    tag: str = ""


def with_colons(text: str) -> list[Label]:
    """The labels that a colon ends, in their order."""
    labels: list[Label] = []
    for match in _ENDS.finditer(text):
        before = labels[-1].end if labels else 0
        label = _before(text, before, match.start()) if match[0] == ":" else _bracketed(text, match)
        if label and label.start >= before:
            labels.append(label)
    return labels


def on_lines(text: str) -> list[Label]:
    """The labels that have a line to themselves, above their value, as pages of orders are copied."""
    lines = ((match, KINDS.get(_key(match[0].strip(" ")))) for match in _LINE.finditer(text))
    return [_label(kind, match.start(), match.end()) for match, kind in lines if kind]


def _bracketed(text: str, match: re.Match[str]) -> Label | None:
    kind = KINDS.get(_key(match[1]))
    return _label(kind, match.start(), match.end() + text.startswith(":", match.end())) if kind else None


def _before(text: str, floor: int, colon: int) -> Label | None:
    end = colon
    while end > floor and text[end - 1] in " )]*":
        end -= 1
    if end == floor or text[end - 1].lower() not in _LAST:
        return None
    for start in range(max(floor, end - LONGEST - 1), end):
        kind = KINDS.get(_key(text[start:end]))
        if kind and _may_begin(text, start, floor):
            return _label(kind, _widened(text, start, floor) if kind == "address" else start, colon + 1)
    return None


def _widened(text: str, start: int, floor: int) -> int:
    """退货地址: what kind of address it is belongs to the label."""
    begin = start
    while begin > floor and start - begin < 5 and "\u4e00" <= text[begin - 1] <= "\u9fff":
        begin -= 1
    is_word = begin in (0, floor) or not text[begin - 1].isalnum()
    return begin if is_word and start - begin < 5 and not _NAME.fullmatch(text[begin:start]) else start


def _key(word: str) -> str:
    return word.replace(" ", "").lower() if word[:1].isascii() or " " in word else word


def _may_begin(text: str, start: int, floor: int) -> bool:
    """A word of one character, or of Latin letters, does not end a longer word."""
    if start == floor or text[start] == " ":
        return text[start] != " "
    last = text[start - 1]
    if text[start].isascii():
        return not last.isalnum() or not last.isascii()
    return not (last.isalnum() and len(text) > start + 1 and text[start + 1] in ": ")


def _label(kind: str, start: int, end: int) -> Label:
    kind, _, tag = kind.partition(":")
    return Label("address" if tag else kind, start, end, tag)


def at(text: str, start: int, end: int, kinds: tuple[str, ...]) -> Label | None:
    """The longest label without a colon that begins at `start`, of one of the kinds."""
    if text[start].lower() not in _FIRST:
        return None
    for stop in range(min(end, start + LONGEST), start, -1):
        kind = KINDS.get(_key(text[start:stop]))
        if kind and text[stop - 1].isascii() and text[stop : stop + 1].isalnum():
            continue  # to, of Tom
        if kind and kind.partition(":")[0] in kinds and (stop - start > 1):
            return _label(kind, start, stop)
    return None


def ending(text: str, end: int, floor: int, kinds: tuple[str, ...]) -> Label | None:
    """The longest label that ends just before `end`, spaces and signs left out."""
    stop = end
    while stop > floor and text[stop - 1] in " (:.-+=是为[#":
        stop -= 1
    if stop == floor or text[stop - 1].lower() not in _LAST:
        return None
    for start in range(max(floor, stop - LONGEST), stop):
        kind = KINDS.get(_key(text[start:stop]))
        if kind and kind in kinds and _may_begin(text, start, floor):
            return _label(kind, start, end)
    return None
