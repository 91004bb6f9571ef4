"""Every kind of message: what staff call it, the channels it goes by, and its SMS.

Its mail is in mail_texts.py.

rendering.py fills the texts in.
"""

from dataclasses import dataclass

from menpai import rules
from menpai.models import Message

SMS, EMAIL = Message.Channel.SMS.value, Message.Channel.EMAIL.value


@dataclass(frozen=True)
class Kind:
    """`id` is what rows keep; `zh` and `en` name the message to staff, within a sentence."""

    id: str
    zh: str
    en: str
    channels: tuple[str, ...]
    carries_code: bool = False


REGISTRATION_CODE = Kind("registration-code", "注册验证码", "a code to register", (SMS,), carries_code=True)
RECOVERY_CODE = Kind("recovery-code", "找回密码验证码", "a code to reset the password", (SMS, EMAIL), carries_code=True)
SIGN_IN_CODE = Kind("sign-in-code", "登录验证码", "a code to sign in", (SMS,), carries_code=True)
NEW_MOBILE_CODE = Kind("new-mobile-code", "更换手机号验证码", "a code to change the mobile", (SMS,), carries_code=True)
NEW_EMAIL_CODE = Kind(
    "new-email-code", "更换邮箱验证码", "a code to change the email address", (EMAIL,), carries_code=True
)
STEP_UP_CODE = Kind("step-up-code", "确认身份验证码", "a code to confirm the identity", (EMAIL,), carries_code=True)
ACTIVATION_LINK = Kind("activation-link", "激活链接", "a link to verify the email address", (EMAIL,), carries_code=True)
PASSWORD_CHANGED = Kind("password-changed", "密码已修改通知", "a notice that the password was changed", (EMAIL,))
EMAIL_CHANGED = Kind("email-changed", "邮箱已更换通知", "a notice that the email address was changed", (EMAIL,))
MOBILE_CHANGED = Kind("mobile-changed", "手机号已更换通知", "a notice that the mobile was changed", (SMS, EMAIL))
# By SMS, to a proven mobile: one text for the password, the e-mail and linked accounts.
SIGN_IN_CHANGED = Kind("sign-in-changed", "登录方式已更改通知", "a notice that a way to sign in was changed", (SMS,))
NEW_DEVICE = Kind("new-device", "新设备登录通知", "a notice of a sign-in on a new device", (EMAIL,))
SOCIAL_LINKED = Kind("social-linked", "已绑定第三方账号通知", "a notice that another account was linked", (EMAIL,))
SOCIAL_UNLINKED = Kind(
    "social-unlinked", "已解除第三方账号绑定通知", "a notice that another account was unlinked", (EMAIL,)
)
_ALL = (
    REGISTRATION_CODE,
    RECOVERY_CODE,
    SIGN_IN_CODE,
    NEW_MOBILE_CODE,
    NEW_EMAIL_CODE,
    STEP_UP_CODE,
    ACTIVATION_LINK,
    PASSWORD_CHANGED,
    EMAIL_CHANGED,
    MOBILE_CHANGED,
    SIGN_IN_CHANGED,
    NEW_DEVICE,
    SOCIAL_LINKED,
    SOCIAL_UNLINKED,
)
KINDS = {kind.id: kind for kind in _ALL}
# Purpose of a code that proves a mobile → its message.
SMS_CODES = {
    rules.REGISTRATION.name: REGISTRATION_CODE,
    rules.SIGN_IN.name: SIGN_IN_CODE,
    rules.NEW_MOBILE.name: NEW_MOBILE_CODE,
    rules.STEP_UP_SMS.name: SIGN_IN_CODE,  # a text that vendors have approved already
}

# Language → kind → text.
SMS_TEXTS = {
    "zh-hans": {
        REGISTRATION_CODE.id: "验证码 {code}，{life}内有效，用于注册账号。如非本人操作，请忽略。",
        RECOVERY_CODE.id: "验证码 {code}，{life}内有效，用于找回密码。如非本人操作，请勿告诉任何人。",
        SIGN_IN_CODE.id: "验证码 {code}，{life}内有效，用于登录。如非本人操作，请勿告诉任何人。",
        NEW_MOBILE_CODE.id: "验证码 {code}，{life}内有效，用于更换手机号。如非本人操作，请忽略。",
        MOBILE_CHANGED.id: "您账号的手机号已于 {at}（北京时间）更换。如非本人操作，请立即联系客服。",
        SIGN_IN_CHANGED.id: "您账号的登录方式已于 {at}（北京时间）更改。如非本人操作，请立即找回密码或联系客服。",
    },
    "en": {
        REGISTRATION_CODE.id: "{code} is your code to create an account. It expires in {life}. "
        "If this wasn't you, ignore this message.",
        RECOVERY_CODE.id: "{code} is your code to reset your password. It expires in {life}. "
        "Don't share it with anyone.",
        SIGN_IN_CODE.id: "{code} is your code to sign in. It expires in {life}. Don't share it with anyone.",
        NEW_MOBILE_CODE.id: "{code} is your code to change your mobile number. It expires in {life}. "
        "If this wasn't you, ignore this message.",
        MOBILE_CHANGED.id: "The mobile number on your account was changed on {at} (Beijing time). "
        "If this wasn't you, contact us immediately.",
        SIGN_IN_CHANGED.id: "The way to sign in to your account was changed on {at} (Beijing time). "
        "If this wasn't you, reset your password or contact us immediately.",
    },
}


def find_kind(kind_id: str) -> Kind:
    """The kind of that id; one that is not known is its own name (a row of another version)."""
    return KINDS.get(kind_id) or Kind(kind_id, kind_id, kind_id, ())
