"""What every message says, in Chinese and English. Wording is data; the plate around it is menpai/templates/mail/.

Lifetimes are told from the rules, so that no text promises what the code does not keep.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urljoin

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone

from menpai import brand, identifiers, rules
from menpai.delivery import wording
from menpai.delivery.gateway import Sms
from menpai.models import Message

# ── The kinds ──
REGISTRATION_CODE = "registration-code"
RECOVERY_CODE = "recovery-code"
ACTIVATION_LINK = "activation-link"
PASSWORD_CHANGED = "password-changed"
SIGN_IN_CODE = "sign-in-code"
NEW_EMAIL_CODE = "new-email-code"
NEW_MOBILE_CODE = "new-mobile-code"
EMAIL_CHANGED = "email-changed"
MOBILE_CHANGED = "mobile-changed"
NEW_DEVICE = "new-device"
SOCIAL_LINKED = "social-linked"
SOCIAL_UNLINKED = "social-unlinked"
WITH_A_CODE = frozenset(
    (REGISTRATION_CODE, RECOVERY_CODE, ACTIVATION_LINK, SIGN_IN_CODE, NEW_EMAIL_CODE, NEW_MOBILE_CODE)
)


@dataclass(frozen=True)
class Letter:
    """A mail, written out; `code` and `link` are what the development mailbox shows beside it."""

    subject: str
    text: str
    html: str
    code: str | None
    link: str | None


@dataclass(frozen=True)
class _Words:
    """One mail in one language. `{name}` and the like are filled in; `intro` and `after` are paragraphs."""

    subject: str
    preheader: str
    title: str
    intro: tuple[str, ...]
    after: tuple[str, ...]
    button: str = ""


_SMS = {
    "zh-hans": {
        REGISTRATION_CODE: "验证码 {code}，{life}内有效，用于注册账号。如非本人操作，请忽略。",
        RECOVERY_CODE: "验证码 {code}，{life}内有效，用于找回密码。如非本人操作，请勿告诉任何人。",
        SIGN_IN_CODE: "验证码 {code}，{life}内有效，用于登录。如非本人操作，请勿告诉任何人。",
        NEW_MOBILE_CODE: "验证码 {code}，{life}内有效，用于更换手机号。如非本人操作，请忽略。",
        MOBILE_CHANGED: "您账号的手机号已于 {at}（北京时间）更换。如非本人操作，请立即联系客服。",
    },
    "en": {
        REGISTRATION_CODE: "{code} is your code to register. It is valid for {life}. Not you? Ignore it.",
        RECOVERY_CODE: "{code} is your code to reset your password. It is valid for {life}. "
        "Not you? Tell it to nobody.",
        SIGN_IN_CODE: "{code} is your code to sign in. It is valid for {life}. Not you? Tell it to nobody.",
        NEW_MOBILE_CODE: "{code} is your code to change your mobile. It is valid for {life}. Not you? Ignore it.",
        MOBILE_CHANGED: "The mobile of your account was changed on {at} (Beijing time). "
        "Not you? Please contact us at once.",
    },
}
_MAIL = {
    "zh-hans": {
        RECOVERY_CODE: _Words(
            subject="找回密码的验证码",
            preheader="验证码在 {life}内有效。",
            title="找回密码",
            intro=("您正在找回密码。请在页面上输入下面的验证码：",),
            after=(
                "验证码在 {life}内有效，只能使用一次。请不要告诉任何人，我们的工作人员也不会向您索要。",
                "如果不是您本人操作，请忽略这封邮件，您的密码不会改变。",
            ),
        ),
        ACTIVATION_LINK: _Words(
            subject="请验证您的邮箱",
            preheader="打开链接，确认这个邮箱属于您。",
            title="验证邮箱",
            intro=("有人用这个邮箱注册了账号「{name}」。如果是您本人，请打开下面的页面确认：",),
            after=(
                "{link_life}",
                "如果不是您本人操作，请打开同一个页面并选择「这不是我的」，这个邮箱将与该账号解除关联。",
            ),
            button="验证邮箱",
        ),
        PASSWORD_CHANGED: _Words(
            subject="您的密码已修改",
            preheader="所有设备都已退出登录。",
            title="密码已修改",
            intro=("账号「{name}」的密码已于 {at}（北京时间）修改，所有设备都已退出登录。",),
            after=("如果是您本人操作，无需理会。", "如果不是，请立即在登录页选择「忘记密码」，重新设置密码。"),
        ),
        NEW_EMAIL_CODE: _Words(
            subject="更换邮箱的验证码",
            preheader="验证码在 {life}内有效。",
            title="更换邮箱",
            intro=("账号「{name}」要把邮箱更换为这个地址。如果是您本人，请在页面上输入下面的验证码：",),
            after=(
                "验证码在 {life}内有效，只能使用一次。请不要告诉任何人，我们的工作人员也不会向您索要。",
                "如果不是您本人操作，请忽略这封邮件，什么都不会改变。",
            ),
        ),
        EMAIL_CHANGED: _Words(
            subject="您的邮箱已更换",
            preheader="这个邮箱不再属于该账号。",
            title="邮箱已更换",
            intro=("账号「{name}」的邮箱已于 {at}（北京时间）更换，以后的邮件会发到新的邮箱。",),
            after=("如果是您本人操作，无需理会。", "如果不是，请立即用手机号登录并修改密码，或联系客服。"),
        ),
        MOBILE_CHANGED: _Words(
            subject="您的手机号已更换",
            preheader="原手机号不能再用于登录。",
            title="手机号已更换",
            intro=("账号「{name}」的手机号已于 {at}（北京时间）更换，原手机号不能再用于登录。",),
            after=("如果是您本人操作，无需理会。", "如果不是，请立即在登录页选择「忘记密码」，重新设置密码。"),
        ),
        NEW_DEVICE: _Words(
            subject="您的账号在新设备上登录",
            preheader="{device}，{at}（北京时间）。",
            title="新设备登录",
            intro=("账号「{name}」于 {at}（北京时间）在一台以前没有用过的设备上登录：", "{device}{network}"),
            after=(
                "如果是您本人操作，无需理会。",
                "如果不是，请立即在登录页选择「忘记密码」，重新设置密码，所有设备都会退出登录。",
            ),
        ),
        SOCIAL_LINKED: _Words(
            subject="您的账号绑定了{provider}",
            preheader="以后可以用{provider}登录。",
            title="已绑定{provider}",
            intro=("账号「{name}」已于 {at}（北京时间）绑定{provider}，以后可以用它登录。",),
            after=(
                "如果是您本人操作，无需理会。",
                "如果不是，请立即登录，在「账户与安全」中解除绑定，并修改密码。",
            ),
        ),
        SOCIAL_UNLINKED: _Words(
            subject="您的账号解除了{provider}绑定",
            preheader="以后不能再用{provider}登录。",
            title="已解除{provider}绑定",
            intro=("账号「{name}」已于 {at}（北京时间）解除{provider}绑定，以后不能再用它登录。",),
            after=("如果是您本人操作，无需理会。", "如果不是，请立即在登录页选择「忘记密码」，重新设置密码。"),
        ),
    },
    "en": {
        RECOVERY_CODE: _Words(
            subject="Your code to reset your password",
            preheader="The code is valid for {life}.",
            title="Reset your password",
            intro=("You are resetting your password. Please enter this code on the page:",),
            after=(
                "The code is valid for {life} and can be used once. Tell it to nobody; our staff never asks for it.",
                "If this was not you, ignore this mail. Your password stays as it is.",
            ),
        ),
        ACTIVATION_LINK: _Words(
            subject="Please verify your e-mail",
            preheader="Open the link to confirm that this mailbox is yours.",
            title="Verify your e-mail",
            intro=("The account “{name}” was registered with this e-mail. If that was you, please confirm it here:",),
            after=(
                "{link_life}",
                "If this was not you, open the same page and choose “This was not me”: "
                "the e-mail is then removed from that account.",
            ),
            button="Verify e-mail",
        ),
        PASSWORD_CHANGED: _Words(
            subject="Your password was changed",
            preheader="Every device has been signed out.",
            title="Password changed",
            intro=(
                "The password of the account “{name}” was changed on {at} (Beijing time). "
                "Every device has been signed out.",
            ),
            after=(
                "If this was you, there is nothing to do.",
                "If not, choose “Forgot password” on the sign-in page at once and set a new one.",
            ),
        ),
        NEW_EMAIL_CODE: _Words(
            subject="Your code to change your e-mail",
            preheader="The code is valid for {life}.",
            title="Change your e-mail",
            intro=(
                "The account “{name}” is to have this address as its e-mail. If that is you, enter this code on the "
                "page:",
            ),
            after=(
                "The code is valid for {life} and can be used once. Tell it to nobody; our staff never asks for it.",
                "If this was not you, ignore this mail. Nothing changes.",
            ),
        ),
        EMAIL_CHANGED: _Words(
            subject="Your e-mail was changed",
            preheader="This mailbox no longer belongs to that account.",
            title="E-mail changed",
            intro=(
                "The e-mail of the account “{name}” was changed on {at} (Beijing time). From now on, mail goes to the "
                "new one.",
            ),
            after=(
                "If this was you, there is nothing to do.",
                "If not, sign in with your mobile at once and change your password, or contact us.",
            ),
        ),
        MOBILE_CHANGED: _Words(
            subject="Your mobile was changed",
            preheader="The old number can no longer be used to sign in.",
            title="Mobile changed",
            intro=(
                "The mobile of the account “{name}” was changed on {at} (Beijing time). The old number can no longer "
                "be used to sign in.",
            ),
            after=(
                "If this was you, there is nothing to do.",
                "If not, choose “Forgot password” on the sign-in page at once and set a new one.",
            ),
        ),
        NEW_DEVICE: _Words(
            subject="A new device signed in to your account",
            preheader="{device}, {at} (Beijing time).",
            title="New sign-in",
            intro=(
                "Somebody signed in to the account “{name}” on {at} (Beijing time), on a device that was not used "
                "before:",
                "{device}{network}",
            ),
            after=(
                "If this was you, there is nothing to do.",
                "If not, choose “Forgot password” on the sign-in page at once and set a new one: every device is then "
                "signed out.",
            ),
        ),
        SOCIAL_LINKED: _Words(
            subject="{provider} was linked to your account",
            preheader="You can sign in with {provider} from now on.",
            title="{provider} linked",
            intro=("{provider} was linked to the account “{name}” on {at} (Beijing time). It can be used to sign in.",),
            after=(
                "If this was you, there is nothing to do.",
                "If not, sign in at once, remove the link under “Account and security”, and change your password.",
            ),
        ),
        SOCIAL_UNLINKED: _Words(
            subject="{provider} was removed from your account",
            preheader="{provider} can no longer be used to sign in.",
            title="{provider} removed",
            intro=(
                "The link to {provider} was removed from the account “{name}” on {at} (Beijing time). It can no longer "
                "be used to sign in.",
            ),
            after=(
                "If this was you, there is nothing to do.",
                "If not, choose “Forgot password” on the sign-in page at once and set a new one.",
            ),
        ),
    },
}
_FOOTER = {
    "zh-hans": "这是一封自动发送的邮件，请勿回复。",
    "en": "This mail was sent automatically; please do not reply.",
}
_COPY = {
    "zh-hans": "如果按钮打不开，请将这个地址复制到浏览器：",
    "en": "If the button does not work, copy this address into your browser:",
}
_UNKNOWN = {
    "zh-hans": ("未知浏览器", "未知系统", "（网络 {}）"),
    "en": ("unknown browser", "unknown system", " (network {})"),
}
_PROVIDERS = {
    "zh-hans": {"weibo": "微博", "wechat": "微信", "qq": "QQ", "alipay": "支付宝"},
    "en": {"weibo": "Weibo", "wechat": "WeChat", "qq": "QQ", "alipay": "Alipay"},
}
_UNITS = {
    "zh-hans": ((86400, "{n} 天"), (3600, "{n} 小时"), (60, "{n} 分钟"), (1, "{n} 秒")),
    "en": ((86400, "{n} day{s}"), (3600, "{n} hour{s}"), (60, "{n} minute{s}"), (1, "{n} second{s}")),
}
TAGS = {"zh-hans": "zh-CN", "en": "en"}  # as HTML and mail name the languages


def span(length: timedelta, language: str) -> str:
    """`5 分钟`, `3 days`: in the largest unit that says it exactly."""
    seconds = int(length.total_seconds())
    size, form = next(unit for unit in _UNITS[language] if seconds % unit[0] == 0)
    return form.format(n=seconds // size, s="" if seconds == size else "s")


def sms_text(kind: str, language: str, params: Mapping[str, Any], at: datetime) -> str:
    """The whole text, as a phone shows it. Vendors with templates say it in the words that they approved."""
    return wording.signed(settings.MENPAI_BRAND_NAME, _sms_body(kind, language, params, at), _known(language))


def sms(message: Message, params: Mapping[str, Any]) -> Sms:
    """What every gateway gets."""
    return Sms(
        mobile=identifiers.e164(message.recipient),
        kind=message.kind,
        language=_known(message.language),
        signature=settings.MENPAI_BRAND_NAME,
        body=_sms_body(message.kind, message.language, params, message.created_at),
        variables=sms_variables(params, message.created_at),
        reference=message.reference,
    )


def _sms_body(kind: str, language: str, params: Mapping[str, Any], at: datetime) -> str:
    language = _known(language)
    life = span(rules.SMS_CODE_LIFE, language)
    return _SMS[language][kind].format(code=params.get("code", ""), life=life, at=_moment(at))


def sms_variables(params: Mapping[str, Any], at: datetime) -> dict[str, str]:
    """What fills a vendor's template: the code, and how many whole minutes it lives; or when it happened."""
    if "code" not in params:
        return {"at": _moment(at)}
    return {"code": str(params["code"]), "minutes": str(max(1, int(rules.SMS_CODE_LIFE.total_seconds()) // 60))}


def letter(kind: str, language: str, params: Mapping[str, Any], at: datetime) -> Letter:
    """The mail of this kind, in text and HTML."""
    language = _known(language)
    words = _MAIL[language][kind]
    facts = {
        **_where(language, params),
        "name": _plain(str(params.get("name", ""))),
        "at": _moment(at),
        "provider": _PROVIDERS[language].get(params.get("provider", ""), ""),
        "life": span(rules.MAIL_CODE_LIFE, language),
        "link_life": _link_life(language),
    }
    codes = [(_plain(name), code) for name, code in params.get("codes", ())]
    link = f"{settings.MENPAI_ACTIVATE_URL}?code={quote(params['code'], safe='')}" if words.button else None
    context = {
        "brand": settings.MENPAI_BRAND_NAME,
        "logo": settings.MENPAI_BRAND_LOGO_URL and urljoin(settings.MENPAI_PUBLIC_URL, settings.MENPAI_BRAND_LOGO_URL),
        "color": brand.valid(settings.MENPAI_BRAND_COLOR),
        "on_color": brand.on(brand.valid(settings.MENPAI_BRAND_COLOR)),
        "icp": settings.MENPAI_BRAND_ICP,
        "lang": TAGS[language],
        "subject": words.subject.format(**facts),
        "preheader": words.preheader.format(**facts),
        "title": words.title.format(**facts),
        "intro": [one.format(**facts) for one in words.intro],
        # A name stands beside its code only where there is a choice.
        "codes": codes if len(codes) > 1 else [("", code) for _, code in codes],
        "button": words.button,
        "link": link,
        "copy": _COPY[language],
        "after": [one.format(**facts) for one in words.after],
        "footer": _FOOTER[language],
    }
    return Letter(
        subject=f"{settings.MENPAI_BRAND_NAME}{'：' if language == 'zh-hans' else ': '}{context['subject']}",
        text=_render("mail/message.txt", context),
        html=_render("mail/message.html", context),
        code=codes[0][1] if codes else None,
        link=link,
    )


def _render(template: str, context: dict[str, Any]) -> str:
    # `strip` gives plain text: Django marked it as safe, and a page that shows the mail must escape it again.
    return render_to_string(template, context).strip() + "\n"


def _where(language: str, params: Mapping[str, Any]) -> dict[str, str]:
    """A device and its network, in words."""
    browser, system, network = _UNKNOWN[language]
    named = f"{params.get('browser') or browser} · {params.get('system') or system}"
    return {"device": named, "network": network.format(params["network"]) if params.get("network") else ""}


def _link_life(language: str) -> str:
    life = span(rules.ACTIVATION_LIFE, language)
    if language == "en":
        return f"The link is valid for {life}." if rules.ACTIVATION_LIFE else "The link never expires."
    return f"链接在 {life}内有效。" if rules.ACTIVATION_LIFE else "链接永久有效。"


def _moment(at: datetime) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}"


def _known(language: str) -> str:
    return language if language in TAGS else "zh-hans"


def _plain(name: str) -> str:
    """A name in a mail is text and nothing else: no control, bidi or other format characters (R68)."""
    return "".join(char for char in name if unicodedata.category(char)[0] != "C")
