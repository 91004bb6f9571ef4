"""The signed-in customer: who it is, the password, the e-mail, the mobile."""

from dataclasses import asdict

from django.http import HttpRequest
from ninja import Router

from menpai import errors, identifiers
from menpai.accounts import contact_details, reauthentication
from menpai.contracts import request_context
from menpai.contracts.api import auth, common, schemas
from menpai.contracts.api.auth import signed_in
from menpai.contracts.api.ninja import operation
from menpai.passwords import password
from menpai.sessions import step_up

router = Router(tags=["me"])
LANGUAGES = {tag: code for code, tag in auth.TAGS.items()}
PROOF = (errors.PasswordNotSet, errors.PasswordWrong, errors.Busy, errors.StepUpRequired)
CHANGE = (
    errors.OldPasswordWrong,
    *common.PASSWORD,
    errors.PasswordUnchanged,
    errors.PasswordNotSet,
    errors.Busy,
    errors.StepUpRequired,
)


@operation(router, "GET", "/me", (200, schemas.Me), select=contact_details.select_with_session)
def get_me(request: HttpRequest) -> schemas.Me:
    return auth.me_of(signed_in(request).rows[0])


@operation(router, "PATCH", "/me", (200, schemas.Me), errors.LanguageUnknown)
def change_me(request: HttpRequest, body: schemas.LanguageIn) -> schemas.Me:
    """The language of everything that is sent from now on."""
    if body.language not in LANGUAGES:
        raise errors.LanguageUnknown
    contact_details.set_language(signed_in(request), LANGUAGES[body.language])
    return auth.me(signed_in(request).id)


@operation(router, "GET", "/me/step-up", (200, schemas.StepUpMethods))
def list_step_up_methods(request: HttpRequest) -> schemas.StepUpMethods:
    """The ways in which the customer can confirm that it is they."""
    return schemas.StepUpMethods(**asdict(reauthentication.list_methods(signed_in(request))))


@operation(router, "POST", "/me/step-up", (204, None), *PROOF[:-1])
def step_up_by_password(request: HttpRequest, body: schemas.StepUpIn) -> None:
    """For ten minutes this session may change what the customer signs in with."""
    reauthentication.prove_password(signed_in(request), body.password)


@operation(
    router,
    "POST",
    "/me/step-up/code",
    (202, schemas.CodeSent),
    errors.ChannelNotProven,
    errors.NoGateway,
    *common.TOO_MANY_SENDS,
)
def send_step_up_code(request: HttpRequest, body: schemas.StepUpChannelIn) -> schemas.CodeSent:
    """Sends a code to the verified mobile or mailbox."""
    reauthentication.request_code(signed_in(request), body.channel, request_context.client(request))
    return common.SMS_SENT if body.channel == "sms" else common.MAIL_SENT


@operation(router, "PUT", "/me/step-up/code", (204, None), errors.ChannelNotProven, *common.CODE)
def step_up_by_code(request: HttpRequest, body: schemas.StepUpCodeIn) -> None:
    """As by the password."""
    reauthentication.prove_code(signed_in(request), body.channel, identifiers.code(body.code))


@operation(router, "PUT", "/me/password", (204, None), *CHANGE)
def change_password(request: HttpRequest, body: schemas.PasswordChangeIn) -> None:
    """Every other device is signed out, and what was sent before has ended: codes, tickets, links."""
    caller = signed_in(request)
    if body.old_password is None and not auth.me(caller.id).has_password:
        step_up.require(caller)
        password.set_first(caller.id, body.password, body.password2)
        return
    old = body.old_password or ""
    password.change(caller.id, old, body.password, body.password2, kept_session=caller.session_id)


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
    reauthentication.require(signed_in(request), body.password)
    contact_details.request_email_code(signed_in(request), email, request_context.client(request))
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
    reauthentication.require(signed_in(request), body.password)
    contact_details.request_mobile_code(signed_in(request), mobile, request_context.client(request))
    return common.SMS_SENT


@operation(router, "PUT", "/me/mobile", (200, schemas.Me), errors.MobileInvalid, *common.CODE, errors.MobileTaken)
def change_mobile(request: HttpRequest, body: schemas.NewMobileCodeIn) -> schemas.Me:
    """The other devices are signed out; the old number and the mailbox are told."""
    contact_details.set_mobile(signed_in(request), auth.mobile(body.mobile), identifiers.code(body.code))
    return auth.me(signed_in(request).id)
