"""The policy for new passwords: length, no common password, not the customer's own name.

No classes of characters and no expiry for customers, in any profile. Existing passwords are never checked (security.md
R41–R45).
"""

import re
import unicodedata
from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings

from menpai import errors, rules
from menpai.passwords import common as common_passwords


def normalize(raw: str) -> str:
    """One password typed on two keyboards is one password (R41)."""
    return unicodedata.normalize("NFKC", raw)


def is_too_long(raw: str) -> bool:
    """True if it is longer than any spelling of a password that may be: it is not even normalized."""
    return len(raw) > rules.PASSWORD_MAX_LENGTH * 4


def check(raw: str, *personal: str | None) -> None:
    """Refuses a password. `personal`: the customer's name, mobile and e-mail.

    Raises PasswordMissing, PasswordLength, PasswordWeak.
    """
    if not raw:
        raise errors.PasswordMissing
    # Normalizing may make 18 characters of one, and takes its time: what is far too long is not even looked at.
    too_long = is_too_long(raw)
    password = "" if too_long else normalize(raw)
    if not settings.MENPAI_PASSWORD_MIN_LENGTH <= len(password) <= rules.PASSWORD_MAX_LENGTH:
        raise errors.PasswordLength
    folded = common_passwords.folded(password)
    if common_passwords.contains(folded) or _is_little_more_than(folded, [word for word in personal if word]):
        raise errors.PasswordWeak


def _is_little_more_than(password: str, personal: list[str]) -> bool:
    """True for the customer's own words, or those with a few characters or a common password added."""
    words = [common_passwords.folded(word) for word in personal]
    if any(password in word or password in word[::-1] for word in words):
        return True
    parts = {part for word in (*words, *_of_the_shop()) for part in _parts(word)}
    rest = password
    for part in sorted(parts, key=len, reverse=True):
        rest = rest.replace(part, "")
    return rest != password and (len(rest) < rules.PASSWORD_OWN_REST or common_passwords.contains(rest))


def _parts(word: str) -> Iterator[str]:
    """The whole, what stands between its signs, and the last digits of a mobile."""
    for part in (word, *re.split(r"[\W_]+", word), *([word[-8:], word[-6:]] if word.isdecimal() else [])):
        if len(part) >= (3 if part.isascii() else 2):
            yield part


def _of_the_shop() -> Iterator[str]:
    yield common_passwords.folded(settings.MENPAI_BRAND_NAME)
    yield from (urlsplit(settings.MENPAI_PUBLIC_URL).hostname or "").split(".")
