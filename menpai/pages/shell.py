"""The customers' pages: one HTML shell for every URL, filled in the browser by web/.

Chinese by default; English by `?lang=en`, the customer's choice or Accept-Language. No inline script or style, nothing
from other hosts.
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, wraps
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string

from menpai import brand, identifiers, rules
from menpai.contracts import responses
from menpai.contracts.api import auth
from menpai.delivery import messages
from menpai.http import loopback
from menpai.pages import build, static_files
from menpai.social import providers

ICON = Path(__file__).parents[1] / "static/menpai/plate.svg"
View = Callable[..., HttpResponse]
POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "connect-src": "'self'",
    "worker-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
HEADERS = {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",  # URLs contain activation codes
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Vary": "Accept-Language, Cookie",
}
LANGUAGES = {"zh": "zh-CN", "en": "en"}
THEMES = ("light", "dark")


@dataclass(frozen=True)
class Page:
    """A page: a component of web/src/pages, and its titles until that has loaded."""

    component: str
    zh: str
    en: str
    texts: str = "index"  # the file of web/src/texts that it needs beside everybody's


PAGES = {
    "/": Page("HomePage", "账户中心", "Account centre"),
    "/register": Page("RegisterPage", "注册", "Register"),
    "/login": Page("LoginPage", "登录", "Sign in"),
    "/recover": Page("RecoverPage", "找回密码", "Reset your password"),
    "/activate": Page("ActivatePage", "激活账号", "Activate your account"),
    **{
        f"/social/{provider}/callback": Page(
            "SocialCallbackPage", "第三方登录", "Sign in with another account", "social"
        )
        for provider in providers.NAMES
    },
    "/social/bind": Page("SocialBindPage", "绑定账号", "Link your account", "social"),
    "/account": Page("AccountPage", "我的账户", "My account", "inside"),
    "/account/addresses": Page("AddressesPage", "收货地址", "Addresses", "inside"),
    "/account/security": Page("SecurityPage", "账户与安全", "Account security", "inside"),
    "/account/devices": Page("DevicesPage", "登录设备", "Signed-in devices", "inside"),
    "/account/activity": Page("ActivityPage", "最近动态", "Recent activity", "inside"),
    "/terms": Page("TermsPage", "服务条款", "Terms of service", "legal"),
    "/privacy": Page("PrivacyPage", "隐私政策", "Privacy policy", "legal"),
}
NOT_FOUND = Page("NotFoundPage", "没有这个页面", "Page not found")
# The names of pages of the first and second generation, to which links exist.
FORMER_PAGES = {
    "index.html": "/",
    "register.html": "/register",
    "test_register.html": "/register",
    "login.html": "/login",
    "callback.html": "/social/weibo/callback",
    "findPass.html": "/recover",
    "personal_password.html": "/account/security",
    "active.html": "/activate",
    "addressAdmin.html": "/account/addresses",
}


def page(view: View) -> View:
    """Decorates a view: GET and HEAD only, with the headers of every page."""

    @wraps(view)
    def run(request: HttpRequest, *arguments: object, **path: object) -> HttpResponse:
        try:
            if request.method in ("GET", "HEAD"):
                response = view(request, *arguments, **path)
            else:
                response = _shell(request, NOT_FOUND, status=405)
                response.headers["Allow"] = "GET, HEAD"
        except Exception as error:
            if not responses.as_unavailable(error):
                raise
            responses.log_unavailable(error)
            response = _unavailable(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Content-Security-Policy", policy())
        return response

    return run


@page
def show(request: HttpRequest) -> HttpResponse:
    """Returns a page. Reading it changes nothing: mail scanners follow every link."""
    return _shell(request, PAGES[request.path_info.rstrip("/") or "/"])


@page
def not_found(request: HttpRequest, _exception: Exception | None = None, **_path: object) -> HttpResponse:
    return _shell(request, NOT_FOUND, status=404)


@page
def redirect_published(request: HttpRequest, name: str = "login.html") -> HttpResponse:
    """Redirects a URL of the published documents to today's page, with its query string."""
    if name not in FORMER_PAGES:
        return _shell(request, NOT_FOUND, status=404)
    query = request.META.get("QUERY_STRING", "").encode("latin-1").decode(errors="replace")
    return HttpResponseRedirect(FORMER_PAGES[name] + (f"?{query}" if query else ""))


@page
def brand_css(_request: HttpRequest) -> HttpResponse:
    """The operator's colour, in place of the plate's blue."""
    response = HttpResponse(brand.css(settings.MENPAI_BRAND_COLOR), content_type="text/css")
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response


@page
def file(request: HttpRequest, name: str) -> HttpResponse:
    """Returns a file of the build. Its name changes with its content, so it may be cached for ever."""
    page_file = build.file(name)
    if page_file is None:
        return _shell(request, NOT_FOUND, status=404)
    return static_files.respond(request, page_file)


@page
def package_file(request: HttpRequest, release: str, name: str) -> HttpResponse:
    """Returns a file of an installed package, for the staff admin and the API's docs page."""
    static_file = static_files.file(name)
    if static_file is None:
        return _shell(request, NOT_FOUND, status=404)
    return static_files.respond(request, static_file, static_files.cache_control(release))


def language(request: HttpRequest) -> str:
    """Returns `zh` or `en`: by the URL, else the customer's choice, else Accept-Language, else `zh`."""
    for choice in (request.GET.get("lang", ""), request.COOKIES.get("menpai_language", "")):
        if choice.lower()[:2] in LANGUAGES:
            return choice.lower()[:2]
    return identifiers.language(request.headers.get("Accept-Language", ""))[:2]


def sources(shown: Page, spoken: str) -> tuple[str, ...]:
    """Returns the source files of web/ that a page loads first."""
    folder = f"src/texts/{spoken}"
    return (f"src/pages/{shown.component}.vue", f"{folder}/index.ts", f"{folder}/{shown.texts}.ts")


def _shell(request: HttpRequest, shown: Page, status: int = 200) -> HttpResponse:
    spoken = language(request)
    try:
        needed = build.build().needed(sources(shown, spoken))
    except build.NotBuilt:
        return HttpResponse(render_to_string("pages/not_built.html"), status=503)
    context = {
        "language": LANGUAGES[spoken],
        "theme": theme(request),
        "title": getattr(shown, spoken),
        "brand": settings.MENPAI_BRAND_NAME,
        "color": color_version(),
        "icon": _icon(),
        "needed": needed,
        "boot": _boot(request, spoken, 200 if status == 200 else 404),
    }
    return HttpResponse(render_to_string("pages/app.html", context), status=status)


def _unavailable(request: HttpRequest) -> HttpResponse:
    """Returns the page for an unavailable database or store; it reloads by itself."""
    seconds = int(rules.COME_BACK_AFTER.total_seconds())
    context = {"language": LANGUAGES[language(request)], "brand": settings.MENPAI_BRAND_NAME, "seconds": seconds}
    return HttpResponse(render_to_string("pages/away.html", context), status=503, headers={"Retry-After": str(seconds)})


def _boot(request: HttpRequest, spoken: str, status: int) -> dict[str, Any]:
    """Returns the data that the scripts need first (web/src/boot.ts reads it)."""
    outbox = messages.uses_outbox()
    return {
        "brand": {
            "name": settings.MENPAI_BRAND_NAME,
            "logo": settings.MENPAI_BRAND_LOGO_URL,
            "icp": settings.MENPAI_BRAND_ICP,
        },
        "language": LANGUAGES[spoken],
        "me": auth.on_page(request),
        "terms": {
            "version": settings.MENPAI_TERMS_VERSION,
            "url": settings.MENPAI_TERMS_URL,
            "privacy_url": settings.MENPAI_PRIVACY_URL,
        },
        "rules": {
            "resend_after": int(rules.RESEND_AFTER.total_seconds()),
            "password_min": settings.MENPAI_PASSWORD_MIN_LENGTH,
            "password_max": rules.PASSWORD_MAX_LENGTH,
            "sms_digits": rules.SMS_CODE_DIGITS,
            "mail_digits": rules.MAIL_CODE_DIGITS,
            "addresses": rules.LIVE_ADDRESSES,
        },
        "abroad": settings.MENPAI_MOBILE_REGIONS != ["CN"],
        "providers": providers.list_usable(request.META.get("HTTP_USER_AGENT", "")),
        "mailbox": outbox and loopback.has_development_pages(),
        "status": status,
    }


def policy(**changed: str) -> str:
    """Returns the Content-Security-Policy of every page; the logo's host is allowed."""
    logo = urlsplit(settings.MENPAI_BRAND_LOGO_URL)
    images = f"'self' {logo.scheme}://{logo.netloc}" if logo.netloc else "'self'"
    overrides = {name.replace("_", "-"): value for name, value in changed.items()}
    return "; ".join(f"{name} {value}" for name, value in (POLICY | {"img-src": images} | overrides).items())


def theme(request: HttpRequest) -> str:
    """Returns `light`, `dark`, or an empty string for the system's choice."""
    choice = request.COOKIES.get("menpai_theme", "")
    return choice if choice in THEMES else ""


def color_version() -> str:
    """A mark of the operator's colour, for the address of /brand.css; empty for the plate's own blue."""
    color = brand.valid_color(settings.MENPAI_BRAND_COLOR)
    return "" if color == brand.DEFAULT_COLOR else _mark(color)


@cache
def _icon() -> str:
    """Returns the icon's URL, which changes with the file, so that browsers may cache it."""
    return f"{settings.STATIC_URL}menpai/{ICON.name}?{_mark(ICON.read_text(encoding='utf-8'))}"


def _mark(text: str) -> str:
    return f"{zlib.crc32(text.encode()):08x}"
