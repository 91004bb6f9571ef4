"""SMS as gateways get them, and a vendor's fake in front of which a test stands."""

import contextlib
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone

from menpai.delivery import rendering
from menpai.delivery.sms.gateway import Sms
from menpai.models import Message
from tests.rig.gateway import Fake

MOBILE, ABROAD = "18667018590", "+85261234567"
CODES = ("registration-code", "recovery-code", "sign-in-code", "new-mobile-code")
KINDS = (*CODES, "mobile-changed", "sign-in-changed")


def an_sms(
    kind: str = "registration-code", mobile: str = MOBILE, language: str = "zh-hans", code: str = "123456"
) -> Sms:
    """In the words of the product."""
    message = Message(
        reference=uuid.uuid4(), kind=kind, recipient=mobile, language=language, created_at=timezone.now(), channel="sms"
    )
    return rendering.render_sms(message, {"code": code} if kind in CODES else {})


def an_sms_for(fake: Fake, kind: str = "registration-code", **more: str) -> Sms:
    """To a number that this vendor reaches."""
    return an_sms(kind, **{"mobile": fake.mobile, **more})


@contextlib.contextmanager
def only_gateway(kind: type[Fake], monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[Fake]:
    """A running fake of that kind, which is the only gateway, and in the end had nothing to complain of."""
    with kind().in_use(monkeypatch) as fake:
        settings.MENPAI_SMS_GATEWAYS = [fake.name]
        yield fake
