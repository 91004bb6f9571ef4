"""The secrets that sign, mark and seal, by kind, from the keys file (file.py); a running process follows the file.

What is signed, sealed or hashed names its key, and what is looked up is looked up under every key: rotation is a new
key on top, and voids nothing.
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
    """Newest first, with those whose time has not come yet. Raises KeysFileError."""
    from django.conf import settings  # settings.py itself makes the file: imported here, not above

    path = settings.MENPAI_KEYS_FILE
    found = _followed(path).keys.get(kind)
    if not found:
        raise KeysFileError(f"{path} has no {kind} key. Run `menpai keys`, which adds what is missing.")
    return found


def secrets_of(kind: str) -> list[tuple[str, bytes]]:
    """(id, key) pairs: the one in use first, then the others, which still verify and open. Raises KeysFileError."""
    found = keys_of(kind)
    if len(found) > 1:
        place = key_file.current_index(found, datetime.now(UTC))
        found = [found[place], *found[:place], *found[place + 1 :]]
    return [(key.id, key.secret) for key in found]


def version() -> Version:
    """Another one after the file was changed; what is remembered about keys is worth nothing then."""
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
    except (OSError, KeysFileError) as no:
        if known is None:
            raise KeysFileError(f"{path}: {no}" if isinstance(no, OSError) else str(no)) from no
        # Half copied, or taken away: what we know is still right.
        logger.error("the keys file cannot be read again, the keys of before stay in use: %s", type(no).__name__)
    known.looked_at = now
    _known[path] = known
    return known


def hasher(pepper: bytes) -> Hasher:
    """`marker(pepper)(*parts)`: a keyed hash of some texts (hex, 64 characters). Who reads it learns nothing (R08)."""
    # The unit separator cannot occur in a checked identifier, so no two lists of parts give one text.
    return lambda *parts: hmac.new(pepper, "\x1f".join(parts).encode(), hashlib.sha256).hexdigest()


def hashers() -> list[Hasher]:
    """One for each pepper, the one in use first: what is looked up may have been put there before a rotation."""
    return [hasher(pepper) for _, pepper in secrets_of("pepper")]


def keyed_hash(*parts: str) -> str:
    """With the oldest pepper there is, so that it stays the same through a rotation, until that pepper is retired: for
    what is counted for long. What lives for a moment is marked with the newest and looked up with all (`markers`)."""
    return hasher(keys_of("pepper")[-1].secret)(*parts)


def seal(text: str, belongs_to: str) -> str:
    """Encrypt; only `unseal` with the same `belongs_to` opens it. The key's id stands in front."""
    key_id, key = secrets_of("sealing")[0]
    nonce = secrets.token_bytes(12)
    box = nonce + AESGCM(key).encrypt(nonce, text.encode(), belongs_to.encode())
    return f"{key_id}:{base64.b64encode(box).decode()}"


def unseal(sealed: str, belongs_to: str) -> str | None:
    """None when it was sealed with a key we no longer have, or for something else."""
    key_id, _, box = sealed.partition(":")
    key = dict(secrets_of("sealing")).get(key_id)
    if key is None:
        return None
    raw = base64.b64decode(box)
    try:
        return AESGCM(key).decrypt(raw[:12], raw[12:], belongs_to.encode()).decode()
    except InvalidTag:
        return None
