"""The dada contract, `/v1`: HTTP 200 for every business outcome, the outcome is `code` (dada.md)."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from menpai import errors, identifiers, rules
from menpai.accounts import activation, login, recovery, registration
from menpai.addresses import book as address_book
from menpai.contracts import request_body, request_context, responses
from menpai.contracts.v1 import codes as v1_codes
from menpai.integrations import cart as integration_cart
from menpai.passwords import password

Answer = dict[str, Any]
View = Callable[..., HttpResponse]
TICKET_COOKIE = "menpai_recovery"
TICKET_PATH = "/v1/users/password"


def endpoint(away: int = 10104) -> Callable[[Callable[..., Answer | HttpResponse]], View]:
    """The envelope around a view's answer; `away` is the code for a database that is not there."""

    def decorate(view: Callable[..., Answer | HttpResponse]) -> View:
        @wraps(view)
        def run(request: HttpRequest, **path: str) -> HttpResponse:
            try:
                found = view(request, **path)
                return found if isinstance(found, HttpResponse) else responses.json_response({"code": 200, **found})
            except errors.Refusal as no:
                responses.audit_refusal(no)
                return refused(no)
            except Exception as fault:  # noqa: BLE001  (the last resort: logged, answered in the contract's shape)
                return _failed(request, fault, away)

        return run

    return decorate


def on(**views: View) -> View:
    """A URL's views by method; every other method is a 405 without side effects, HEAD among them."""

    def run(request: HttpRequest, **path: str) -> HttpResponse:
        view = views.get(request.method or "")
        if view:
            return view(request, **path)
        response = _refusal(10100, v1_codes.TEXTS[10100], 405)
        response.headers["Allow"] = ", ".join(views)
        return response

    return run


def unknown(_request: HttpRequest, **_path: str) -> HttpResponse:
    return _refusal(10100, v1_codes.TEXTS[10100], 404)


def refused(no: errors.Refusal) -> HttpResponse:
    code = v1_codes.code_of(no)
    if isinstance(no, errors.NotSignedIn):
        code = settings.MENPAI_DADA_LOGIN_REQUIRED_CODE
    wait = responses.retry_after_seconds(no) if isinstance(no, errors.ComeBackLater) else None
    return _refusal(code, v1_codes.texts_of(no), v1_codes.STATUSES.get(type(no), 200), wait)


def _refusal(code: int, texts: tuple[str, str], status: int = 200, retry_after: int | None = None) -> HttpResponse:
    return responses.json_response({"code": code, "error": texts[0], "reason": texts[1]}, status, retry_after)


def _failed(request: HttpRequest, fault: Exception, away: int) -> HttpResponse:
    unavailable = responses.as_unavailable(fault)
    if unavailable is None:
        responses.log_fault(fault)
        return _refusal(10104, v1_codes.TEXTS[10104], 500)
    responses.log_unavailable(fault)
    code = 10105 if isinstance(unavailable, errors.StoreUnavailable) else away
    return _refusal(code, v1_codes.TEXTS[code], 503, int(rules.COME_BACK_AFTER.total_seconds()))


# ── Becoming a customer ──
@endpoint()
def register(request: HttpRequest) -> Answer:
    fields = request_body.read(request)
    name, raw_password = fields.text("uname", "username"), fields.text("password")
    email, phone, code = fields.text("email"), fields.text("phone"), fields.text("verify")
    signed_in = registration.register_named(
        identifiers.username(name or ""),
        identifiers.email(email or ""),
        identifiers.mobile(phone or ""),
        raw_password or "",
        identifiers.code(code) if code else None,
        request_context.client(request),
    )
    request_context.remember_device(request)
    return welcome(signed_in) | {"data": {"token": signed_in.token}, "carts_count": 0, "carts": 0}


@endpoint()
def send_registration_code(request: HttpRequest) -> Answer:
    phone = request_body.read(request).text("phone")
    registration.request_code(identifiers.mobile(phone or ""), request_context.client(request))
    return {"data": {"message": "OK"}}


@endpoint()
def activate(request: HttpRequest) -> Answer:
    codes = request.GET.getlist("code")  # whatever else is in the address is ignored
    if len(codes) != 1:
        raise errors.ActivationMalformed
    activation.activate(codes[0])
    return {"data": "激活成功"}


@endpoint()
def sign_in(request: HttpRequest) -> Answer:
    fields = request_body.read(request)
    name, raw_password = fields.text("username"), fields.text("password")
    cart = fields.items("cart", "carts")
    if not name or not raw_password:
        raise errors.FieldMissing
    signed_in = login.sign_in_with_password(name, raw_password, request_context.client(request))
    request_context.remember_device(request)
    count = integration_cart.merge_cart(signed_in.person.name, cart)
    data = {"token": signed_in.token, "len": count}
    return welcome(signed_in) | {"len": count, "carts_count": count, "data": data}


def welcome(signed_in: login.SignInResult) -> Answer:
    person = signed_in.person
    return {"username": person.name, "token": signed_in.token, "email_verified": person.email_verified}


# ── Forgotten password ──
@endpoint()
def send_reset_code(request: HttpRequest) -> Answer:
    email = request_body.read(request).text("email")
    recovery.request_code(_mailbox_or_mobile(email), request_context.client(request))
    return {"data": "邮件发送成功"}


@endpoint()
def verify_reset_code(request: HttpRequest) -> HttpResponse:
    fields = request_body.read(request)
    email, code = fields.text("email"), fields.text("code")
    if not code:
        raise errors.FieldMissing
    ticket = recovery.redeem_code(_mailbox_or_mobile(email), identifiers.code(code), request_context.client(request))
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


@endpoint()
def set_new_password(request: HttpRequest) -> HttpResponse:
    fields = request_body.read(request)
    email, ticket = fields.text("email"), fields.text("ticket")
    new = recovery.NewPassword(fields.text("password1"), fields.text("password2"))
    try:
        target = _mailbox_or_mobile(email)
    except errors.EmailInvalid as no:
        raise errors.TicketExpired from no  # nobody has a ticket for that, and nothing comes before the ticket
    recovery.set_new_password(
        target, ticket or request.COOKIES.get(TICKET_COOKIE), new, request_context.client(request)
    )
    response = responses.json_response({"code": 200, "data": "OK"})
    response.delete_cookie(TICKET_COOKIE, path=TICKET_PATH, samesite="Lax")
    return response


def _mailbox_or_mobile(raw: str | None) -> identifiers.Email | identifiers.Mobile:
    """The `email` field of the recovery steps takes a mobile too (decisions.md 6). Raises EmailInvalid."""
    try:
        return identifiers.mobile(raw or "")
    except errors.MobileInvalid:
        return identifiers.email(raw or "")


@endpoint()
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
        return {"code": 10102, "error": v1_codes.TEXTS[10102][0], "reason": v1_codes.TEXTS[10102][1]}
    return {"data": "修改成功"}


# ── Address book ──
@endpoint(away=10121)
def list_addresses(request: HttpRequest, name: str) -> Answer:
    caller = request_context.caller_named(request, name)
    return _book(address_book.list_for(caller.id))


@endpoint(away=10120)
def add_address(request: HttpRequest, name: str) -> Answer:
    sent = _Sent(request_body.read(request))
    caller = request_context.caller_named(request, name)
    new = sent.draft(postcode=sent.postcode or "")
    return {"data": "新增地址成功！"} | _book(address_book.add(caller.id, new))


@endpoint(away=10120)
def edit_address(request: HttpRequest, name: str, address_id: str) -> Answer:
    fields = request_body.read(request)
    sent, in_body = _Sent(fields), fields.raw("id")
    caller = request_context.caller_named(request, name)
    if None in (sent.receiver, sent.mobile, sent.tag) or not sent.has_place():
        raise errors.AddressIncomplete
    new, wanted = sent.draft(sent.postcode), _id(address_id)
    if in_body is not None and _id(in_body) != wanted:
        raise errors.AddressIdInvalid
    return {"data": "地址修改成功！"} | _book(address_book.edit(caller.id, wanted, new))


@endpoint(away=10120)
def remove_address(request: HttpRequest, name: str, address_id: str) -> Answer:
    caller = request_context.caller_named(request, name)
    return {"data": "删除地址成功"} | _book(address_book.remove(caller.id, _id(address_id)))


@endpoint(away=10120)
def set_default_address(request: HttpRequest, name: str) -> Answer:
    address_id = request_body.read(request).raw("id")
    if address_id is not None and (isinstance(address_id, bool) or not isinstance(address_id, int | str)):
        raise errors.BadRequest
    caller = request_context.caller_named(request, name)
    return {"data": "设为默认成功！"} | _book(address_book.set_default(caller.id, _id(address_id)))


class _Sent:
    """An address as it was sent: both generations' fields, under every spelling."""

    def __init__(self, fields: request_body.Fields) -> None:
        self.receiver = fields.text("receiver")
        self.mobile = fields.text("receiver_phone", "receiver_mobile")
        self.address = fields.text("address")
        self.province, self.city = fields.text("province"), fields.text("city")
        self.county, self.detail = fields.text("county"), fields.text("detail")
        self.tag = fields.text("tag")
        self.postcode = fields.text("postcode")

    def has_place(self) -> bool:
        return self.address is not None or None not in (self.province, self.detail)

    def draft(self, postcode: str | None) -> address_book.Draft:
        parts = (self.province, self.city, self.county, self.detail)
        return address_book.parse_draft(self.receiver, self.mobile, self.address, parts, self.tag, postcode)


def _id(raw: object) -> int:
    found = identifiers.row_id(raw)
    if found is None:
        raise errors.AddressIdInvalid
    return found


def _book(entries: list[address_book.Entry]) -> Answer:
    return {
        "addresslist": [
            {
                "id": one.id,
                "address": one.address,
                "receiver": one.receiver,
                "receiver_mobile": one.mobile,
                "tag": one.tag,
                "postcode": one.postcode,
                "is_default": one.is_default,
                "province": one.province,
                "city": one.city,
                "county": one.county,
                "detail": one.detail,
            }
            for one in entries
        ]
    }
