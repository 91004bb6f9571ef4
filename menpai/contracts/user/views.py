"""The luffy contract, `/user/…` and `/users/…`: real statuses, errors by field (luffy.md)."""

from collections.abc import Callable
from typing import Any

from django.db import DataError, IntegrityError
from django.http import HttpRequest, HttpResponse

from menpai import errors, identifiers, rules
from menpai.accounts import login, registration
from menpai.contracts import endpoints, repeats, request_body, request_context, responses
from menpai.contracts.endpoints import View
from menpai.contracts.user import texts

Answer = dict[str, Any]


def endpoint(
    refused: Callable[[str, str], Answer],
    unavailable: Callable[[], HttpResponse],
    *,
    reads: bool = False,
    again: repeats.Again | None = None,
    text_of: Callable[[errors.Refusal], texts.RefusalText] = texts.text_of,
) -> Callable[..., View]:
    """A decorator for a view.

    `refused(field, text)` shapes a refusal: by field, or as a sentence; `reads` and `again` as in endpoints.endpoint.
    """

    def tell(refusal: errors.Refusal) -> HttpResponse:
        if isinstance(refusal, errors.FieldsInvalid):
            return responses.json_response({field: [texts.REQUIRED] for field in refusal.fields}, 400)
        row = text_of(refusal)
        wait = responses.retry_after_seconds(refusal) if isinstance(refusal, errors.ComeBackLater) else None
        return responses.json_response(refused(row.field, row.text), row.status, wait)

    def fail() -> HttpResponse:
        return responses.json_response(refused(texts.NO_FIELD, texts.OUT_OF_ORDER), 500)

    shapes = endpoints.Shapes(
        answered=lambda response: response, refused=tell, unavailable=lambda _fault: unavailable(), failed=fail
    )
    return endpoints.endpoint(shapes, reads=reads, again=again)


def on(**views: View) -> View:
    """A URL's views by method."""
    return endpoints.by_method(views, _method_not_allowed)


def _method_not_allowed() -> HttpResponse:
    return responses.json_response(_by_field(texts.NO_FIELD, texts.NO_SUCH_METHOD), 405)


def unknown(_request: HttpRequest, **_path: str) -> HttpResponse:
    return responses.json_response(_by_field(texts.NO_FIELD, texts.NO_SUCH_PATH), 404)


def _by_field(field: str, text: str) -> Answer:
    return {field: [text]}


def _sentence(_field: str, text: str) -> Answer:
    return {"message": text, "result": text}


def _failed_sms(_field: str, text: str) -> Answer:
    return {"status": "0", "result": text, "message": text}


def _out_of_order() -> HttpResponse:
    return responses.json_response(_by_field(texts.NO_FIELD, texts.OUT_OF_ORDER), 503, _wait())


def cannot_say() -> HttpResponse:
    return responses.json_response(_sentence("", texts.OUT_OF_ORDER), 503, _wait())


def _cannot_store_code() -> HttpResponse:
    return responses.json_response(_failed_sms("", texts.CODE_NOT_STORED), 507, _wait())  # as published


def _wait() -> int:
    return int(rules.COME_BACK_AFTER.total_seconds())


def _require(**values: str | None) -> None:
    """Raises FieldsInvalid for the fields that are missing."""
    missing = {field: "required" for field, value in values.items() if not value}
    if missing:
        raise errors.FieldsInvalid(missing)


def _registered(signed_in: login.SignInResult) -> HttpResponse:
    person = signed_in.person
    welcome = {"id": person.id, "username": person.name, "mobile": person.name, "token": signed_in.token}
    return responses.json_response(welcome | {"email_verified": person.email_verified}, 201)


@endpoint(_by_field, _out_of_order, again=repeats.signed_in(_registered))
def register(request: HttpRequest) -> HttpResponse:
    fields = request_body.read(request)
    raw_mobile, code = fields.digits("mobile"), _code(fields)
    raw_password, repeated = fields.text("password"), fields.text("password2", "re_password")
    _require(mobile=raw_mobile, password=raw_password, sms_code=code)
    assert raw_mobile and raw_password and code
    mobile, client = identifiers.mobile(raw_mobile), request_context.client(request)
    try:
        signed_in = registration.register(mobile, raw_password, repeated, identifiers.code(code), client)
    except (IntegrityError, DataError):  # none that we know of: those are refusals
        return responses.json_response(_by_field(texts.NO_FIELD, texts.NO_CUSTOMER_MADE), 400)
    request_context.remember_device(request)
    return _registered(signed_in)


def _code(fields: request_body.Fields) -> str | None:
    return fields.digits("sms_code", length=rules.SMS_CODE_DIGITS)


@endpoint(_by_field, _out_of_order, text_of=texts.text_at_sign_in)
def sign_in(request: HttpRequest) -> HttpResponse:
    fields = request_body.read(request)
    name, raw_password = fields.text("username"), fields.text("password")
    _require(username=name, password=raw_password)
    assert name and raw_password
    signed_in = login.sign_in_with_password(name, raw_password, request_context.client(request))
    request_context.remember_device(request)
    person = signed_in.person
    return responses.json_response(
        {
            "token": signed_in.token,
            "id": person.id,
            "user_id": person.id,
            "username": person.name,
            "user_name": person.name,
            "cart_length": 0,
            "cart_count": 0,
            "email_verified": person.email_verified,
        }
    )


@endpoint(_sentence, cannot_say, reads=True)
def check_mobile(request: HttpRequest, mobile: str) -> HttpResponse:
    if registration.is_taken(identifiers.bare_mobile(mobile), request_context.client(request)):
        return responses.json_response(_sentence("", texts.MOBILE_IS_TAKEN), 400)
    return responses.json_response({"message": "ok", "result": "ok", "status": True})


@endpoint(_failed_sms, _cannot_store_code)
def send_registration_code(request: HttpRequest, mobile: str) -> HttpResponse:
    registration.request_code(identifiers.bare_mobile(mobile), request_context.client(request))
    return responses.json_response({"status": "1", "result": texts.SMS_SENT, "message": texts.SMS_SENT})


def check_or_send_code(request: HttpRequest) -> HttpResponse:
    """Checks a code; without one it sends one, which is how a public fork asks for its SMS (luffy.md)."""
    try:
        fields = request_body.query(request)
        mobile = fields.text("mobile") if fields.text("template") and fields.text("sms_code") is None else None
    except errors.BadRequest:
        mobile = None  # for the check to refuse
    return check_registration_code(request) if mobile is None else send_registration_code(request, mobile=mobile)


@endpoint(_sentence, cannot_say)
def check_registration_code(request: HttpRequest) -> HttpResponse:
    fields = request_body.query(request)
    mobile, code = fields.text("mobile"), fields.text("sms_code")
    registration.check_code(
        identifiers.mobile(mobile or ""), identifiers.code(code or ""), request_context.client(request)
    )
    return responses.json_response({"message": "ok", "result": "ok"})
