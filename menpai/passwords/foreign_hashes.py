"""Password hashes of the system that a shop comes from, as `menpai import customers` reads them.

fast    md5, sha1 (hex, or Django's `md5$salt$hash`): put inside our own hash at once
strong  bcrypt, PBKDF2, argon2 (their usual forms, and Django's): kept as they are
Either is replaced by our own hash when the customer signs in the first time. A strong one takes its own time to verify,
so until then its customer can be told from a stranger by a stopwatch: docs/importing.md.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import Type

from menpai import rules

FAST: dict[str, Callable[[bytes], str]] = {
    "md5": lambda text: hashlib.md5(text, usedforsecurity=False).hexdigest(),
    "sha1": lambda text: hashlib.sha1(text, usedforsecurity=False).hexdigest(),
}
_LENGTHS = {32: "md5", 40: "sha1"}  # of a bare hex digest
_SALT = re.compile(r"[ -#%-~]{0,40}")  # ASCII without `$`
_BCRYPT = re.compile(r"\$2[aby]\$([0-9]{2})\$[./A-Za-z0-9]{53}")
_PBKDF2 = re.compile(r"pbkdf2_(sha1|sha256)\$([0-9]{1,9})\$([^$]{1,64})\$([A-Za-z0-9+/]{27,43}={0,2})")
_ARGON2 = re.compile(r"\$argon2(id|i|d)\$v=19\$m=([0-9]{1,8}),t=([0-9]{1,4}),p=([0-9]{1,2})\$[^$]{8,64}\$[^$]{16,100}")
_DJANGO = ("bcrypt$$2", "bcrypt_sha256$$2", "argon2$argon2", "pbkdf2_")
LONGEST = 200  # Customer.password


class Unknown(ValueError):
    """Not a hash that we can verify, or one that would take too long. The texts say why and quote nothing."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


@dataclass(frozen=True)
class Fast:
    digest: str
    prefix: str  # "md5,<salt>": stands between our key's id and our hash


@dataclass(frozen=True)
class Strong:
    stored: str


def parsed(text: str) -> Fast | Strong | None:
    """The stored form of a hash of another system; None for no password (empty, or Django's `!…`).

    Raises Unknown.
    """
    if not text or text.startswith("!"):
        return None
    scheme, _, rest = text.partition("$")
    bare = _LENGTHS.get(len(text))
    if bare and re.fullmatch(r"[0-9a-fA-F]+", text):
        return Fast(text.lower(), _prefix(bare, ""))
    if scheme in FAST:
        salt, _, digest = rest.rpartition("$")
        if not _SALT.fullmatch(salt) or _LENGTHS.get(len(digest)) != scheme or not re.fullmatch("[0-9a-f]+", digest):
            raise Unknown(f"{scheme}：请写成 {scheme}$salt$hash", f"{scheme}: write {scheme}$salt$hash")
        return Fast(digest, _prefix(scheme, salt))
    if text.startswith(("$2", "$argon2")):
        text = f"bcrypt${text}" if text.startswith("$2") else f"argon2{text}"
    _check_cost(text)
    return Strong(text)


def digest(raw: str, prefix: str) -> str:
    """The digest of a password by the fast scheme, as typed: those systems did not normalize it."""
    scheme, _, salt = prefix.partition(",")
    return FAST[scheme](base64.urlsafe_b64decode(salt) + raw.encode())


def is_kept(stored: str) -> bool:
    return stored.startswith(_DJANGO)


def verified(raw: str, stored: str) -> bool:
    scheme, _, rest = stored.partition("$")
    if scheme == "argon2":
        return _argon2(raw, f"${rest}")
    if scheme.startswith("bcrypt"):
        return _bcrypt(raw, rest, first_sha256=scheme == "bcrypt_sha256")
    match = _PBKDF2.fullmatch(stored)
    if match is None:
        return False
    name, passes, salt, wanted = match.groups()
    made = hashlib.pbkdf2_hmac(name, raw.encode(), salt.encode(), int(passes))
    return hmac.compare_digest(base64.b64encode(made).decode(), wanted)


def _prefix(scheme: str, salt: str) -> str:
    return f"{scheme},{base64.urlsafe_b64encode(salt.encode()).decode()}"


def _check_cost(text: str) -> None:
    """A hash that takes seconds would be a way to stop the service. Raises Unknown."""
    scheme, _, rest = text.partition("$")
    if len(text) > LONGEST:
        raise Unknown("比散列长", "longer than a hash")
    if scheme in ("bcrypt", "bcrypt_sha256") and (match := _BCRYPT.fullmatch(rest)):
        if not 4 <= int(match[1]) <= rules.IMPORTED_BCRYPT_COST:
            span = f"4–{rules.IMPORTED_BCRYPT_COST}"
            raise Unknown(f"bcrypt：cost 只能是 {span}", f"bcrypt: a cost of {span}")
    elif match := _PBKDF2.fullmatch(text):
        if not 1 <= int(match[2]) <= rules.IMPORTED_PBKDF2_PASSES:
            span = f"1–{rules.IMPORTED_PBKDF2_PASSES}"
            raise Unknown(f"pbkdf2：迭代次数只能是 {span}", f"pbkdf2: {span} iterations")
    elif scheme == "argon2" and (match := _ARGON2.fullmatch(f"${rest}")):
        memory, passes, lanes = (int(number) for number in match.groups()[1:])
        if memory > rules.IMPORTED_ARGON2_MEMORY_KIB or not 1 <= passes <= rules.IMPORTED_ARGON2_PASSES or not lanes:
            raise Unknown("argon2：内存或迭代次数太多", "argon2: too much memory, or too many passes")
    else:
        raise Unknown("不是 md5、sha1、bcrypt、pbkdf2 或 argon2 散列", "not md5, sha1, bcrypt, pbkdf2 or argon2")


def _argon2(raw: str, phc: str) -> bool:
    try:
        return PasswordHasher(type=Type.ID).verify(phc, raw)  # the variant and its cost stand in the hash
    except (VerificationError, InvalidHashError):
        return False


def _bcrypt(raw: str, wanted: str, *, first_sha256: bool) -> bool:
    import bcrypt  # only for customers who came with such a hash

    # bcrypt itself reads 72 bytes at most; those who hashed with it cut the rest off.
    secret = hashlib.sha256(raw.encode()).hexdigest().encode() if first_sha256 else raw.encode()[:72]
    try:
        return bcrypt.checkpw(secret, wanted.encode())
    except ValueError:
        return False
