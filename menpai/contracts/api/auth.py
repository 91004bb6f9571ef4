"""Who calls /api: a bearer token, or the cookie of a browser on our own origin (decisions.md 16)."""

import msgspec
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from menpai import errors, identifiers, rules
from menpai.accounts import contact_details, devices, login
from menpai.contracts import origins, request_context
from menpai.contracts.api import schemas
from menpai.identifiers import Mobile
from menpai.sessions import tokens
from menpai.sessions.tokens import Caller, Persistence

TAGS: dict[str, schemas.Language] = {"zh-hans": "zh-CN", "en": "en"}


def mobile(raw: str) -> Mobile:
    """The checked mobile, of one of MENPAI_MOBILE_REGIONS. Raises MobileInvalid.

    The published contracts take mainland numbers alone.
    """
    return identifiers.mobile(raw, settings.MENPAI_MOBILE_REGIONS)


def cookie_name() -> str:
    # The prefix makes browsers refuse it from a sibling host or without TLS.
    return "__Host-menpai" if settings.SECURE else "menpai_session"


def caller(request: HttpRequest, select: tokens.SessionSelect | None = None) -> Caller:
    """The customer behind the bearer token or the cookie; `select` reads the session and more (tokens.py).

    Raises NotSignedIn, CrossSite, ClientTooFast.
    """
    if request.META.get("HTTP_AUTHORIZATION"):
        return request_context.caller_of(request, shared_key=False, select=select)
    cookie = request.COOKIES.get(cookie_name(), "")
    if not cookie:
        raise errors.NotSignedIn
    if request.method not in request_context.SAFE_METHODS:
        origins.require_own(request)
    request.by_cookie = True  # type: ignore[attr-defined]  # ours
    return request_context.count_change(request, tokens.caller_by_cookie(cookie, select))


def caller_or_none(request: HttpRequest) -> Caller | None:
    """The customer behind the bearer token or the cookie, if there is one. Raises CrossSite."""
    try:
        return caller(request)
    except errors.NotSignedIn:
        return None


def by_cookie(request: HttpRequest) -> bool:
    """True if this request was signed in by the cookie: only then may it be dropped."""
    return getattr(request, "by_cookie", False)


def signed_in(request: HttpRequest) -> Caller:
    """The caller of an operation that needs one."""
    found: Caller = request.auth  # type: ignore[attr-defined]  # set by ninja
    return found


def device_of_own_page(request: HttpRequest) -> str:
    """The device of a browser on our own origin; empty for any other client."""
    try:
        origins.require_own(request)
    except errors.CrossSite:
        return ""
    return request_context.client(request).device


def persistence_of(request: HttpRequest, body: schemas.Keeping) -> Persistence:
    """How long the caller stays signed in, and by what. Raises CrossSite.

    Another site may not sign a browser in.
    """
    if body.session == "token":
        return Persistence.TOKEN
    origins.require_own(request)
    return Persistence.REMEMBERED if body.remember else Persistence.BROWSER


def signed_in_response(request: HttpRequest, response: HttpResponse, found: login.SignInResult) -> schemas.SignedIn:
    """The answer to a sign-in; the cookie goes with it, and the session that this browser had before ends."""
    credentials, by_token = found.credentials, found.credentials.persistence is Persistence.TOKEN
    if credentials.cookie:
        sign_out(request)
        set_cookie(response, credentials)
        request_context.remember_device(request)
    return schemas.SignedIn(
        customer=me(found.person.id),
        registered=found.registered,
        activation_mail=found.activation_mail,
        access_token=credentials.token or None,
        refresh_token=credentials.refresh or None,
        token_type="Bearer" if by_token else None,
        expires_in=int(rules.ACCESS_LIFE.total_seconds()) if by_token else None,
    )


def present_session(request: HttpRequest, caller: Caller, persistence: Persistence) -> schemas.SignedIn:
    """The session that this browser has already: no credentials go with it.

    Raises SocialStateExpired for a client that wants tokens.
    """
    if not by_cookie(request) or persistence is Persistence.TOKEN:
        raise errors.SocialStateExpired
    nothing = dict.fromkeys(("access_token", "refresh_token", "token_type", "expires_in"))
    return schemas.SignedIn(customer=me(caller.id), registered=False, activation_mail=False, **nothing)


def set_cookie(response: HttpResponse, credentials: tokens.Credentials) -> None:
    lasting = credentials.persistence.life if credentials.persistence is Persistence.REMEMBERED else None
    response.set_cookie(
        cookie_name(), credentials.cookie, max_age=lasting, secure=settings.SECURE, httponly=True, samesite="Lax"
    )


def drop_cookie(response: HttpResponse) -> None:
    response.set_cookie(cookie_name(), "", max_age=0, secure=settings.SECURE, httponly=True, samesite="Lax")


def sign_out(request: HttpRequest) -> None:
    """End the session of the cookie that came along, if any lives."""
    if cookie := request.COOKIES.get(cookie_name()):
        try:
            devices.sign_out(tokens.caller_by_cookie(cookie))
        except errors.NotSignedIn:
            return


def me(customer_id: int) -> schemas.Me:
    return me_of(contact_details.profile(customer_id))


def me_of(found: contact_details.Profile) -> schemas.Me:
    fields = vars(found) | {"language": TAGS.get(found.language, "zh-CN")}
    return schemas.Me(id=fields.pop("public_id"), name=found.name, **fields)


def on_page(request: HttpRequest) -> dict[str, object] | None:
    """Who looks at a page: the same as GET /api/me, or None."""
    try:
        return dict(msgspec.to_builtins(me_of(caller(request, contact_details.select_with_session).rows[0])))
    except errors.NotSignedIn:
        return None
