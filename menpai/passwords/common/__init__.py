"""Passwords that everybody tries first, without asking anybody outside (security.md R44).

The list is a file of sorted hashes that is mapped and searched, never loaded: workers share its pages, and one look
takes some microseconds. make.py beside it says where the words come from; LICENSES.txt, under which terms.
"""

import bisect
import hashlib
import mmap
import unicodedata
from collections.abc import Sequence
from functools import cache
from pathlib import Path

FILE = Path(__file__).parent / "passwords.bin"
# 40 bits: of the passwords that are not on the list, one in 2.6 millions is refused by mistake.
HASH_BYTES = 5
SHORTEST = 6  # the lowest floor of any profile; what is shorter is refused for that
_ROWS = ("0123456789" * 13, "1234567890" * 13, "abcdefghijklmnopqrstuvwxyz" * 5, "qwertyuiopasdfghjklzxcvbnm" * 5)
_WALKS = (*_ROWS, *(row[::-1] for row in _ROWS))


def folded(password: str) -> str:
    """The form that is compared: `Password` is as common as `password`."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", password).casefold())


def contains(password: str) -> bool:
    """True if a password is listed, walks along keys or digits, or repeats something that does."""
    text = folded(password)
    unit = text[: (text + text).find(text, 1)]  # `abab` is `ab`, again and again
    return len(unit) <= 3 or _is_common(unit) or (unit != text and _is_common(text))


def _is_common(text: str) -> bool:
    return any(text in walk for walk in _WALKS) or _is_listed(text)


def _is_listed(text: str) -> bool:
    wanted, hashes = hashed(text), _hashes()
    place = bisect.bisect_left(hashes, wanted)
    return place < len(hashes) and hashes[place] == wanted


def hashed(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=HASH_BYTES).digest()


def count() -> int:
    return len(_hashes())


class _Mapped(Sequence[bytes]):
    """The hashes in the file, in order."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            self._bytes = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)

    def __len__(self) -> int:
        return len(self._bytes) // HASH_BYTES

    def __getitem__(self, index: int) -> bytes:  # type: ignore[override]  # no slices: nobody takes one
        return self._bytes[index * HASH_BYTES : (index + 1) * HASH_BYTES]


@cache
def _hashes() -> _Mapped:
    return _Mapped(FILE)
