"""The WSGI application that `menpai run` and `menpai web` serve."""

import os
from collections.abc import Iterable
from functools import partial
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "menpai.settings")

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse

from menpai import rules

_django = get_wsgi_application()
# The operator says it once; no header of a request does, which a client could have written.
_SCHEME = "https" if settings.SECURE else "http"


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Returns Django's answer as a list, which is sent with its length.

    An iterator would go out in chunks.
    """
    environ["wsgi.url_scheme"] = _SCHEME
    if environ.get("CONTENT_LENGTH", "0") != "0" or "HTTP_TRANSFER_ENCODING" in environ:
        start_response = partial(_read_rest, environ, start_response)
    response = _django(environ, start_response)
    if not isinstance(response, HttpResponse):
        return response
    try:
        return [response.content]
    finally:
        response.close()


def _read_rest(environ: dict[str, Any], start_response: Any, status: str, headers: list[tuple[str, str]]) -> Any:
    """Reads the rest of the body that the view left, before the answer starts.

    Otherwise the server closes the connection unannounced, and the client's next request on it is lost.
    """
    if len(environ["wsgi.input"].read(rules.BODY_BYTES + 1)) > rules.BODY_BYTES:
        headers.append(("Connection", "close"))
    return start_response(status, headers)
