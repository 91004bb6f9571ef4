"""The files that Vite built for the pages, as its manifest lists them.

Django serves them because it compresses them, which granian's static files do not support. Their names change with
their content, so browsers may keep them.
"""

import gzip
import json
import mimetypes
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[1] / "static/menpai/app"
MANIFEST = FOLDER / "manifest.json"
URL = "/static/app/"  # `base` in web/vite.config.ts
ENTRY = "src/main.ts"


class NotBuilt(Exception):
    """There is no build: the sources run without `make`."""


@dataclass(frozen=True)
class PageFiles:
    """The URLs that a page loads first."""

    script: str
    modules: tuple[str, ...]
    styles: tuple[str, ...]


@dataclass(frozen=True)
class File:
    kind: str
    plain: bytes
    compressed: bytes  # empty for what is compressed already


class Build:
    def __init__(self, chunks: dict[str, dict[str, Any]]) -> None:
        self.chunks = chunks
        self.names = frozenset(name for chunk in chunks.values() for name in _names(chunk))

    def needed(self, sources: Iterable[str]) -> PageFiles:
        """Returns the files of the entry and these sources, with their static imports."""
        reached: dict[str, None] = {}
        for source in (ENTRY, *sources):
            self._reach(source, reached)
        script, *modules = (self.chunks[source]["file"] for source in reached)
        styles = dict.fromkeys(name for source in reached for name in self.chunks[source].get("css", ()))
        return PageFiles(URL + script, tuple(URL + name for name in modules), tuple(URL + name for name in styles))

    def _reach(self, source: str, reached: dict[str, None]) -> None:
        if source not in reached:
            reached[source] = None
            for imported in self.chunks[source].get("imports", ()):
                self._reach(imported, reached)


def _names(chunk: dict[str, Any]) -> Iterator[str]:
    yield chunk["file"]
    yield from chunk.get("css", ())
    yield from chunk.get("assets", ())


def build() -> Build:
    """Returns the current build, read again when it changed. Raises NotBuilt."""
    try:
        return _read(MANIFEST.stat().st_mtime_ns)
    except FileNotFoundError as error:
        raise NotBuilt from error


@lru_cache(maxsize=1)
def _read(_built_at: int) -> Build:
    return Build(json.loads(MANIFEST.read_bytes()))


def file(name: str) -> File | None:
    return _load(name) if name in build().names else None


@cache
def _load(name: str) -> File:
    content = (FOLDER / name).read_bytes()
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return File(kind, content, gzip.compress(content, mtime=0))
