"""Which of the pieces is the receiver."""

import re

from menpai.addresses.parsing import names, pieces
from menpai.addresses.parsing.cleaning import LABEL, NUMBER
from menpai.addresses.parsing.pieces import Piece
from menpai.addresses.parsing.state import State

_ENOUGH = 4.0
_LONGEST_NAME = 12
_SHORT_WORD = re.compile("[一-鿿]{2,4}")
_HOUSE = frozenset("0123456789号室栋幢楼层座元户")
_SIGNS = " \n,;:|-/_~·.()[]" + LABEL


def choose(state: State, left: list[Piece]) -> tuple[Piece | None, float]:
    """The receiver, marked as used, and how sure that is.

    A name that is glued to a place is cut off its piece.
    """
    piece, sure = _labelled(state, left), 1.0
    if not piece:
        piece, sure = _likely(state, left), 0.9
    if not piece:
        piece, sure = _glued(state, left), 0.8
    if not piece:
        piece, sure = _last(state, left), 0.6
    if piece:
        piece.used = "receiver"
    return piece, sure


def _labelled(state: State, left: list[Piece]) -> Piece | None:
    for label in state.labels:
        inside = [piece for piece in left if piece.start >= label.end] if label.kind == "receiver" else []
        if not inside or state.text[label.end : inside[0].start].strip(" :([\"'" + LABEL):
            continue
        first = inside[0]
        for more in inside[1:]:
            if pieces.is_apart(state.text, first.end, more.start) or pieces.is_address(more.text):
                break
            more.used = "receiver"
            first.end, first.hard = more.end, (first.hard[0], more.hard[1])
        first.text = state.text[first.start : first.end]
        return first
    return None


def _likely(state: State, left: list[Piece]) -> Piece | None:
    behind = next((piece for piece in left if state.region and piece.start >= state.region[1]), None)
    best, most = None, _ENOUGH - 0.1
    for piece in left:
        score = _likelihood(state, piece, left, piece is behind)
        if score > most:
            best, most = piece, score
    return best


def _likelihood(state: State, piece: Piece, left: list[Piece], opens_detail: bool) -> float:
    score = names.person(piece.text) + all(piece.hard) + 0.5 * (piece is left[0] or piece is left[-1])
    beside, is_firm = any(_beside_number(state.text, piece)), names.is_firm(piece.text)
    score += 3 * beside
    if state.region and piece.start < state.region[0]:
        score += 3.5 + 2 * (is_firm or names.is_place(piece.text))
        score -= 4 * (pieces.is_address(piece.text) and not is_firm)
    else:
        score += 3 * (is_firm and beside and piece.hard[0]) - 3 * pieces.is_address(piece.text)
        score -= 4 * (opens_detail and not state.is_backwards and not state.fields["town"])
    return score - 3 * (len(piece.text) > _LONGEST_NAME and not piece.text.isascii())


def _beside_number(text: str, piece: Piece) -> tuple[bool, bool]:
    """Is a number next behind the piece, and next before it?"""
    start, end = piece.start, piece.end
    while start > 0 and text[start - 1] in _SIGNS:
        start -= 1
    while end < len(text) and text[end] in _SIGNS:
        end += 1
    return text[end : end + 1] == NUMBER, text[start - 1 : start] == NUMBER


def _last(state: State, left: list[Piece]) -> Piece | None:
    """A short word alone behind an address with a house number, of whatever surname: …235号 斯琴高娃."""
    if len(left) < 2 or not state.region or not _SHORT_WORD.fullmatch(left[-1].text):
        return None
    last, before = left[-1], left[-2]
    is_free = before.end < last.start and not names.is_place(last.text) and not names.is_firm(last.text)
    return last if is_free and before.start >= state.region[0] and before.text[-1] in _HOUSE else None


def _glued(state: State, left: list[Piece]) -> Piece | None:
    """…38楼马小云13800138000: the name at the end of a place."""
    for piece in left:
        if not _beside_number(state.text, piece)[0] and piece is not left[-1]:
            continue
        begin = names.glued(state.text, piece.start, piece.end)
        end = begin - (state.text[begin - 1] in "找给")
        if introduced := names.introduced(state.text, piece.start, piece.end):
            end, begin = introduced
        if begin < piece.end:
            name = Piece(begin, piece.end, state.text[begin : piece.end], (False, piece.hard[1]))
            piece.end, piece.text = end, state.text[piece.start : end]
            return name
    return None
