"""Becoming a customer."""

from django.http import HttpRequest, HttpResponse
from ninja import Router

from menpai import errors, identifiers
from menpai.accounts import registration, repeated_sign_in
from menpai.accounts.new_customer import SignUpOptions
from menpai.contracts import request_context
from menpai.contracts.api import auth, common, problems, schemas
from menpai.contracts.api.ninja import operation

router = Router(tags=["registration"])


@operation(router, "POST", "/registrations/code", (202, schemas.CodeSent), *common.SENDING, signed_in=False)
def send_registration_code(request: HttpRequest, body: schemas.MobileIn) -> schemas.CodeSent:
    """Sends a code by SMS; the same for free and taken numbers."""
    mobile = auth.mobile(body.mobile)
    registration.request_code(mobile, request_context.client(request), problems.language(request))
    return common.SMS_SENT


@operation(
    router,
    "POST",
    "/registrations/check",
    (200, schemas.Available),
    errors.MobileInvalid,
    errors.ClientTooFast,
    signed_in=False,
)
def check_mobile(request: HttpRequest, body: schemas.MobileIn) -> schemas.Available:
    """Tells if a number is free; it always is where the operator has switched the check off."""
    taken = registration.is_taken(auth.mobile(body.mobile), request_context.client(request))
    return schemas.Available(available=not taken)


@operation(
    router,
    "POST",
    "/registrations",
    (201, schemas.SignedIn),
    errors.MobileInvalid,
    errors.UsernameInvalid,
    errors.EmailInvalid,
    *common.PASSWORD,
    *common.CODE,
    errors.TermsNotAccepted,
    errors.UsernameTaken,
    errors.MobileTaken,
    errors.Busy,
    errors.NotSignedIn,
    signed_in=False,
    repeatable=True,
)
def register(request: HttpRequest, response: HttpResponse, body: schemas.RegistrationIn) -> schemas.SignedIn:
    """A new customer with a proven mobile, signed in. With an e-mail the activation mail goes out."""
    client, persistence = request_context.client(request), auth.persistence_of(request, body)
    mobile = auth.mobile(body.mobile)
    options = SignUpOptions(
        username=identifiers.username(body.username) if body.username else None,
        email=identifiers.email(body.email) if body.email else None,
        language=problems.language(request),
        terms=common.accepted_terms(body.terms_version),
        persistence=persistence,
        key=common.idempotency_key(request, "register", client.network),
    )
    if options.terms is None:
        raise errors.TermsNotAccepted
    code = identifiers.code(body.code)
    result = repeated_sign_in.run_once(
        options.key,
        lambda: registration.register(mobile, body.password, body.password2, code, client, options),
        client,
        persistence,
    )
    return auth.signed_in_response(request, response, result)
