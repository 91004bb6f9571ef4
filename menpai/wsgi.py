"""The WSGI application that `menpai run` and `menpai web` serve."""

import os
from collections.abc import Iterable
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "menpai.settings")

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.urls import ResolverMatch


class _Handler(WSGIHandler):
    def resolve_request(self, request: HttpRequest) -> ResolverMatch:
        from menpai import urls  # which needs the settings

        match = urls.exact_matches().get(request.path_info)
        if match is None:
            return super().resolve_request(request)
        request.resolver_match = match
        return match


django.setup(set_prefix=False)
_django = _Handler()
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
