"""The WSGI application that `menpai run` and `menpai web` serve."""

import os
from collections.abc import Iterable
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "menpai.settings")

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse

_django = get_wsgi_application()
# The operator says it once; no header of a request does, which a client could have written.
_SCHEME = "https" if settings.SECURE else "http"


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Returns Django's answer as a list, which is sent with its length.

    An iterator would go out in chunks.
    """
    environ["wsgi.url_scheme"] = _SCHEME
    response = _django(environ, start_response)
    if not isinstance(response, HttpResponse):
        return response
    try:
        return [response.content]
    finally:
        response.close()
