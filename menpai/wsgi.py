"""The WSGI application that `menpai run` and `menpai web` serve."""

import os
from collections.abc import Iterable
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "menpai.settings")

from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse

_django = get_wsgi_application()


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Django's answer as a list, which a server sends whole and with its length; an iterator would go out in chunks."""
    response = _django(environ, start_response)
    if not isinstance(response, HttpResponse):
        return response
    try:
        return [response.content]
    finally:
        response.close()
