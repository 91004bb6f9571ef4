"""Signing in by password or by SMS code."""

from django.http import HttpRequest, HttpResponse
from ninja import Router

from menpai import errors, identifiers
from menpai.accounts import code_sign_in, login, repeated_sign_in
from menpai.accounts.new_customer import SignUpOptions
from menpai.contracts import request_context
from menpai.contracts.api import auth, common, problems, schemas
from menpai.contracts.api.ninja import operation

router = Router(tags=["sign-in"])


@operation(
    router,
    "POST",
    "/sessions",
    (201, schemas.SignedIn),
    *common.SIGN_IN,
    signed_in=False,
)
def sign_in(request: HttpRequest, response: HttpResponse, body: schemas.SignInIn) -> schemas.SignedIn:
    """By user name, proven mobile or proven e-mail, and password."""
    persistence = auth.persistence_of(request, body)
    return auth.signed_in_response(
        request,
        response,
        login.sign_in_with_password(body.name, body.password, request_context.client(request), persistence),
    )


@operation(router, "POST", "/sessions/code", (202, schemas.CodeSent), *common.SENDING, signed_in=False)
def send_sign_in_code(request: HttpRequest, body: schemas.MobileIn) -> schemas.CodeSent:
    """Sends a code by SMS; the same for known and unknown numbers."""
    mobile = auth.mobile(body.mobile)
    code_sign_in.request_code(mobile, request_context.client(request), problems.language(request))
    return common.SMS_SENT


@operation(
    router,
    "POST",
    "/sessions/by-code",
    (201, schemas.SignedIn),
    errors.MobileInvalid,
    *common.CODE,
    errors.TermsNotAccepted,
    errors.NotSignedIn,
    errors.AccountDisabled,
    signed_in=False,
    repeatable=True,
)
def sign_in_by_code(request: HttpRequest, response: HttpResponse, body: schemas.SignInByCodeIn) -> schemas.SignedIn:
    """By SMS code. A number that is new becomes a customer in the same step."""
    client, persistence = request_context.client(request), auth.persistence_of(request, body)
    mobile, code = auth.mobile(body.mobile), identifiers.code(body.code)
    options = SignUpOptions(
        language=problems.language(request),
        terms=common.accepted_terms(body.terms_version),
        persistence=persistence,
        key=common.idempotency_key(request, "enter", client.network),
    )
    result = repeated_sign_in.run_once(
        options.key,
        lambda: code_sign_in.sign_in_or_register(mobile, code, client, options),
        client,
        persistence,
    )
    return auth.signed_in_response(request, response, result)
