"""The parse: cleaning, labels, numbers, the region, the receiver, and the detail from what is left."""

import re

from menpai.addresses.parsing import doubts, form, location, numbers, pieces, receivers
from menpai.addresses.parsing.cleaning import clean
from menpai.addresses.parsing.pieces import Piece
from menpai.addresses.parsing.result import Parsed, Span
from menpai.addresses.parsing.state import State

_CALLED = ("mobile", "abroad", "landline")  # the first of them is the receiver's
_SHORT = 4  # 2栋 may be there twice
_LETTER = re.compile(r"[^\W_]")
_KEPT_BETWEEN = frozenset(" ,.:;/_~|\\-·()[]")


def parse(text: str) -> Parsed:
    """The fields of a pasted address. Linear in the text; remembers nothing of it."""
    state = State(clean(text))
    form.take_labels(state)
    _take_numbers(state)
    form.take_bare_labels(state)
    location.take_region(state)
    left = _without_courtesy(state)
    if _is_more_than_a_name(state, left):
        _take_receiver(state, left)
    _take_detail(state, [piece for piece in left if not piece.used])
    return _answer(state)


def _is_more_than_a_name(state: State, left: list[Piece]) -> bool:
    found = state.region or state.numbers or state.labels
    return bool(found) or any(pieces.is_address(piece.text) for piece in left)


def _take_receiver(state: State, left: list[Piece]) -> None:
    receiver, sure = receivers.choose(state, left)
    if receiver:
        state.spans.append(("receiver", receiver.start, receiver.end))
        state.fill("receiver", " ".join(state.cleaned.cut(receiver.start, receiver.end).split()), sure)
        for piece in left:
            if piece.text == receiver.text and not piece.used:  # said again
                piece.used = "receiver"
                state.spans.append(("dropped", piece.start, piece.end))


def _take_numbers(state: State) -> None:
    found, state.text = numbers.find(state.text)
    called = sorted(
        (number for number in found if number.kind in _CALLED), key=lambda number: number.kind == "landline"
    )
    for number in found:
        field = "rest"
        if number.kind in ("identity", "bracketed", "words"):
            field = "dropped"
        elif called and number is called[0]:
            field = "mobile"
            state.fill("extension", number.extension)
        elif len(called) > 1 and number is called[1]:
            field = "second_number" if number.value != called[0].value else "dropped"
        elif number.kind == "postcode" and not state.fields["postcode"]:
            field = "postcode"
        if field in state.fields:
            state.fill(field, number.value)
        state.spans.append((field, number.start, number.end))
    state.numbers += found


def _without_courtesy(state: State) -> list[Piece]:
    """The pieces of the text, without what is said around an address."""
    left = pieces.split(state.text)
    for piece in left[: pieces.MOST]:
        word = piece.text.lower()
        if word in pieces.IGNORED:
            piece.used = "dropped"
        elif word in pieces.TAGS and piece is not left[0]:
            piece.used = "tag"
            state.fill("tag", pieces.TAGS[word])
        else:
            state.spans += [("dropped", start, end) for start, end in pieces.shed_courtesy(piece, state.text)]
        if piece.used:
            state.spans.append((piece.used, piece.start, piece.end))
    return [piece for piece in left if not piece.used][: pieces.MOST] + left[pieces.MOST :]


def _take_detail(state: State, left: list[Piece]) -> None:
    """The pieces behind the region, or those that look like an address; the others are `rest`."""
    is_abroad = any(number.kind == "abroad" for number in state.numbers)
    detail = left if is_abroad or any(pieces.is_address(piece.text) for piece in left) else []
    if state.region:
        detail = [piece for piece in left if piece.start >= state.region[0]]
        if not detail or state.is_backwards:
            detail = [piece for piece in left if pieces.is_address(piece.text) and piece not in detail] + detail
    detail = _without_repeats(state, detail)
    taken: list[tuple[int, int]] = []
    for piece in detail:
        piece.used = "detail"
        if taken and piece.start >= taken[-1][1] and _KEPT_BETWEEN.issuperset(state.text[taken[-1][1] : piece.start]):
            taken[-1] = (taken[-1][0], piece.end)
        else:
            taken.append((piece.start, piece.end))
    state.spans += [("detail", *span) for span in taken]
    state.fill("detail", " ".join(" ".join(state.cleaned.cut(*span) for span in taken).split()), 0.9)
    state.spans += [("rest", piece.start, piece.end) for piece in left if not piece.used]


def _without_repeats(state: State, detail: list[Piece]) -> list[Piece]:
    """The pieces but those that say an earlier one again, with or without the region before it."""
    start, end = state.region or (0, 0)
    region = "".join(state.fields[level] for level in ("province", "city", "county"))
    begins = [name for name in (state.cleaned.text[start:end].strip(), region + state.fields["town"], region) if name]
    kept: list[Piece] = []
    for piece in detail:
        rest = next((piece.text.removeprefix(name) for name in begins if piece.text.startswith(name)), piece.text)
        if kept and rest in ("", *(other.text for other in kept if len(rest) > _SHORT)):
            piece.used = "dropped"
            state.spans.append(("dropped", piece.start, piece.end))
        else:
            kept.append(piece)
    return kept


def _with_rest(state: State) -> list[tuple[str, int, int]]:
    """The spans in their order; what none of them covers is `rest`."""
    if not any(state.fields.values()) and not state.numbers:
        state.spans.clear()  # nothing was recognised
    spans, end = [], 0
    bounds = (len(state.cleaned.text), len(state.cleaned.text))
    for span in [*sorted(state.spans, key=lambda span: span[1:]), ("", *bounds)]:
        if span[1] > end and _LETTER.search(state.cleaned.text, end, span[1]):
            start, stop = pieces.trim(state.cleaned.text, end, span[1])
            spans.append(("rest", start, stop))
        if span[1] < span[2]:
            spans.append(span)
        end = max(end, span[2])
    return spans


def _answer(state: State) -> Parsed:
    spans = _with_rest(state)
    places = state.cleaned.places
    return Parsed(
        fields=state.fields,
        region_code=state.place.code if state.place else None,
        spans=[Span(field, places[start], places[end - 1] + 1) for field, start, end in spans],
        sure=state.sure,
        candidates=state.place.candidates if state.place else [],
        warnings=doubts.warnings(state),
        rest=" ".join(state.cleaned.cut(start, end) for field, start, end in spans if field == "rest"),
    )
