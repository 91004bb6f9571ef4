"""The keys in use, by kind. A running process follows the keys file (file.py).

Signatures, sealed texts and password hashes name their key, and keyed hashes are looked up under every pepper. So
rotation adds a key and invalidates nothing.
"""

import base64
import hashlib
import hmac
import logging
import os
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from menpai import rules
from menpai.keys import file as key_file
from menpai.keys.file import Key, Keys, KeysFileError

logger = logging.getLogger(__name__)
Version = tuple[int, int, int]  # of a file: inode, time, size
Hasher = Callable[..., str]


@dataclass
class _Known:
    keys: Keys
    version: Version
    looked_at: float  # monotonic


_known: dict[Path, _Known] = {}


def keys_of(kind: str) -> Sequence[Key]:
    """Returns the keys of a kind, newest first, future ones included. Raises KeysFileError."""
    from django.conf import settings  # settings.py itself creates the file: imported here, not above

    path = settings.MENPAI_KEYS_FILE
    keys = _followed(path).keys.get(kind)
    if not keys:
        raise KeysFileError(f"{path} has no {kind} key. Run `menpai keys`, which adds missing kinds.")
    return keys


def secrets_of(kind: str) -> list[tuple[str, bytes]]:
    """Returns (id, key) pairs: the key in use, then the others, which still verify and open.

    Raises KeysFileError.
    """
    return [(key.id, key.secret) for key in current_first(kind)]


def current_first(kind: str) -> Sequence[Key]:
    """Returns the keys of a kind, the one in use first. Raises KeysFileError."""
    keys = keys_of(kind)
    if len(keys) > 1:
        current = key_file.current_index(keys, datetime.now(UTC))
        keys = [keys[current], *keys[:current], *keys[current + 1 :]]
    return keys


def version() -> Version:
    """Returns a value that differs after every change of the file, for those who cache keys."""
    from django.conf import settings

    return _followed(settings.MENPAI_KEYS_FILE).version


def _followed(path: Path) -> _Known:
    known, now = _known.get(path), time.monotonic()
    if known is not None and now - known.looked_at < rules.KEYS_LOOKED_AT.total_seconds():
        return known
    try:
        status = os.stat(path)
        seen = (status.st_ino, status.st_mtime_ns, status.st_size)
        if known is None or known.version != seen:
            known = _Known(key_file.read(path), seen, now)
    except (OSError, KeysFileError) as error:
        if known is None:
            raise KeysFileError(f"{path}: {error}" if isinstance(error, OSError) else str(error)) from error
        # Half copied or removed: the known keys are still right.
        logger.error("the keys file cannot be read again, the known keys stay in use: %s", type(error).__name__)
    known.looked_at = now
    _known[path] = known
    return known


def hasher(pepper: bytes) -> Hasher:
    """Returns a function of texts to their keyed hash (64 hex characters), which reveals nothing (R08)."""
    # The unit separator cannot occur in a checked identifier, so no two lists of parts give one text.
    return lambda *parts: hmac.new(pepper, "\x1f".join(parts).encode(), hashlib.sha256).hexdigest()


def hashers() -> list[Hasher]:
    """Returns a hasher for each pepper, the one in use first: a row may be older than the last rotation."""
    return [hasher(pepper) for _, pepper in secrets_of("pepper")]


def keyed_hash(*parts: str) -> str:
    """Returns the keyed hash of some texts under the oldest pepper, for long-lived keys.

    It stays the same through a rotation, until that pepper is retired. Short-lived secrets are hashed with the newest
    pepper and looked up under all of them (`hashers`).
    """
    return hasher(keys_of("pepper")[-1].secret)(*parts)


def seal(text: str, belongs_to: str) -> str:
    """Encrypts `text`; only `unseal` with the same `belongs_to` opens it. The key's id comes first."""
    key_id, key = secrets_of("sealing")[0]
    nonce = secrets.token_bytes(12)
    box = nonce + AESGCM(key).encrypt(nonce, text.encode(), belongs_to.encode())
    return f"{key_id}:{base64.b64encode(box).decode()}"


def unseal(sealed: str, belongs_to: str) -> str | None:
    """Returns the text, or None if its key is gone or it was sealed for something else."""
    key_id, _, box = sealed.partition(":")
    key = dict(secrets_of("sealing")).get(key_id)
    if key is None:
        return None
    raw = base64.b64decode(box)
    try:
        return AESGCM(key).decrypt(raw[:12], raw[12:], belongs_to.encode()).decode()
    except InvalidTag:
        return None
