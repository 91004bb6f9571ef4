"""The secrets that sign, mark and seal, by kind, from the keys file (key_file.py); a running process follows the file.

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

from menpai import key_file, rules
from menpai.key_file import Key, Keys, NoKeys

logger = logging.getLogger(__name__)
Version = tuple[int, int, int]  # of a file: inode, time, size
Marker = Callable[..., str]


@dataclass
class _Known:
    keys: Keys
    version: Version
    looked_at: float  # monotonic


_known: dict[Path, _Known] = {}


def of(kind: str) -> Sequence[Key]:
    """Newest first, with those whose time has not come yet. Raises NoKeys."""
    from django.conf import settings  # settings.py itself makes the file: imported here, not above

    path = settings.MENPAI_KEYS_FILE
    found = _followed(path).keys.get(kind)
    if not found:
        raise NoKeys(f"{path} has no {kind} key. Run `menpai keys`, which adds what is missing.")
    return found


def all_of(kind: str) -> list[tuple[str, bytes]]:
    """(id, key) pairs: the one in use first, then the others, which still verify and open. Raises NoKeys."""
    found = of(kind)
    if len(found) > 1:
        place = key_file.in_use(found, datetime.now(UTC))
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
    except (OSError, NoKeys) as no:
        if known is None:
            raise NoKeys(f"{path}: {no}" if isinstance(no, OSError) else str(no)) from no
        # Half copied, or taken away: what we know is still right.
        logger.error("the keys file cannot be read again, the keys of before stay in use: %s", type(no).__name__)
    known.looked_at = now
    _known[path] = known
    return known


def marker(pepper: bytes) -> Marker:
    """`marker(pepper)(*parts)`: a keyed hash of some texts (hex, 64 characters). Who reads it learns nothing (R08)."""
    # The unit separator cannot occur in a checked identifier, so no two lists of parts give one text.
    return lambda *parts: hmac.new(pepper, "\x1f".join(parts).encode(), hashlib.sha256).hexdigest()


def markers() -> list[Marker]:
    """One for each pepper, the one in use first: what is looked up may have been put there before a rotation."""
    return [marker(pepper) for _, pepper in all_of("pepper")]


def mark(*parts: str) -> str:
    """With the oldest pepper there is, so that it stays the same through a rotation, until that pepper is retired: for
    what is counted for long. What lives for a moment is marked with the newest and looked up with all (`markers`)."""
    return marker(of("pepper")[-1].secret)(*parts)


def seal(text: str, belongs_to: str) -> str:
    """Encrypt; only `unseal` with the same `belongs_to` opens it. The key's id stands in front."""
    key_id, key = all_of("sealing")[0]
    nonce = secrets.token_bytes(12)
    box = nonce + AESGCM(key).encrypt(nonce, text.encode(), belongs_to.encode())
    return f"{key_id}:{base64.b64encode(box).decode()}"


def unseal(sealed: str, belongs_to: str) -> str | None:
    """None when it was sealed with a key we no longer have, or for something else."""
    key_id, _, box = sealed.partition(":")
    key = dict(all_of("sealing")).get(key_id)
    if key is None:
        return None
    raw = base64.b64decode(box)
    try:
        return AESGCM(key).decrypt(raw[:12], raw[12:], belongs_to.encode()).decode()
    except InvalidTag:
        return None
