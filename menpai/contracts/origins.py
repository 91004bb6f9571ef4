"""Which pages may make a browser send or change something: ours, and those of MENPAI_CORS_ORIGINS.

Read from what browsers say of a request and no page can set: fetch metadata and Origin. A client that says nothing is
no browser of today, or speaks plain HTTP, where browsers send no metadata; it passes.
"""

from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest

from menpai import errors

# Prefetch and preview, in the words of today's and of older browsers.
_AHEAD_OF_TIME = ("HTTP_SEC_PURPOSE", "HTTP_PURPOSE", "HTTP_X_PURPOSE", "HTTP_X_MOZ")
_BY_SCRIPT = ("", "cors", "same-origin")  # the modes of fetch and XMLHttpRequest whose caller may read the answer


def require_known(request: HttpRequest) -> None:
    """Raises CrossSite unless a script of a known page asks, or no browser of today."""
    meta = request.META
    if any(meta.get(name) for name in _AHEAD_OF_TIME):
        raise errors.CrossSite
    if meta.get("HTTP_SEC_FETCH_MODE", "") not in _BY_SCRIPT or meta.get("HTTP_SEC_FETCH_DEST") not in (None, "empty"):
        raise errors.CrossSite
    origin = meta.get("HTTP_ORIGIN", "")
    if origin in settings.CORS_ALLOWED_ORIGINS or not (origin or meta.get("HTTP_SEC_FETCH_SITE")):
        return
    require_own(request)


def require_own(request: HttpRequest) -> None:
    """Raises CrossSite unless the browser says that a page of ours asks.

    A client that says nothing is refused: only browsers need the cookie that this protects.
    """
    if site := request.META.get("HTTP_SEC_FETCH_SITE"):
        if site in ("same-origin", "none"):
            return
        raise errors.CrossSite
    try:
        own = {request.get_host(), urlsplit(settings.MENPAI_PUBLIC_URL).netloc}
        origin = urlsplit(request.META.get("HTTP_ORIGIN", ""))
        # Over plain HTTP anybody on the wire could be http://<our host>.
        if origin.netloc in own and (origin.scheme == "https" or not settings.SECURE):
            return
    except (DisallowedHost, ValueError) as error:
        raise errors.CrossSite from error
    raise errors.CrossSite
