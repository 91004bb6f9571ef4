"""The texts of messages, filled in. The layout of mails is in menpai/templates/mail/.

Lifetimes come from the rules, so that no text promises more than the code keeps.
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
from menpai.delivery import mail_texts, message_kinds
from menpai.delivery.sms import vendor_templates
from menpai.delivery.sms.gateway import Sms
from menpai.models import Message


@dataclass(frozen=True)
class Letter:
    """A rendered mail; the development mailbox shows `code` and `link` beside it."""

    subject: str
    text: str
    html: str
    code: str | None
    link: str | None


_FOOTER = {
    "zh-hans": "这是一封自动发送的邮件，请勿回复。",
    "en": "This is an automated email. Please do not reply.",
}
_COPY = {
    "zh-hans": "如果按钮打不开，请将这个地址复制到浏览器：",
    "en": "If the button doesn't work, copy this address into your browser:",
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


def format_span(length: timedelta, language: str) -> str:
    """`5 分钟`, `3 days`: in the largest unit that is exact."""
    seconds = int(length.total_seconds())
    size, form = next(unit for unit in _UNITS[language] if seconds % unit[0] == 0)
    return form.format(n=seconds // size, s="" if seconds == size else "s")


def render_sms_text(kind: str, language: str, params: Mapping[str, Any], at: datetime) -> str:
    """The whole text, as a phone shows it. Vendors with templates send the text that they approved."""
    return vendor_templates.sign_text(
        settings.MENPAI_BRAND_NAME, _sms_body(kind, language, params, at), _known(language)
    )


def render_sms(message: Message, params: Mapping[str, Any]) -> Sms:
    """The SMS as every gateway gets it."""
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
    life = format_span(rules.SMS_CODE_LIFE, language)
    return message_kinds.SMS_TEXTS[language][kind].format(code=params.get("code", ""), life=life, at=_moment(at))


def sms_variables(params: Mapping[str, Any], at: datetime) -> dict[str, str]:
    """The variables of a vendor's template: the code and its life in whole minutes, or an event's time."""
    if "code" not in params:
        return {"at": _moment(at)}
    return {"code": str(params["code"]), "minutes": str(max(1, int(rules.SMS_CODE_LIFE.total_seconds()) // 60))}


def render_mail(kind: str, language: str, params: Mapping[str, Any], at: datetime) -> Letter:
    """The mail of this kind, in text and HTML."""
    language = _known(language)
    text = mail_texts.EMAIL_IN_USE[language] if params.get("in_use") else mail_texts.MAIL_TEXTS[language][kind]
    values = _values(language, params, at)
    codes = [(_name(name), code) for name, code in params.get("codes", ())]
    link = f"{settings.MENPAI_ACTIVATE_URL}?code={quote(params['code'], safe='')}" if text.button else None
    context = {
        **_brand(),
        "lang": TAGS[language],
        "subject": text.subject.format(**values),
        "preheader": text.preheader.format(**values),
        "title": text.title.format(**values),
        "intro": [paragraph.format(**values) for paragraph in text.intro],
        # A name is shown beside its code only where there are several.
        "codes": codes if len(codes) > 1 else [("", code) for _, code in codes],
        "button": text.button,
        "link": link,
        "copy": _COPY[language],
        "after": [paragraph.format(**values) for paragraph in text.after],
        "footer": _FOOTER[language],
    }
    return Letter(
        subject=f"{settings.MENPAI_BRAND_NAME}{'：' if language == 'zh-hans' else ': '}{context['subject']}",
        text=_render("mail/message.txt", context),
        html=_render("mail/message.html", context),
        code=codes[0][1] if codes else None,
        link=link,
    )


def _values(language: str, params: Mapping[str, Any], at: datetime) -> dict[str, str]:
    """The values that stand in the texts of mails."""
    return {
        **_device(language, params),
        "name": _name(str(params.get("name", ""))),
        "at": _moment(at),
        "provider": _PROVIDERS[language].get(params.get("provider", ""), ""),
        "life": format_span(rules.MAIL_CODE_LIFE, language),
        "link_life": _link_life(language),
    }


def _brand() -> dict[str, str]:
    """The shop's name and colours, as every mail shows them."""
    color = brand.valid_color(settings.MENPAI_BRAND_COLOR)
    return {
        "brand": settings.MENPAI_BRAND_NAME,
        "logo": settings.MENPAI_BRAND_LOGO_URL and urljoin(settings.MENPAI_PUBLIC_URL, settings.MENPAI_BRAND_LOGO_URL),
        "color": color,
        "on_color": brand.text_color(color),
        "icp": settings.MENPAI_BRAND_ICP,
    }


def _render(template: str, context: dict[str, Any]) -> str:
    # `strip` gives plain text: Django marked it as safe, and a page that shows the mail must escape it again.
    return render_to_string(template, context).strip() + "\n"


def _device(language: str, params: Mapping[str, Any]) -> dict[str, str]:
    """A device and its network, as text."""
    browser, system, network = _UNKNOWN[language]
    named = f"{params.get('browser') or browser} · {params.get('system') or system}"
    return {"device": named, "network": network.format(params["network"]) if params.get("network") else ""}


def _link_life(language: str) -> str:
    life = format_span(rules.ACTIVATION_LIFE, language)
    if language == "en":
        return f"The link expires in {life}." if rules.ACTIVATION_LIFE else "The link never expires."
    return f"链接在 {life}内有效。" if rules.ACTIVATION_LIFE else "链接永久有效。"


def _moment(at: datetime) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}"


def _known(language: str) -> str:
    return language if language in TAGS else "zh-hans"


def _name(name: str) -> str:
    """The name as a mail shows it, without control, bidi and other format characters (R68)."""
    return identifiers.name_in_mail("".join(char for char in name if unicodedata.category(char)[0] != "C"))
