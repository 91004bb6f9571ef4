"""The characters that text loses before any rule reads it, for every entrance.

| text                      | goes                                   | becomes one form                          |
|---------------------------|----------------------------------------|-------------------------------------------|
| mobile, e-mail, code      | INVISIBLE, JOINERS, VARIATIONS         | NFKC; in a mobile and a code dashes and   |
|                           |                                        | spaces go too                             |
| user name                 | INVISIBLE, JOINERS                     | NFC, compared by NFKC and case folding    |
| line: names, addresses    | INVISIBLE; JOINERS and VARIATIONS      | NFC; a line break with the blanks around  |
|                           | that join and vary nothing             | it, and a tab, become one space           |
| code of a link            | all but the letters of base64url       |                                           |
| password                  | nothing                                | nothing here                              |

Sets are code points and not Unicode categories, so that the result is the same with each version of Python.
Variations stay in user names, whose stored keys may hold them.
"""

import re
import unicodedata

# Direction marks, soft hyphen, zero-width space, word joiner, invisible operators, byte order mark, tags and the like.
INVISIBLE = "\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"
JOINERS = "\u200c\u200d"
VARIATIONS = "\u034f\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef"
SPACES = " \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
LINE_BREAKS = "\n\v\f\r\u0085\u2028\u2029"
# Everything that prints like a dash: hyphens, en, em and minus, also superscript, full-width, vertical and wavy ones.
DASHES = (
    "\\-\u058a\u05be\u1400\u1806\u2010-\u2015\u2027\u2043\u2053\u207b\u208b\u2212\u2500\u2501\u2796"
    "\u2e17\u2e1a\u2e3a\u2e3b\u2e40\u2e5d\u301c\u3030\u30a0\ufe31\ufe32\ufe58\ufe63\uff0d\uff5e\U00010ead~"
)
# Emoji and signs, between which U+200D makes one picture of several.
_PICTURES = "\u00a9\u00ae\u203c-\u3299\ufe0f\U0001f000-\U0001faff"
# Scripts that need joiners inside words: Arabic and its kin, Indic ones, Mongolian.
_JOINED = "\u0600-\u08ff\u0900-\u0dff\u1800-\u18af\ua8e0-\ua8ff\ufb50-\ufdff\ufe70-\ufefc"

_INVISIBLE = re.compile(f"[{INVISIBLE}]+")
_NOISE = re.compile(f"[{INVISIBLE}{JOINERS}{VARIATIONS}]+")
_UNJOINED = re.compile(f"(?<![{_PICTURES}{_JOINED}])[{JOINERS}]+|[{JOINERS}]+(?![{_PICTURES}{_JOINED}])")
_UNVARIED = re.compile(f"(?<![{_PICTURES}0-9#*])[{VARIATIONS}]+")
_BREAKS = re.compile(f"[{SPACES}\t]*[{LINE_BREAKS}\t][{SPACES}{LINE_BREAKS}\t]*")
_SEPARATORS = re.compile(f"[{SPACES}{DASHES}\t()]+")
_NOT_BASE64URL = re.compile(r"[^A-Za-z0-9_-]+")


def compact(raw: str) -> str:
    """Returns text without noise and full-width forms, not stripped: a mobile, an e-mail, a code."""
    text = _NOISE.sub("", unicodedata.normalize("NFKC", _NOISE.sub("", raw)))
    return unicodedata.normalize("NFKC", text)


def without_separators(raw: str) -> str:
    """Returns a number or a code without noise, dashes, spaces and brackets; line breaks stay."""
    # Once more: a mark whose space is gone joins the letter before.
    return unicodedata.normalize("NFKC", _SEPARATORS.sub("", compact(raw)))


def with_dashes(raw: str) -> str:
    """Returns a number without noise, whose separators are single dashes; line breaks stay."""
    return _SEPARATORS.sub("-", compact(raw)).strip("-")


def name(raw: str) -> str:
    """Returns a user name without noise, as it is shown."""
    return unicodedata.normalize("NFC", _INVISIBLE.sub("", raw).translate(_NO_JOINERS)).strip(STRIPPED)


def line(raw: str) -> str:
    """Returns text on one line without noise, in NFC."""
    text = _BREAKS.sub(" ", _INVISIBLE.sub("", raw))
    text = _UNJOINED.sub("", _UNVARIED.sub("", text))
    return unicodedata.normalize("NFC", text.strip(STRIPPED))


def link_code(raw: str) -> str:
    """Returns the code of a link that was copied with line breaks, blanks or punctuation."""
    return _NOT_BASE64URL.sub("", raw)


def is_printable(text: str) -> bool:
    """True if there is no control character, no half of a surrogate pair and no noncharacter in it."""
    return not _UNPRINTABLE.search(text)


STRIPPED = "\t \u00a0\u1680\u3000\u202f\u205f" + "".join(map(chr, range(0x2000, 0x200B))) + LINE_BREAKS
_NO_JOINERS = dict.fromkeys(map(ord, JOINERS))
_NONCHARACTERS = "".join(f"{chr(plane << 16 | 0xFFFE)}{chr(plane << 16 | 0xFFFF)}" for plane in range(17))
_UNPRINTABLE = re.compile(f"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufdd0-\ufdef{_NONCHARACTERS}]")
