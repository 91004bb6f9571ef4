"""The pages that do without an account: home, activation, and "there is no such page".

Chinese first, English by `?lang=en` or what the browser asks for. No inline script or style, nothing from elsewhere.
"""

import zlib
from collections.abc import Callable
from functools import cache, wraps
from pathlib import Path
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from menpai import brand
from menpai.page_texts import TEXTS

STATIC = Path(__file__).parent / "static/menpai"
LONGEST_CODE = 400  # as activation.py reads it
View = Callable[..., HttpResponse]
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",  # an activation code stands in the address
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Vary": "Accept-Language",
}
HSTS = "max-age=31536000"


def page(view: View) -> View:
    """GET and HEAD only, with the headers that every page carries."""

    @wraps(view)
    def run(request: HttpRequest, *arguments: object, **path: object) -> HttpResponse:
        if request.method in ("GET", "HEAD"):
            response = view(request, *arguments, **path)
        else:
            response = _page(request, "not_found", status=405)
            response.headers["Allow"] = "GET, HEAD"
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if settings.SECURE:
            response.headers["Strict-Transport-Security"] = HSTS
        return response

    return run


@page
def home(request: HttpRequest) -> HttpResponse:
    outbox = settings.MENPAI_EMAIL_IS_OUTBOX or "outbox" in settings.MENPAI_SMS_GATEWAYS
    return _page(request, "home", mailbox=settings.MENPAI_DEV_MAILBOX and outbox)


@page
def activate(request: HttpRequest) -> HttpResponse:
    """Two buttons. Looking at this page changes nothing: mail scanners follow every link."""
    code = request.GET.get("code", "")
    return _page(request, "activate", complete=0 < len(code) <= LONGEST_CODE and code.isascii())


@page
def not_found(request: HttpRequest, _exception: Exception | None = None, **_path: object) -> HttpResponse:
    return _page(request, "not_found", status=404)


@page
def brand_css(_request: HttpRequest) -> HttpResponse:
    """The operator's colour, in place of the plate's blue."""
    response = HttpResponse(brand.css(settings.MENPAI_BRAND_COLOR), content_type="text/css")
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response


def language(request: HttpRequest) -> str:
    """`zh` or `en`: what the address says, else which of the two the browser names first, else `zh`."""
    asked = request.GET.get("lang", "").lower()[:2]
    if asked in TEXTS:
        return asked
    wanted = []
    for item in request.META.get("HTTP_ACCEPT_LANGUAGE", "").lower()[:500].split(","):
        name, _, quality = item.strip().partition(";q=")
        try:
            wanted.append((-float(quality or 1), name[:2]))
        except ValueError:
            continue
    return next((name for weight, name in sorted(wanted, key=lambda one: one[0]) if weight and name in TEXTS), "zh")


def _page(request: HttpRequest, name: str, status: int = 200, **values: object) -> HttpResponse:
    spoken = language(request)
    other = request.GET.copy()
    other["lang"] = "en" if spoken == "zh" else "zh"
    context = {
        "t": TEXTS[spoken],
        "language": "zh-CN" if spoken == "zh" else "en",
        "in_other_language": "?" + urlencode(list(other.items())),
        "own_query": f"?lang={spoken}" if "lang" in request.GET else "",
        "brand": settings.MENPAI_BRAND_NAME,
        "own_color": settings.MENPAI_BRAND_COLOR.lower() != brand.PLATE,
        "icp": settings.MENPAI_BRAND_ICP,
        "asset": assets(),
        **values,
    }
    return HttpResponse(render_to_string(f"pages/{name}.html", context), status=status)


@cache
def assets() -> dict[str, str]:
    """Address of each file; it changes when the file does, so that browsers may keep it."""
    return {
        path.name.replace(".", "_"): f"{settings.STATIC_URL}menpai/{path.name}?{zlib.crc32(path.read_bytes()):08x}"
        for path in STATIC.iterdir()
    }
