"""The password in the dada contract: recovery in three steps, and the change by a signed-in customer."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from menpai import errors, identifiers, rules
from menpai.accounts import recovery, recovery_codes
from menpai.contracts import request_body, request_context, responses
from menpai.contracts.v1 import codes
from menpai.contracts.v1.envelope import Answer, endpoint
from menpai.passwords import password

TICKET_COOKIE = "menpai_recovery"
TICKET_PATH = "/v1/users/password"


@endpoint()
def send_reset_code(request: HttpRequest) -> Answer:
    email = request_body.read(request).text("email")
    recovery_codes.request_code(_mailbox_or_mobile(email), request_context.client(request))
    return {"data": "邮件发送成功"}


def _verified_again(request: HttpRequest, noted: str) -> HttpResponse:
    return _verified(request_body.read(request).text("email"), recovery.ticket_again(noted))


@endpoint(again=_verified_again)
def verify_reset_code(request: HttpRequest) -> HttpResponse:
    fields = request_body.read(request)
    email, code = fields.text("email"), fields.digits("code", length=rules.MAIL_CODE_DIGITS)
    if not code:
        raise errors.FieldMissing
    ticket = recovery.redeem_code(_mailbox_or_mobile(email), identifiers.code(code), request_context.client(request))
    return _verified(email, ticket)


def _verified(email: str | None, ticket: str) -> HttpResponse:
    response = responses.json_response({"code": 200, "data": "验证码通过", "email": email, "ticket": ticket})
    # The pages keep nothing from this step, so the proof travels where they already carry things (security.md 1.7).
    response.set_cookie(
        TICKET_COOKIE,
        ticket,
        max_age=rules.TICKET_LIFE,
        path=TICKET_PATH,
        secure=settings.SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


@endpoint(again=lambda _request, _noted: _password_set())
def set_new_password(request: HttpRequest) -> HttpResponse:
    fields = request_body.read(request)
    email, ticket = fields.text("email"), fields.text("ticket")
    new = recovery.NewPassword(fields.text("password1"), fields.text("password2"))
    try:
        target = _mailbox_or_mobile(email)
    except errors.EmailInvalid as refusal:
        raise errors.TicketExpired from refusal  # nobody has a ticket for that, and nothing comes before the ticket
    recovery.set_new_password(
        target, ticket or request.COOKIES.get(TICKET_COOKIE), new, request_context.client(request)
    )
    return _password_set()


def _password_set() -> HttpResponse:
    response = responses.json_response({"code": 200, "data": "OK"})
    response.delete_cookie(TICKET_COOKIE, path=TICKET_PATH, samesite="Lax")
    return response


def _mailbox_or_mobile(raw: str | None) -> identifiers.Email | identifiers.Mobile:
    """The `email` field of the recovery steps takes a mobile too (decisions.md 6). Raises EmailInvalid."""
    try:
        return identifiers.mobile(raw or "")
    except errors.MobileInvalid:
        return identifiers.email(raw or "")


_CHANGED = {"data": "修改成功"}


@endpoint(again=lambda _request, _noted, **_path: _CHANGED)
def change_password(request: HttpRequest, name: str) -> Answer:
    fields = request_body.read(request)
    old = fields.text("oldpassword", "oldpasword")
    new, repeated = fields.text("password1"), fields.text("password2")
    if not old:
        raise errors.FieldMissing
    caller = request_context.caller_named(request, name)
    try:
        password.change(caller.id, old, new or "", repeated)
    except errors.PasswordsDiffer:
        return {"code": 10102, "error": codes.TEXTS[10102][0], "reason": codes.TEXTS[10102][1]}
    return _CHANGED
