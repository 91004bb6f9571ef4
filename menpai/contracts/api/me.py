"""The signed-in customer: who it is, the password, the e-mail, the mobile."""

from django.http import HttpRequest
from ninja import Router

from menpai import errors, identifiers
from menpai.accounts import contact_details
from menpai.contracts import request_context
from menpai.contracts.api import auth, common, schemas
from menpai.contracts.api.auth import signed_in
from menpai.contracts.api.ninja import operation
from menpai.passwords import password

router = Router(tags=["me"])
LANGUAGES = {tag: code for code, tag in auth.TAGS.items()}
PROOF = (errors.PasswordNotSet, errors.PasswordWrong, errors.Busy)
CHANGE = (errors.PasswordNotSet, errors.OldPasswordWrong, *common.PASSWORD, errors.PasswordUnchanged, errors.Busy)


@operation(router, "GET", "/me", (200, schemas.Me))
def get_me(request: HttpRequest) -> schemas.Me:
    return auth.me(signed_in(request).id)


@operation(router, "PATCH", "/me", (200, schemas.Me), errors.LanguageUnknown)
def change_me(request: HttpRequest, body: schemas.LanguageIn) -> schemas.Me:
    """The language of everything that is sent from now on."""
    if body.language not in LANGUAGES:
        raise errors.LanguageUnknown
    contact_details.set_language(signed_in(request), LANGUAGES[body.language])
    return auth.me(signed_in(request).id)


@operation(router, "PUT", "/me/password", (204, None), *CHANGE)
def change_password(request: HttpRequest, body: schemas.PasswordChangeIn) -> None:
    """Every other device is signed out, and what was sent before has ended: codes, tickets, links."""
    caller = signed_in(request)
    password.change(caller.id, body.old_password, body.password, body.password2, kept_session=caller.session_id)


@operation(
    router,
    "POST",
    "/me/email/code",
    (202, schemas.CodeSent),
    *PROOF,
    errors.EmailInvalid,
    *common.TOO_MANY_SENDS,
)
def send_email_code(request: HttpRequest, body: schemas.NewEmailIn) -> schemas.CodeSent:
    """Sends a code to the new mailbox."""
    email = identifiers.email(body.email)
    contact_details.request_email_code(signed_in(request), email, body.password, request_context.client(request))
    return common.MAIL_SENT


@operation(router, "PUT", "/me/email", (200, schemas.Me), errors.EmailInvalid, *common.CODE, errors.EmailTaken)
def change_email(request: HttpRequest, body: schemas.NewEmailCodeIn) -> schemas.Me:
    """The other devices are signed out; the old mailbox is told."""
    contact_details.set_email(signed_in(request), identifiers.email(body.email), identifiers.code(body.code))
    return auth.me(signed_in(request).id)


@operation(router, "POST", "/me/mobile/code", (202, schemas.CodeSent), *PROOF, *common.SENDING)
def send_mobile_code(request: HttpRequest, body: schemas.NewMobileIn) -> schemas.CodeSent:
    """Sends a code to the new number."""
    mobile = auth.mobile(body.mobile)
    contact_details.request_mobile_code(signed_in(request), mobile, body.password, request_context.client(request))
    return common.SMS_SENT


@operation(router, "PUT", "/me/mobile", (200, schemas.Me), errors.MobileInvalid, *common.CODE, errors.MobileTaken)
def change_mobile(request: HttpRequest, body: schemas.NewMobileCodeIn) -> schemas.Me:
    """The other devices are signed out; the old number and the mailbox are told."""
    contact_details.set_mobile(signed_in(request), auth.mobile(body.mobile), identifiers.code(body.code))
    return auth.me(signed_in(request).id)
