"""The keys file: a list of keys for each kind, newest first. It is read whole and replaced whole.

    {"signing": [{"id": "1f2e3d4c", "key": "<base64>", "made": "2026-11-21T10:00:00Z", "from": "2026-11-21T10:15:00Z"}]}

A new key verifies and opens at once, but signs and encrypts only after `from` (missing: always). Until then the file
can be copied to every host, and caches of the published key set expire; so every key that is in use is known everywhere
(docs/adr/0013). Kinds and fields of a newer version are ignored here, and kept by every change. A retired key of
`snapshots` has "public" in place of "key".
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

KINDS = {
    "signing": "signs tokens; published at /.well-known/jwks.json",
    "snapshots": "signs snapshots of addresses; published at /.well-known/snapshots/jwks.json",
    "pepper": "hashes codes, limits and refresh tokens",
    "password": "is mixed into every password hash",
    "sealing": "encrypts messages until they are sent",
    "hook": "signs calls to the shop's services",
}
SIGNATURES = ("signing", "snapshots")  # Ed25519; every other kind is random bytes
BYTES = 32


class KeysFileError(RuntimeError):
    """The keys file is missing, cannot be read or lacks a kind. The text quotes no key."""


@dataclass(frozen=True)
class Key:
    """A key of the file; `secret` signs, encrypts or hashes from `since` on.

    It is blank in a key that was reduced to its `public` half, which still verifies.
    """

    id: str
    secret: bytes
    made: datetime | None = None
    since: datetime | None = None  # None: always
    public: bytes = b""

    def is_used(self, now: datetime) -> bool:
        return self.since is None or self.since <= now


Keys = Mapping[str, Sequence[Key]]


def read(path: Path) -> Keys:
    """Returns the keys of the kinds that this version knows. Raises KeysFileError."""
    return _read(path)[1]


def _read(path: Path) -> tuple[dict[str, Any], Keys]:
    """Returns the file's whole content, and the keys in it that this version knows. Raises KeysFileError."""
    try:
        content: Any = json.loads(path.read_text(encoding="ascii"))
        return content, {kind: [_parsed(item) for item in content[kind]] for kind in KINDS if content.get(kind)}
    except OSError as error:
        raise KeysFileError(f"{path}: {error.strerror}. Create one with `menpai keys`.") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise KeysFileError(
            f"{path} is not a keys file. Create one with `menpai keys`, or restore the right one."
        ) from error


def current_index(keys: Sequence[Key], now: datetime) -> int:
    """Returns the index of the key in use: the newest whose time has come."""
    return next((index for index, key in enumerate(keys) if key.is_used(now)), len(keys) - 1)


def create(path: Path) -> bool:
    """Writes a new keys file, readable by its owner only. Returns False if one exists. Safe to race."""
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
    """Adds and returns the kinds that the file lacks; their keys are in use at once. Raises KeysFileError."""
    with _changing(path) as keys:
        missing = [kind for kind in KINDS if kind not in keys]
        keys.update({kind: [_new(kind)] for kind in missing})
    return missing


def rotate(path: Path, kinds: Sequence[str], lead: timedelta) -> datetime:
    """Adds a new key of each kind, to be used after `lead`, and returns that time.

    Raises KeysFileError, OSError.
    """
    since = datetime.now(UTC) + lead
    with _changing(path) as keys:
        for kind in kinds:
            keys[kind] = [replace(_new(kind), since=since), *keys.get(kind, [])]
    return since


def remove(path: Path, ids: Sequence[str]) -> None:
    """Removes the keys with these ids. Raises KeysFileError, OSError."""
    with _changing(path) as keys:
        for kind in keys:
            keys[kind] = [key for key in keys[kind] if key.id not in ids]


def keep_public_half(path: Path, ids: Sequence[str]) -> None:
    """Removes the secrets of the signature keys with these ids. Raises KeysFileError, OSError."""
    with _changing(path) as keys:
        for kind, of_kind in keys.items():
            keys[kind] = [_public_half(key) if key.secret and key.id in ids else key for key in of_kind]


def _public_half(key: Key) -> Key:
    public = Ed25519PrivateKey.from_private_bytes(key.secret).public_key()
    return replace(key, secret=b"", public=public.public_bytes_raw())


@contextlib.contextmanager
def _changing(path: Path) -> Iterator[dict[str, list[Key]]]:
    """Yields the keys, to be changed in place under a lock, and replaces the file if they were changed."""
    path = path.resolve()  # a symbolic link stays one
    try:
        folder = os.open(path.parent, os.O_RDONLY)
    except OSError as error:
        raise KeysFileError(f"{path}: {error.strerror}.") from error
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        content, before = _read(path)
        keys = {kind: list(of_kind) for kind, of_kind in before.items()}
        yield keys
        if keys != before:
            _replace(path, _merged(content, keys))
    finally:
        os.close(folder)


def _merged(content: dict[str, Any], keys: Keys) -> dict[str, Any]:
    """Returns the content with these keys in it; unknown kinds and fields stay as they are."""
    merged = dict(content)
    for kind, of_kind in keys.items():
        items = {item["id"]: item for item in content.get(kind) or ()}
        merged[kind] = [_without_key(items.get(key.id, {})) | _written(key) for key in of_kind]
    return merged


def _without_key(item: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in item.items() if name not in ("key", "public")}


def _replace(path: Path, content: dict[str, Any]) -> None:
    old = path.stat()
    draft = _draft(path, content)
    try:
        # The operator may be root, and the service is not.
        if (old.st_uid, old.st_gid) != (draft.stat().st_uid, draft.stat().st_gid):
            os.chown(draft, old.st_uid, old.st_gid)
        if old.st_mode & 0o777 == 0o640:  # readable by the service's group
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
    raw = Ed25519PrivateKey.generate().private_bytes_raw() if kind in SIGNATURES else secrets.token_bytes(BYTES)
    return Key(secrets.token_hex(4), raw, datetime.fromtimestamp(int(time.time()), UTC))


def _parsed(item: dict[str, str]) -> Key:
    public = base64.b64decode(item.get("public", ""))
    secret = b"" if public else base64.b64decode(item["key"])
    return Key(item["id"], secret, _moment(item.get("made")), _moment(item.get("from")), public)


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).astimezone(UTC)


def _written(key: Key) -> dict[str, str]:
    name, raw = ("key", key.secret) if key.secret else ("public", key.public)
    item = {"id": key.id, name: base64.b64encode(raw).decode()}
    for name, moment in (("made", key.made), ("from", key.since)):
        if moment is not None:
            item[name] = moment.isoformat().replace("+00:00", "Z")
    return item
