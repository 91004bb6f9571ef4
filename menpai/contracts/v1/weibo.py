"""Sign-in with Weibo in the dada contract (ruling 3).

`uid` is a bind ticket; Weibo's own uid never leaves the server.
"""

from django.http import HttpRequest

from menpai import errors, identifiers
from menpai.accounts import social_links
from menpai.accounts.login import SignInResult
from menpai.contracts import repeats, request_body, request_context
from menpai.contracts.v1 import envelope
from menpai.contracts.v1.envelope import Answer, endpoint
from menpai.social import newcomers, sign_in
from menpai.social.sign_in import Return

NAME = "weibo"


@endpoint()
def authorization(request: HttpRequest) -> Answer:
    browser = _browser(request)
    url = sign_in.begin(NAME, browser, request_context.client(request))
    if browser:
        request_context.remember_device(request)
    return {"oauth_url": url}


def _come_back_again(request: HttpRequest, noted: str) -> Answer | None:
    ticket = social_links.ticket_again(noted)
    return {"code": 201, "uid": ticket} if ticket else repeats.signed_in(envelope.welcome)(request, noted)


@endpoint(again=_come_back_again)
def come_back(request: HttpRequest) -> Answer:
    """The page hands its whole query string over, and that is what Weibo said."""
    parameters = request_body.query(request)
    code, state = parameters.text("code"), parameters.text("state")
    if parameters.text("error") or parameters.text("error_code"):
        raise errors.SocialRefused("consent")
    if not code:
        raise errors.FieldMissing
    try:
        arrival = sign_in.arrive(NAME, Return(code, state or "", _browser(request)), request_context.client(request))
    except errors.AccountDisabled as refusal:
        raise errors.WrongCredentials from refusal  # as at the sign-in by password
    if arrival.signed_in is None:
        return {"code": 201, "uid": arrival.ticket}
    request_context.remember_device(request)
    return envelope.welcome(arrival.signed_in)


def _registered(signed_in: SignInResult) -> Answer:
    return envelope.welcome(signed_in) | {"data": {"token": signed_in.token}}


@endpoint(again=repeats.signed_in(_registered))
def register(request: HttpRequest) -> Answer:
    fields = request_body.read(request)
    ticket, name, raw_password = fields.text("uid"), fields.text("username", "uname"), fields.text("password")
    email, phone = fields.text("email"), fields.digits("phone")
    signed_in = newcomers.register_named(
        ticket or "",
        identifiers.username(name or ""),
        identifiers.email(email or ""),
        identifiers.mobile(phone or ""),
        raw_password or "",
        request_context.client(request),
    )
    request_context.remember_device(request)
    return _registered(signed_in)


def _bound(signed_in: SignInResult) -> Answer:
    return envelope.welcome(signed_in) | {"carts_count": 0}


@endpoint(again=repeats.signed_in(_bound), refused=envelope.refused_sign_in)
def bind(request: HttpRequest) -> Answer:
    fields = request_body.read(request)
    ticket, name, raw_password = fields.text("uid"), fields.text("username"), fields.text("password")
    if not name or not raw_password:
        raise errors.FieldMissing
    signed_in = newcomers.join(ticket or "", name, raw_password, request_context.client(request))
    request_context.remember_device(request)
    return _bound(signed_in)


def _browser(request: HttpRequest) -> str:
    """The device that must come back; empty for a page on another origin, which sends no cookie."""
    client = request_context.client(request)
    is_same_origin = request.META.get("HTTP_SEC_FETCH_SITE") == "same-origin"
    return client.device if client.known or is_same_origin else ""
