"""The edition in use: that of the package, or a newer one from the data folder.

`menpai regions update` writes it there. That file is the same on every host, as the keys file is; a running process
looks at it every rules.REGIONS_LOOKED_AT.
"""

import logging
import os
import tempfile
import time
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar

from menpai import rules
from menpai.addresses.regions.tree import Tree

logger = logging.getLogger(__name__)
Function = TypeVar("Function", bound=Callable[..., Any])
State = tuple[int, int, int]
LARGEST = 100 * 1024 * 1024  # bytes, unpacked: fifty times of what they are


class EditionInvalid(Exception):
    """A file is no edition of the regions; the text says why."""


@dataclass
class _Known:
    tree: Tree
    state: State | None  # of the file in the data folder
    looked_at: float


_known: _Known | None = None
_caches: list[Callable[[], None]] = []


def current() -> Tree:
    """The newest edition that this host has."""
    global _known
    known, now = _known, time.monotonic()
    if known is not None and now - known.looked_at < rules.REGIONS_LOOKED_AT.total_seconds():
        return known.tree
    state = _state(applied_file())
    if known is not None and known.state == state:
        known.looked_at = now
        return known.tree
    _known = _Known(_newest() if state else shipped(), state, now)
    if known is not None:
        for clear in _caches:
            clear()
    return _known.tree


def cached(maxsize: int | None = None) -> Callable[[Function], Function]:
    """A functools.lru_cache for what is made of the regions: another edition empties it."""

    def decorate(function: Function) -> Function:
        wrapped: Any = lru_cache(maxsize)(function)
        _caches.append(wrapped.cache_clear)
        return wrapped  # type: ignore[no-any-return]

    return decorate


def shipped() -> Tree:
    """The edition of the package."""
    return Tree(files(__package__).joinpath("edition.zip").read_bytes())


def applied_file() -> Path:
    from django.conf import settings

    return Path(settings.MENPAI_DATA_DIR) / "regions.zip"


def read(data: bytes) -> Tree:
    """A checked edition. Raises EditionInvalid."""
    try:
        tree = Tree(data, LARGEST)
    except (zipfile.BadZipFile, zlib.error, KeyError, TypeError, ValueError, RuntimeError) as error:
        raise EditionInvalid(f"{type(error).__name__}: {error}") from error
    for region in [*tree.living(), *tree.former()]:
        if tree.path(region)[0].level != "province":
            raise EditionInvalid(f"{region.code} {region.name} lies in no province")
        if region.successors and not tree.now(region):
            raise EditionInvalid(f"{region.code} {region.name}: nothing of today in its place")
    return tree


def apply(data: bytes) -> None:
    """Puts a checked edition into the data folder, at once and whole."""
    target = applied_file()
    with tempfile.NamedTemporaryFile(dir=target.parent, prefix=".regions", delete=False) as draft:
        try:
            draft.write(data)
            draft.flush()
            os.fsync(draft.fileno())
            os.chmod(draft.name, 0o644)  # no secret; the service may be another user than the one who applies it
            os.replace(draft.name, target)
        except BaseException:
            os.unlink(draft.name)
            raise


def _newest() -> Tree:
    """The applied edition, unless that of the package is as new or the file cannot be read."""
    own = shipped()
    try:
        other = read(applied_file().read_bytes())
    except (OSError, EditionInvalid) as error:
        logger.error("the applied regions cannot be read, those of the package are used: %s", type(error).__name__)
        return own
    return other if other.edition > own.edition else own


def _state(path: Path) -> State | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size
