"""Pasted text as it is matched: one kind of each sign, simplified, with the place of each."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from menpai.addresses.parsing import vocabulary

_WORDS = {key: "".join(words) for key, words in vocabulary.section("characters").items() if key != "radicals"}
_SIMPLIFIED = str.maketrans(_WORDS["traditional"], _WORDS["simplified"]) | str.maketrans(
    vocabulary.pairs(vocabulary.section("characters")["radicals"])
)
LABEL, NUMBER = "\x1f", "\x1e"  # stand where a label or a number stood
# Written in pairs, as they come and as they are matched.
_SIGNS = str.maketrans(
    dict(zip("、。〈【】「」『』〔〕–—―−‐‑‒﹣•・‧〜→➜×✱＊●", ",\n([][][][]--------···~>>****", strict=True))
    | dict.fromkeys("\t\r\v\f\u3000\u2028\u2029" + LABEL + NUMBER, "\n")
    | dict.fromkeys('"{}', " ")
)
_MOST_SIGNS = 2  # of one character, so that a text does not grow
_MARKUP = re.compile(r"<[a-zA-Z/!][ -;=?-~]{0,60}>|&(?:nbsp|amp|lt|gt|quot);|\\n|__|`+|^[ ]*[*+•>-][ ]", re.MULTILINE)


@dataclass(frozen=True)
class Cleaned:
    """`text` as matched; `places[i]` of its i-th character in the `original`, and the length last."""

    original: str
    text: str
    places: list[int]

    def cut(self, start: int, end: int) -> str:
        """The original of `text[start:end]`, without what is invisible."""
        return "".join([self.original[place] for place in dict.fromkeys(self.places[start:end])])


def clean(original: str) -> Cleaned:
    signs = list(map(_plain, original))
    text = "".join(signs)
    places = list(range(len(original)))
    if len(text) != len(original) or "" in signs:
        places = [place for place, several in enumerate(signs) for _ in several]
    places.append(len(original))
    text = _MARKUP.sub(lambda markup: "\n" * len(markup[0]), text)
    return Cleaned(original, text, places)


@lru_cache(maxsize=8192)
def _plain(letter: str) -> str:
    """The signs that a character is matched as: none, one or two; a character of more stays as it is."""
    if letter.isascii():
        return letter.translate(_SIGNS) if letter >= " " or letter in "\n\t\r" else ""
    plain = letter.translate(_SIGNS)
    if plain.isascii():
        return plain
    whole = unicodedata.normalize("NFKC", plain)
    if len(whole) <= _MOST_SIGNS:
        plain = whole
    return "".join(map(_sign, plain.translate(_SIMPLIFIED)))


def _sign(letter: str) -> str:
    kind = unicodedata.category(letter)
    if kind in ("Cf", "Cc", "Mn", "Me"):
        return ""
    if kind[0] == "Z":
        return " "
    if kind in ("So", "Sk", "Cn", "Co", "Cs"):
        return "\n"  # emoji
    return letter
