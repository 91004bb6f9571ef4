"""Forgotten password, in three steps."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Router

from menpai import errors, identifiers, rules
from menpai.accounts import recovery, recovery_codes
from menpai.contracts import request_context
from menpai.contracts.api import auth, common, schemas
from menpai.contracts.api.ninja import operation

router = Router(tags=["recovery"])
COOKIE, PATH = "menpai_recovery_ticket", "/api/recovery"


@operation(
    router,
    "POST",
    "/recovery/code",
    (202, schemas.CodeSent),
    errors.TargetInvalid,
    *common.TOO_MANY_SENDS[1:],
    signed_in=False,
)
def send_recovery_code(request: HttpRequest, body: schemas.TargetIn) -> schemas.CodeSent:
    """Sends a code if somebody carries this mobile or e-mail; the answer is the same if not."""
    target = _target(body.target)
    recovery_codes.request_code(target, request_context.client(request))
    return common.MAIL_SENT if isinstance(target, identifiers.Email) else common.SMS_SENT


@operation(
    router,
    "POST",
    "/recovery/ticket",
    (200, schemas.Ticket),
    errors.TargetInvalid,
    *common.CODE,
    signed_in=False,
)
def redeem_recovery_code(request: HttpRequest, response: HttpResponse, body: schemas.RecoveryCodeIn) -> schemas.Ticket:
    """The code becomes a ticket, which is set as a cookie too: it outlives a reload of the page."""
    code = identifiers.code(body.code)
    ticket = recovery.redeem_code(_target(body.target), code, request_context.client(request))
    response.set_cookie(
        COOKIE,
        ticket,
        max_age=rules.TICKET_LIFE,
        path=PATH,
        secure=settings.SECURE,
        httponly=True,
        samesite="Strict",
    )
    return schemas.Ticket(ticket=ticket, expires_in=int(rules.TICKET_LIFE.total_seconds()))


@operation(
    router,
    "POST",
    "/recovery/password",
    (204, None),
    errors.TargetInvalid,
    errors.TicketExpired,
    *common.PASSWORD,
    errors.PasswordUnchanged,
    errors.Busy,
    signed_in=False,
)
def set_new_password(request: HttpRequest, response: HttpResponse, body: schemas.NewPasswordIn) -> None:
    """Every device is signed out. The ticket counts how often it is shown: three times."""
    ticket = body.ticket or request.COOKIES.get(COOKIE)
    new = recovery.NewPassword(body.password, body.password2)
    recovery.set_new_password(_target(body.target), ticket, new, request_context.client(request))
    response.delete_cookie(COOKIE, path=PATH, samesite="Strict")


def _target(raw: str) -> identifiers.Email | identifiers.Mobile:
    try:
        return auth.mobile(raw)
    except errors.MobileInvalid:
        pass
    try:
        return identifiers.email(raw)
    except errors.EmailInvalid as refusal:
        raise errors.TargetInvalid from refusal
