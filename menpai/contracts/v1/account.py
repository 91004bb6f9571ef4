"""Registration, activation and sign-in in the dada contract."""

from django.http import HttpRequest

from menpai import errors, identifiers, rules
from menpai.accounts import activation, login, registration
from menpai.contracts import repeats, request_body, request_context
from menpai.contracts.v1 import envelope
from menpai.contracts.v1.envelope import Answer, endpoint
from menpai.integrations import cart as integration_cart


def _registered(signed_in: login.SignInResult) -> Answer:
    return envelope.welcome(signed_in) | {"data": {"token": signed_in.token}, "carts_count": 0, "carts": 0}


@endpoint(again=repeats.signed_in(_registered))
def register(request: HttpRequest) -> Answer:
    fields = request_body.read(request)
    name, raw_password = fields.text("uname", "username"), fields.text("password")
    email, phone = fields.text("email"), fields.digits("phone")
    code = fields.digits("verify", length=rules.SMS_CODE_DIGITS)
    signed_in = registration.register_named(
        identifiers.username(name or ""),
        identifiers.email(email or ""),
        identifiers.mobile(phone or ""),
        raw_password or "",
        identifiers.code(code) if code else None,
        request_context.client(request),
    )
    request_context.remember_device(request)
    return _registered(signed_in)


@endpoint()
def send_registration_code(request: HttpRequest) -> Answer:
    phone = request_body.read(request).digits("phone")
    registration.request_code(identifiers.mobile(phone or ""), request_context.client(request))
    return {"data": {"message": "OK"}}


@endpoint()
def activate(request: HttpRequest) -> Answer:
    codes = request.GET.getlist("code")  # anything else in the address is ignored
    if len(codes) != 1:
        raise errors.ActivationMalformed
    activation.activate(codes[0])
    return {"data": "激活成功"}


@endpoint(refused=envelope.refused_sign_in)
def sign_in(request: HttpRequest) -> Answer:
    fields = request_body.read(request)
    name, raw_password = fields.text("username"), fields.text("password")
    cart = fields.items("cart", "carts")
    if not name or not raw_password:
        raise errors.FieldMissing
    signed_in = login.sign_in_with_password(name, raw_password, request_context.client(request))
    request_context.remember_device(request)
    count = integration_cart.merge_cart(signed_in.person.name, cart, lambda: repeats.first_id(request))
    data = {"token": signed_in.token, "len": count}
    return envelope.welcome(signed_in) | {"len": count, "carts_count": count, "data": data}
