"""The static files of the staff admin and of the API's docs page, as the installed packages hold them.

Their URL contains a hash of all of them, so browsers may keep them; none has to be collected or written. A reference
from one file to another is relative, and so has the same hash.
"""

import gzip
import hashlib
import mimetypes
from functools import cache, lru_cache
from pathlib import Path

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage
from django.http import HttpRequest, HttpResponse

from menpai.contracts import request_context
from menpai.pages.build import File

_FOR_EVER = "public, max-age=31536000, immutable"
_FOR_NOW = "no-cache"
_TEXT = ("text/", "application/javascript", "application/json", "image/svg+xml")


class Hashed(StaticFilesStorage):
    """The storage behind `{% static %}`."""

    def url(self, name: str | None) -> str:
        return f"{self.base_url}{version()}/{name}"


def file(name: str) -> File | None:
    """The file of that name, such as `unfold/css/styles.css`; None if there is none."""
    path = None if ".." in name else finders.find(name)
    return _load(path) if path and Path(path).is_file() else None


def cache_control(release: str) -> str:
    """How long browsers may keep a file under this hash: one of another release may differ here."""
    return _FOR_EVER if release == version() else _FOR_NOW


def respond(request: HttpRequest, file: File, keep: str = _FOR_EVER) -> HttpResponse:
    """The file, compressed if it is text and the browser takes that."""
    response = HttpResponse(content_type=file.kind)
    if file.compressed and request_context.takes_gzip(request):
        response.content = file.compressed
        response.headers["Content-Encoding"] = "gzip"
    else:
        response.content = file.plain
    response.headers["Cache-Control"] = keep
    response.headers["Vary"] = "Accept-Encoding"
    return response


@cache
def version() -> str:
    """A hash of the names and contents of all static files."""
    paths: dict[str, str] = {}
    for finder in finders.get_finders():
        for name, storage in finder.list([]):
            paths.setdefault(name, storage.path(name))
    hashed = hashlib.blake2b(digest_size=6)
    for name, path in sorted(paths.items()):
        hashed.update(f"{name}\0".encode() + hashlib.blake2b(Path(path).read_bytes()).digest())
    return hashed.hexdigest()


@lru_cache(maxsize=100)
def _load(path: str) -> File:
    content, kind = Path(path).read_bytes(), mimetypes.guess_type(path)[0] or "application/octet-stream"
    return File(kind, content, gzip.compress(content, mtime=0) if kind.startswith(_TEXT) else b"")
