"""The texts of the luffy contract, and which refusal is told with which (luffy.md)."""

from typing import NamedTuple

from django.conf import settings

from menpai import errors, rules
from menpai.captcha import geetest
from menpai.contracts import responses

NO_FIELD = "non_field_errors"
REQUIRED = "该字段是必填项。"
TOO_MANY = "请求过于频繁，请稍后再试!"
OUT_OF_ORDER = "服务器出错，请联系客服工作人员!"
NO_SUCH_METHOD = "不支持的请求方法!"
NO_SUCH_PATH = "接口不存在!"
NO_CUSTOMER_MADE = "注册用户失败！请联系客服工作人员！"
MOBILE_IS_TAKEN = "手机号已经被注册过！"
SMS_SENT = "短信发送成功！"
CODE_NOT_STORED = "服务器发送短信有误！"


class RefusalText(NamedTuple):
    """A field and its text: `{field: [text]}`, or the text alone at the SMS and mobile endpoints."""

    field: str
    text: str
    status: int = 400


# A refusal without a row of its own is told like the nearest class above it.
REFUSALS: dict[type[errors.Refusal], RefusalText] = {
    errors.Refusal: RefusalText(NO_FIELD, "请求参数有误!"),
    errors.ComeBackLater: RefusalText(NO_FIELD, TOO_MANY, 429),
    errors.BadRequest: RefusalText(NO_FIELD, "请求参数有误!"),
    errors.BodyTooLarge: RefusalText(NO_FIELD, "请求内容过大!", 413),
    errors.CrossSite: RefusalText(NO_FIELD, "请在本站页面上操作!", 403),
    errors.WrongCredentials: RefusalText(NO_FIELD, "用户名或密码错误!"),
    errors.MobileInvalid: RefusalText("mobile", "手机号码格式有误!"),
    errors.PasswordMissing: RefusalText("password", REQUIRED),
    errors.PasswordLength: RefusalText("password", "密码长度必须在{shortest}-{longest}位之间!"),
    errors.PasswordRefused: RefusalText("password", "密码过于简单，请换一个!"),
    errors.PasswordsDiffer: RefusalText("password2", "密码和确认密码不一致!"),
    errors.UsernameTaken: RefusalText("username", "当前用户名已经被注册!"),
    errors.MobileTaken: RefusalText("mobile", "当前手机号码已经被注册!"),
    errors.CodeWrong: RefusalText("sms_code", "验证码不存在,或错误!"),
    errors.CodeExpired: RefusalText("sms_code", "验证码不存在,或已经过期!"),
    errors.TargetTooSoon: RefusalText("mobile", "对不起~手机短信发送间隔不足1分钟!"),
    errors.ClientTooFast: RefusalText(NO_FIELD, TOO_MANY, 429),
    errors.SendingPaused: RefusalText(NO_FIELD, "短信发送失败！", 503),
    errors.Busy: RefusalText(NO_FIELD, TOO_MANY, 429),
    errors.CaptchaRequired: RefusalText(NO_FIELD, "请先完成安全验证!", 429),
    errors.CaptchaWrong: RefusalText(NO_FIELD, "验证未通过，请重试!"),
    errors.CaptchaExpired: RefusalText(NO_FIELD, "验证已过期，请重试!"),
    errors.NoGateway: RefusalText(NO_FIELD, "短信发送失败！", 500),  # as published
}


# At the sign-in the published pages show what comes with 400 alone (luffy.md ruling 5).
WAIT = "登录次数过多，请在{wait}后再试!"
SOLVE_OR_WAIT = "请先完成安全验证，或在{wait}后再试!"


def text_at_sign_in(refusal: errors.Refusal) -> RefusalText:
    """As `text_of`; too many tries are told with the wait, in words for a page that may not know captchas."""
    if not responses.is_throttled_sign_in(refusal):
        return text_of(refusal)
    shows_captcha = isinstance(refusal, errors.CaptchaRequired) and geetest.version()
    text = SOLVE_OR_WAIT if shows_captcha else WAIT
    return RefusalText(NO_FIELD, text.format(wait=responses.wait_in_words(refusal)[0]))


def text_of(refusal: errors.Refusal) -> RefusalText:
    """How a refusal is told, with the configured bounds of a password in the text."""
    row = next(REFUSALS[kind] for kind in type(refusal).__mro__ if kind in REFUSALS)
    bounds = {"shortest": settings.MENPAI_PASSWORD_MIN_LENGTH, "longest": rules.PASSWORD_MAX_LENGTH}
    return row._replace(text=row.text.format(**bounds))
