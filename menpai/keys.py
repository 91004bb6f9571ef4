"""The secrets that sign, mark and seal, each with an id, newest first, in one file (MENPAI_KEYS_FILE).

`menpai run` makes the file; in production it is made once with `menpai keys` and copied to every host.
What is signed or sealed names its key, and older keys stay known: rotation is a new entry on top. A new pepper voids
the codes that are under way, and nothing else.
"""

import base64
import hashlib
import hmac
import json
import os
import secrets
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

KINDS = ("signing", "pepper", "sealing", "hook")


class NoKeys(RuntimeError):
    """The keys file is missing or cannot be read."""


def make(path: Path) -> bool:
    """Write a new keys file, readable by its owner only; False when one is there already. Safe to race."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    draft.touch(mode=0o600)
    draft.write_text(json.dumps({kind: [_new(kind)] for kind in KINDS}, indent=2), encoding="ascii")
    try:
        os.link(draft, path)
    except FileExistsError:
        return False
    finally:
        draft.unlink()
    return True


def _new(kind: str) -> dict[str, str]:
    if kind == "signing":
        raw = Ed25519PrivateKey.generate().private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
    else:
        raw = secrets.token_bytes(32)
    return {"id": secrets.token_hex(4), "key": base64.b64encode(raw).decode()}


@cache
def _file(path: Path) -> dict[str, list[tuple[str, bytes]]]:
    try:
        data: Any = json.loads(path.read_text(encoding="ascii"))
        return {kind: [(item["id"], base64.b64decode(item["key"])) for item in data[kind]] for kind in KINDS}
    except (OSError, ValueError, KeyError, TypeError) as no:
        raise NoKeys(f"{path}: {no}. Make one with `menpai keys`.") from no


def all_of(kind: str) -> list[tuple[str, bytes]]:
    """(id, key) pairs, newest first. Raises NoKeys."""
    from django.conf import settings  # settings.py itself makes the file: imported here, not above

    return _file(settings.MENPAI_KEYS_FILE)[kind]


def mark(*parts: str) -> str:
    """A keyed hash of some texts (hex, 64 characters): who reads it learns nothing without the pepper (R08)."""
    # The unit separator cannot occur in a checked identifier, so no two lists of parts give one text.
    return hmac.new(all_of("pepper")[0][1], "\x1f".join(parts).encode(), hashlib.sha256).hexdigest()


def seal(text: str, belongs_to: str) -> str:
    """Encrypt; only `unseal` with the same `belongs_to` opens it. The key's id stands in front."""
    key_id, key = all_of("sealing")[0]
    nonce = secrets.token_bytes(12)
    box = nonce + AESGCM(key).encrypt(nonce, text.encode(), belongs_to.encode())
    return f"{key_id}:{base64.b64encode(box).decode()}"


def unseal(sealed: str, belongs_to: str) -> str | None:
    """None when it was sealed with a key we no longer have, or for something else."""
    key_id, _, box = sealed.partition(":")
    raw = base64.b64decode(box)
    for known, key in all_of("sealing"):
        if known == key_id:
            try:
                return AESGCM(key).decrypt(raw[:12], raw[12:], belongs_to.encode()).decode()
            except InvalidTag:
                return None
    return None
