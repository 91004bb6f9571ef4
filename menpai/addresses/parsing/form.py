"""Takes the labels of a form off a text, and the values of those that an address has no field for."""

from dataclasses import replace

from menpai.addresses.parsing import chains, labels, names, numbers, pieces
from menpai.addresses.parsing.cleaning import LABEL, NUMBER
from menpai.addresses.parsing.labels import Label
from menpai.addresses.parsing.numbers import Number
from menpai.addresses.parsing.pieces import Piece
from menpai.addresses.parsing.state import State

_LONGEST_LINE = 40
_BEFORE_NUMBERS = {"postcode": ("postcode",), "identity": ("dropped", "mobile")}


def take_labels(state: State) -> None:
    """Those with a colon, or with a line to themselves if a value follows."""
    alone = [label for label in labels.on_lines(state.text) if state.text[label.end :].strip()]
    found = sorted(labels.with_colons(state.text) + alone, key=lambda label: label.start)
    for label, stop in zip(found, [*(label.start for label in found[1:]), len(state.text)], strict=False):
        _take(state, label, stop)


def _take(state: State, label: Label, stop: int) -> None:
    state.labels.append(label)
    state.take("dropped", label.start, label.end, LABEL)
    state.fill("tag", label.tag)
    if label.kind == "dropped":
        _drop_value(state, label, stop)
    elif label.kind == "note":
        line = state.text.find("\n", label.end, stop)
        state.take("rest", label.end, line if line >= 0 else stop, LABEL)


def _drop_value(state: State, label: Label, stop: int) -> None:
    """Its first word, or its line."""
    text, start = state.text, label.end
    while start < stop and text[start] == " ":
        start += 1
    end = start
    while end < stop and text[end] not in "\n,; ":
        end += 1
    line = text.find("\n", end, stop)
    if line < 0 and stop == len(text) and (label.start == 0 or text[label.start - 1] == "\n"):
        line = stop
    if line >= 0 and line - end < _LONGEST_LINE and not numbers.has_mobile(text[end:line]):
        end = line
    if end > start:
        if "证" in state.cleaned.text[label.start : label.end] and numbers.has_identity(text[start:end]):
            state.numbers.append(Number("identity", start, end, ""))
        state.take("dropped", start, end, LABEL)


def take_bare_labels(state: State) -> None:
    """Those without a colon: before a number, or at the start of a piece whose rest is of their kind."""
    for number in state.numbers:
        floor = number.start
        while (
            floor > 0 and state.text[floor - 1] not in "\n,;" + LABEL + NUMBER and number.start - floor < labels.LONGEST
        ):
            floor -= 1
        kinds = _BEFORE_NUMBERS.get(number.kind, ("mobile",))
        if label := labels.ending(state.text, number.start, floor, kinds):
            state.take("dropped", label.start, label.end, LABEL)
    for piece in pieces.split(state.text)[: pieces.MOST]:
        bare = labels.at(state.text, piece.start, piece.end, ("receiver", "address", "region", "dropped"))
        if bare and state.text[bare.end : bare.end + 1] in ("是", "为"):
            bare = replace(bare, end=bare.end + 1)
        if bare and _is_label(state.text, bare, piece):
            _take(state, bare, piece.end)
    state.labels.sort(key=lambda label: label.start)


def _is_label(text: str, label: Label, piece: Piece) -> bool:
    rest = text[label.end : piece.end].strip(" ")
    if label.kind == "dropped":
        return bool(rest) and rest[0].isascii() and rest[0].isalnum()
    if label.kind == "receiver":
        return names.person(rest) >= 2 if rest else bool(text[piece.end : piece.end + 12].strip(" " + NUMBER + LABEL))
    start = label.end
    while start < len(text) and text[start] == " ":
        start += 1
    return bool(chains.matches(text, start))
