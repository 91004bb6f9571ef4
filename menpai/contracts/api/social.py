"""Signing in with an account of somebody else's: Weibo, WeChat, QQ, Alipay."""

from dataclasses import asdict

from django.http import HttpRequest, HttpResponse
from ninja import Router

from menpai import errors, identifiers
from menpai.accounts.new_customer import SignUpOptions
from menpai.contracts import request_context
from menpai.contracts.api import auth, common, problems, schemas
from menpai.contracts.api.auth import signed_in
from menpai.contracts.api.ninja import operation
from menpai.social import links, newcomers, sign_in
from menpai.social.sign_in import Return

router = Router(tags=["social"])
TICKET = (errors.SocialTicketExpired, errors.SocialTaken, errors.ProviderTaken)


@operation(
    router,
    "POST",
    "/social/{provider}/authorization",
    (200, schemas.Authorization),
    errors.ProviderUnknown,
    errors.ClientTooFast,
    errors.NotSignedIn,
    errors.StepUpRequired,
    signed_in=False,
)
def go_to_provider(request: HttpRequest, provider: str, body: schemas.AuthorizationIn) -> schemas.Authorization:
    """The provider's page, where the customer says yes.

    From a page of ours, only this browser can come back.
    """
    caller = auth.caller(request) if body.purpose != "sign-in" else None
    browser, next_path = auth.device_of_own_page(request), identifiers.own_path(body.next)
    url = sign_in.begin(provider, browser, request_context.client(request), body.purpose, caller, next_path)
    if browser:
        request_context.remember_device(request)
    return schemas.Authorization(url=url)


@operation(
    router,
    "POST",
    "/social/{provider}/callback",
    (200, schemas.Arrival),
    errors.ProviderUnknown,
    errors.SocialStateExpired,
    errors.SocialRefused,
    errors.SocialTokenBad,
    errors.SocialAway,
    errors.SocialTaken,
    errors.ProviderTaken,
    errors.AccountDisabled,
    errors.StepUpRequired,
    signed_in=False,
)
def come_back(request: HttpRequest, response: HttpResponse, provider: str, body: schemas.ReturnIn) -> schemas.Arrival:
    """The return from the provider. `new`: nobody has linked this account yet; go on with the ticket.

    The same again in the same browser gets the same outcome, if its customer is still signed in: nothing happens twice.
    """
    persistence = auth.persistence_of(request, body)
    back = Return(body.code, body.state, auth.device_of_own_page(request), auth.caller_or_none(request))
    result = sign_in.arrive(provider, back, request_context.client(request), persistence)
    session = None
    if result.signed_in:
        session = auth.signed_in_response(request, response, result.signed_in)
    elif result.outcome == "signed-in" and back.caller:
        session = auth.present_session(request, back.caller, persistence)
    return schemas.Arrival(
        outcome=result.outcome,
        session=session,
        ticket=result.ticket,
        nickname=result.nickname,
        next=result.next,
    )


@operation(
    router,
    "POST",
    "/social/registrations",
    (201, schemas.SignedIn),
    errors.MobileInvalid,
    *common.CODE,
    errors.TermsNotAccepted,
    *TICKET,
    errors.AccountDisabled,
    signed_in=False,
)
def register_linked(
    request: HttpRequest, response: HttpResponse, body: schemas.SocialRegistrationIn
) -> schemas.SignedIn:
    """Registers with the provider's account, by the SMS code of `POST /sessions/code`.

    A customer who has proven this mobile is linked; a new one registers.
    """
    options = SignUpOptions(
        language=problems.language(request),
        terms=common.accepted_terms(body.terms_version),
        persistence=auth.persistence_of(request, body),
    )
    mobile, code = auth.mobile(body.mobile), identifiers.code(body.code)
    result = newcomers.register(body.ticket, mobile, code, request_context.client(request), options)
    return auth.signed_in_response(request, response, result)


@operation(
    router,
    "POST",
    "/social/links",
    (201, schemas.SignedIn),
    *common.SIGN_IN,
    *TICKET,
    signed_in=False,
)
def link_by_password(request: HttpRequest, response: HttpResponse, body: schemas.SocialLinkIn) -> schemas.SignedIn:
    """Sign in by password as ever, and link."""
    persistence = auth.persistence_of(request, body)
    result = newcomers.join(body.ticket, body.name, body.password, request_context.client(request), persistence)
    return auth.signed_in_response(request, response, result)


@operation(router, "GET", "/me/social", (200, schemas.Links))
def list_links(request: HttpRequest) -> schemas.Links:
    """The linked accounts, oldest first, and the providers that could be linked."""
    return schemas.Links(**asdict(links.list_for(signed_in(request), request_context.client(request))))


@operation(router, "DELETE", "/me/social/{provider}", (204, None), errors.LastWayIn, errors.StepUpRequired)
def unlink(request: HttpRequest, provider: str) -> None:
    """Removes a link, unless it is the last way to sign in; one that is not there stays so."""
    links.unlink(signed_in(request), provider, request_context.client(request))
