"""Signing in, staying signed in, signing out."""

from django.http import HttpRequest, HttpResponse
from ninja import Router

from menpai import errors, identifiers, rules
from menpai.accounts import devices, login, registration
from menpai.contracts import request_context
from menpai.contracts.api import auth, common, problems, schemas
from menpai.contracts.api.auth import signed_in
from menpai.contracts.api.ninja import operation
from menpai.sessions import tokens

router = Router(tags=["sign-in"])


@operation(
    router,
    "POST",
    "/sessions",
    (201, schemas.SignedIn),
    *(errors.WrongCredentials, errors.ClientTooFast, errors.CaptchaRequired, errors.Busy, errors.CrossSite),
    signed_in=False,
)
def sign_in(request: HttpRequest, response: HttpResponse, given: schemas.SignInIn) -> schemas.SignedIn:
    """By user name, proven mobile or proven e-mail, and password."""
    keep = auth.persistence_of(request, given)
    return auth.signed_in_response(
        request,
        response,
        login.sign_in_with_password(given.name, given.password, request_context.client(request), keep),
    )


@operation(router, "POST", "/sessions/code", (202, schemas.CodeSent), *common.SENDING, signed_in=False)
def send_sign_in_code(request: HttpRequest, given: schemas.MobileIn) -> schemas.CodeSent:
    """Sends a code by SMS; the same for known and unknown numbers."""
    mobile = auth.mobile(given.mobile)
    registration.request_sign_in_code(mobile, request_context.client(request), problems.language(request))
    return common.SMS_SENT


@operation(
    router,
    "POST",
    "/sessions/by-code",
    (201, schemas.SignedIn),
    *(errors.MobileInvalid, errors.CodeWrong, errors.CodeExpired, errors.TermsNotAccepted),
    *(errors.NotSignedIn, errors.AccountDisabled, errors.CrossSite),
    signed_in=False,
    repeatable=True,
)
def sign_in_by_code(request: HttpRequest, response: HttpResponse, given: schemas.SignInByCodeIn) -> schemas.SignedIn:
    """By SMS code. A number that is new becomes a customer in the same step."""
    client, keep = request_context.client(request), auth.persistence_of(request, given)
    mobile, code = auth.mobile(given.mobile), identifiers.code(given.code)
    also = registration.SignUpOptions(
        language=problems.language(request),
        terms=common.accepted_terms(given.terms_version),
        keep=keep,
        key=common.idempotency_key(request, "enter", client.network),
    )
    found = common.run_once(
        also.key,
        lambda: registration.sign_in_or_register(mobile, code, client, also),
        lambda done: login.repeat_sign_in(done, client, keep),
        within=rules.SIGN_IN_RETRY,
    )
    return auth.signed_in_response(request, response, found)


@operation(router, "POST", "/sessions/refresh", (200, schemas.SignedIn), errors.NotSignedIn, signed_in=False)
def refresh(request: HttpRequest, response: HttpResponse, given: schemas.RefreshIn) -> schemas.SignedIn:
    """A new pair of tokens. The old refresh token is worthless afterwards; used again, it ends the session."""
    return auth.signed_in_response(request, response, login.SignInResult(*tokens.refresh(given.refresh_token)))


@operation(router, "DELETE", "/sessions/current", (204, None))
def sign_out(request: HttpRequest, response: HttpResponse) -> None:
    """Ends this session."""
    devices.sign_out(signed_in(request))
    if auth.by_cookie(request):
        auth.drop_cookie(response)
