"""For development: nothing is sent, the message is read in the development mailbox."""

from typing import TYPE_CHECKING

from django.conf import settings

from menpai.delivery.sms.gateway import Gateway, Sms

name = "outbox"
idempotent = True


def problems() -> list[str]:
    if settings.PRODUCTION and not settings.MENPAI_DEV_MAILBOX:
        return ["sends nothing; it is for development (set MENPAI_SMS_GATEWAYS, or MENPAI_DEV_MAILBOX=1 for a trial)"]
    return []


def carries(kind: str, region: str) -> bool:
    return True


def send(sms: Sms) -> str:
    return ""


if TYPE_CHECKING:
    from menpai.delivery.sms.vendors import outbox

    _module: Gateway = outbox
