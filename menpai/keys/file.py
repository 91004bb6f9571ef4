"""The keys file: for each kind of key a list, newest first. Read whole, and only ever replaced whole.

Kinds and fields of a newer version are not read here, and every change writes them back as they are.

    {"signing": [{"id": "1f2e3d4c", "key": "<base64>", "made": "2026-11-21T10:00:00Z", "from": "2026-11-21T10:15:00Z"}]}

A key is known to whoever has the file, and used for new things after `from` (missing: since ever). In between the file
reaches every host and the published key set every cache; so nobody meets a key that they do not know (docs/adr/0013).
"""

import base64
import contextlib
import fcntl
import json
import os
import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

KINDS = {
    "signing": "signs tokens; published at /.well-known/jwks.json",
    "pepper": "marks codes, limits and refresh tokens",
    "password": "goes into every password hash",
    "sealing": "encrypts messages until they are sent",
    "hook": "signs calls to the shop's services",
}
BYTES = 32


class KeysFileError(RuntimeError):
    """The keys file is missing, cannot be read or lacks a kind."""


@dataclass(frozen=True)
class Key:
    id: str
    secret: bytes
    made: datetime | None = None
    since: datetime | None = None  # None: since ever

    def is_used(self, now: datetime) -> bool:
        return self.since is None or self.since <= now


Keys = Mapping[str, Sequence[Key]]


def read(path: Path) -> Keys:
    """The kinds that this version knows. Raises KeysFileError, whose text quotes no key."""
    return _read(path)[1]


def _read(path: Path) -> tuple[dict[str, Any], Keys]:
    """The file's whole content, and the keys in it that this version knows. Raises KeysFileError."""
    try:
        content: Any = json.loads(path.read_text(encoding="ascii"))
        return content, {kind: [_parsed(item) for item in content[kind]] for kind in KINDS if content.get(kind)}
    except OSError as no:
        raise KeysFileError(f"{path}: {no.strerror}. Make one with `menpai keys`.") from no
    except (ValueError, KeyError, TypeError, AttributeError) as no:
        raise KeysFileError(
            f"{path} is no keys file. Make one with `menpai keys`, or bring the right one back."
        ) from no


def current_index(keys: Sequence[Key], now: datetime) -> int:
    """The place of the key that makes new things: the newest whose time has come."""
    return next((place for place, key in enumerate(keys) if key.is_used(now)), len(keys) - 1)


def create(path: Path) -> bool:
    """Write a new keys file, readable by its owner only; False when one is there already. Safe to race."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = _draft(path, _merged({}, {kind: [_new(kind)] for kind in KINDS}))
    try:
        os.link(draft, path)
    except FileExistsError:
        return False
    finally:
        draft.unlink()
    return True


def add_missing_kinds(path: Path) -> list[str]:
    """Add the kinds that a file of an earlier version lacks; which. They are used at once. Raises KeysFileError."""
    with _changing(path) as keys:
        missing = [kind for kind in KINDS if kind not in keys]
        keys.update({kind: [_new(kind)] for kind in missing})
    return missing


def rotate(path: Path, kinds: Sequence[str], lead: timedelta) -> datetime:
    """A new key on top of each kind, used after `lead`; from when on. Raises KeysFileError, OSError."""
    since = datetime.now(UTC) + lead
    with _changing(path) as keys:
        for kind in kinds:
            keys[kind] = [replace(_new(kind), since=since), *keys.get(kind, [])]
    return since


def remove(path: Path, ids: Sequence[str]) -> None:
    """Raises KeysFileError, OSError."""
    with _changing(path) as keys:
        for kind in keys:
            keys[kind] = [key for key in keys[kind] if key.id not in ids]


@contextlib.contextmanager
def _changing(path: Path) -> Iterator[dict[str, list[Key]]]:
    """The keys, to be changed in place; the file is replaced when they were. One at a time."""
    path = path.resolve()  # a link stays a link
    try:
        folder = os.open(path.parent, os.O_RDONLY)
    except OSError as no:
        raise KeysFileError(f"{path}: {no.strerror}.") from no
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        content, before = _read(path)
        keys = {kind: list(found) for kind, found in before.items()}
        yield keys
        if keys != before:
            _replace(path, _merged(content, keys))
    finally:
        os.close(folder)


def _merged(content: dict[str, Any], keys: Keys) -> dict[str, Any]:
    """The file's content with these keys in it; kinds and fields that this version does not know stay as they are."""
    merged = dict(content)
    for kind, found in keys.items():
        items = {item["id"]: item for item in content.get(kind) or ()}
        merged[kind] = [items.get(key.id, {}) | _written(key) for key in found]
    return merged


def _replace(path: Path, content: dict[str, Any]) -> None:
    old = path.stat()
    draft = _draft(path, content)
    try:
        # Whoever changes it may be root, and the service is not.
        if (old.st_uid, old.st_gid) != (draft.stat().st_uid, draft.stat().st_gid):
            os.chown(draft, old.st_uid, old.st_gid)
        if old.st_mode & 0o777 == 0o640:  # meant for the service's group
            draft.chmod(0o640)
        draft.replace(path)
    except OSError:
        draft.unlink()
        raise


def _draft(path: Path, content: dict[str, Any]) -> Path:
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    text = json.dumps(content, indent=2)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return draft


def _new(kind: str) -> Key:
    if kind == "signing":
        raw = Ed25519PrivateKey.generate().private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
    else:
        raw = secrets.token_bytes(BYTES)
    return Key(secrets.token_hex(4), raw, datetime.fromtimestamp(int(time.time()), UTC))


def _parsed(item: dict[str, str]) -> Key:
    return Key(item["id"], base64.b64decode(item["key"]), _moment(item.get("made")), _moment(item.get("from")))


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).astimezone(UTC)


def _written(key: Key) -> dict[str, str]:
    found = {"id": key.id, "key": base64.b64encode(key.secret).decode()}
    for name, moment in (("made", key.made), ("from", key.since)):
        if moment is not None:
            found[name] = moment.isoformat().replace("+00:00", "Z")
    return found
