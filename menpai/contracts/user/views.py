"""The luffy contract, `/user/…` and the same under `/users/…`: real statuses, errors by field (luffy.md)."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.db import DataError, IntegrityError
from django.http import HttpRequest, HttpResponse

from menpai import errors, identifiers, rules
from menpai.accounts import login, registration
from menpai.contracts import request_body, request_context, responses

Answer = dict[str, Any]
View = Callable[..., HttpResponse]
MOBILE_MALFORMED = "手机号码格式有误!"
REQUIRED = "该字段是必填项。"
TOO_MANY = "请求过于频繁，请稍后再试!"
OUT_OF_ORDER = "服务器出错，请联系客服工作人员!"

# refusal → (the field, the text). Registration and sign-in answer 400 {field: [text]}; the SMS and mobile endpoints
# answer the text alone, as `message` and `result`.
REFUSALS: dict[type[errors.Refusal], tuple[str, str]] = {
    errors.BadRequest: ("non_field_errors", "请求参数有误!"),
    errors.BodyTooLarge: ("non_field_errors", "请求内容过大!"),
    errors.FieldMissing: ("non_field_errors", REQUIRED),
    errors.NotSignedIn: ("non_field_errors", "请先登录!"),
    errors.WrongCredentials: ("non_field_errors", "用户名或密码错误!"),
    errors.OldPasswordWrong: ("oldpassword", "旧密码错误!"),
    errors.PasswordNotSet: ("oldpassword", "旧密码错误!"),
    errors.UsernameInvalid: ("username", "用户名格式有误!"),
    errors.EmailInvalid: ("email", "邮箱格式有误!"),
    errors.MobileInvalid: ("mobile", MOBILE_MALFORMED),
    errors.PasswordMissing: ("password", REQUIRED),
    errors.PasswordLength: ("password", "密码长度必须在{shortest}-{longest}位之间!"),
    errors.PasswordWeak: ("password", "密码过于简单，请换一个!"),
    errors.PasswordRepeatMissing: ("password2", REQUIRED),
    errors.PasswordsDiffer: ("password2", "密码和确认密码不一致!"),
    errors.PasswordUnchanged: ("password", "新密码不能与旧密码相同!"),
    errors.UsernameTaken: ("username", "当前用户名已经被注册!"),
    errors.MobileTaken: ("mobile", "当前手机号码已经被注册!"),
    errors.EmailTaken: ("email", "当前邮箱已经被注册!"),
    errors.CodeWrong: ("sms_code", "验证码不存在,或错误!"),
    errors.CodeExpired: ("sms_code", "验证码不存在,或已经过期!"),
    errors.TicketExpired: ("non_field_errors", "操作已过期，请重新开始!"),
    errors.ActivationMalformed: ("non_field_errors", "激活链接有误!"),
    errors.ActivationExpired: ("non_field_errors", "激活链接已失效!"),
    errors.TargetTooSoon: ("mobile", "对不起~手机短信发送间隔不足1分钟!"),
    errors.ClientTooFast: ("non_field_errors", TOO_MANY),
    errors.SendingPaused: ("non_field_errors", "短信发送失败！"),
    errors.Busy: ("non_field_errors", TOO_MANY),
    errors.CaptchaRequired: ("non_field_errors", "请先完成安全验证!"),
    errors.CaptchaWrong: ("non_field_errors", "验证未通过，请重试!"),
    errors.CaptchaExpired: ("non_field_errors", "验证已过期，请重试!"),
    errors.NoGateway: ("non_field_errors", "短信发送失败！"),
    errors.ProviderUnknown: ("non_field_errors", "不支持这种登录方式!"),
    errors.SocialStateExpired: ("non_field_errors", "登录已过期，请重新开始!"),
    errors.SocialRefused: ("non_field_errors", "授权失败，请重试!"),
    errors.SocialTokenBad: ("non_field_errors", "授权失败，请重试!"),
    errors.SocialAway: ("non_field_errors", "授权失败，请稍后再试!"),
    errors.SocialTicketExpired: ("non_field_errors", "绑定已过期，请重新授权!"),
    errors.SocialTaken: ("non_field_errors", "该账号已绑定其他账户!"),
    errors.ProviderTaken: ("non_field_errors", "您已绑定该平台的另一个账号!"),
    errors.AddressFieldInvalid: ("non_field_errors", "地址填写有误!"),
    errors.AddressIncomplete: ("non_field_errors", "地址填写不完整!"),
    errors.AddressIdInvalid: ("non_field_errors", "地址不存在!"),
    errors.AddressUnknown: ("non_field_errors", "地址不存在!"),
    errors.AddressBookFull: ("non_field_errors", "地址数量已达上限!"),
}
STATUSES: dict[type[errors.Refusal], int] = {
    errors.BodyTooLarge: 413,
    errors.ClientTooFast: 429,
    errors.SendingPaused: 503,
    errors.Busy: 429,
    errors.CaptchaRequired: 429,
    errors.NoGateway: 500,  # as published
}


def endpoint(
    refused: Callable[[str, str], Answer], away: Callable[[], HttpResponse]
) -> Callable[[Callable[..., HttpResponse]], View]:
    """Two shapes of "no" live under this contract: by field, and as a sentence. `refused(field, text)` makes it."""

    def decorate(view: Callable[..., HttpResponse]) -> View:
        @wraps(view)
        def run(request: HttpRequest, **path: str) -> HttpResponse:
            try:
                return view(request, **path)
            except _Missing as missing:
                return responses.json_response({field: [REQUIRED] for field in missing.fields}, 400)
            except errors.Refusal as no:
                responses.audit_refusal(no)
                field, text = REFUSALS[type(no)]
                bounds = (settings.MENPAI_PASSWORD_MIN_LENGTH, rules.PASSWORD_MAX_LENGTH)
                text = text.format(shortest=bounds[0], longest=bounds[1])
                wait = responses.retry_after_seconds(no) if isinstance(no, errors.ComeBackLater) else None
                return responses.json_response(refused(field, text), STATUSES.get(type(no), 400), wait)
            except Exception as fault:  # noqa: BLE001  (the last resort: logged, answered in the contract's shape)
                if responses.as_unavailable(fault):
                    responses.log_unavailable(fault)
                    return away()
                responses.log_fault(fault)
                return responses.json_response(refused("non_field_errors", OUT_OF_ORDER), 500)

        return run

    return decorate


def on(**views: View) -> View:
    def run(request: HttpRequest, **path: str) -> HttpResponse:
        view = views.get(request.method or "")
        if view:
            return view(request, **path)
        response = responses.json_response(_by_field("non_field_errors", "不支持的请求方法!"), 405)
        response.headers["Allow"] = ", ".join(views)
        return response

    return run


def unknown(_request: HttpRequest, **_path: str) -> HttpResponse:
    return responses.json_response(_by_field("non_field_errors", "接口不存在!"), 404)


def _by_field(field: str, text: str) -> Answer:
    return {field: [text]}


def _sentence(_field: str, text: str) -> Answer:
    return {"message": text, "result": text}


def _failed_sms(_field: str, text: str) -> Answer:
    return {"status": "0", "result": text, "message": text}


def _out_of_order() -> HttpResponse:
    return responses.json_response(_by_field("non_field_errors", OUT_OF_ORDER), 503, _wait())


def cannot_say() -> HttpResponse:
    return responses.json_response(_sentence("", OUT_OF_ORDER), 503, _wait())


def _cannot_store_code() -> HttpResponse:
    return responses.json_response(_failed_sms("", "服务器发送短信有误！"), 507, _wait())  # as published


def _wait() -> int:
    return int(rules.COME_BACK_AFTER.total_seconds())


class _Missing(Exception):
    def __init__(self, fields: list[str]) -> None:
        super().__init__(fields)
        self.fields = fields


def _required(**texts: str | None) -> None:
    missing = [field for field, text in texts.items() if not text]
    if missing:
        raise _Missing(missing)


@endpoint(_by_field, _out_of_order)
def register(request: HttpRequest) -> HttpResponse:
    fields = request_body.read(request)
    raw_mobile, raw_password, code = fields.text("mobile"), fields.text("password"), fields.text("sms_code")
    repeated = fields.text("password2", "re_password")
    _required(mobile=raw_mobile, password=raw_password, sms_code=code)
    assert raw_mobile and raw_password and code
    mobile, client = identifiers.mobile(raw_mobile), request_context.client(request)
    try:
        signed_in = registration.register(mobile, raw_password, repeated, identifiers.code(code), client)
    except (IntegrityError, DataError):  # none that we know of: those are refusals
        return responses.json_response(_by_field("non_field_errors", "注册用户失败！请联系客服工作人员！"), 400)
    request_context.remember_device(request)
    person = signed_in.person
    welcome = {"id": person.id, "username": person.name, "token": signed_in.token}
    return responses.json_response(welcome | {"email_verified": person.email_verified}, 201)


@endpoint(_by_field, _out_of_order)
def sign_in(request: HttpRequest) -> HttpResponse:
    fields = request_body.read(request)
    name, raw_password = fields.text("username"), fields.text("password")
    _required(username=name, password=raw_password)
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


@endpoint(_sentence, cannot_say)
def check_mobile(request: HttpRequest, mobile: str) -> HttpResponse:
    if registration.is_taken(identifiers.bare_mobile(mobile), request_context.client(request)):
        return responses.json_response(_sentence("", "手机号已经被注册过！"), 400)
    return responses.json_response({"message": "ok", "result": "ok", "status": True})


@endpoint(_failed_sms, _cannot_store_code)
def send_registration_code(request: HttpRequest, mobile: str) -> HttpResponse:
    registration.request_code(identifiers.bare_mobile(mobile), request_context.client(request))
    done = "短信发送成功！"
    return responses.json_response({"status": "1", "result": done, "message": done})


@endpoint(_sentence, cannot_say)
def check_registration_code(request: HttpRequest) -> HttpResponse:
    fields = request_body.query(request)
    mobile, code = fields.text("mobile"), fields.text("sms_code")
    registration.check_code(
        identifiers.mobile(mobile or ""), identifiers.code(code or ""), request_context.client(request)
    )
    return responses.json_response({"message": "ok", "result": "ok"})
