"""Where a customer is signed in, and signing out: here, there, everywhere else."""

import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from menpai import errors, tokens
from menpai.models import Session
from menpai.tokens import Caller

# The first that fits: many browsers name those that they want to be taken for.
_BROWSERS = (
    ("微信", r"MicroMessenger"),
    ("支付宝", r"AlipayClient"),
    ("QQ", r"\bQQ/"),
    ("QQ 浏览器", r"QQBrowser"),
    ("华为浏览器", r"HuaweiBrowser"),
    ("小米浏览器", r"MiuiBrowser"),
    ("UC 浏览器", r"UCBrowser|UBrowser"),
    ("百度", r"baiduboxapp|BIDUBrowser"),
    ("Edge", r"Edg(?:e|A|iOS)?/"),
    ("Opera", r"OPR/|Opera"),
    ("Samsung Internet", r"SamsungBrowser"),
    ("Firefox", r"Firefox/|FxiOS"),
    ("Chrome", r"Chrome/|CriOS"),
    ("Safari", r"Version/[\d.]+ .*Safari/"),
)
_SYSTEMS = (
    ("HarmonyOS", r"HarmonyOS|OpenHarmony"),
    ("iPad", r"iPad"),
    ("iPhone", r"iPhone"),
    ("Android", r"Android"),
    ("Windows", r"Windows"),
    ("macOS", r"Mac OS X|Macintosh"),
    ("Linux", r"Linux|X11"),
)


@dataclass(frozen=True)
class Device:
    id: UUID
    current: bool
    browser: str  # empty when it cannot be told
    system: str
    network: str  # partly masked
    signed_in_at: datetime
    last_seen_at: datetime
    expires_at: datetime


def list_for(caller: Caller) -> list[Device]:
    """This device first, then by when they were last seen. One SQL statement."""
    living = Session.objects.filter(customer_id=caller.id, ended_at__isnull=True, expires_at__gt=timezone.now())
    devices = [_device(session, caller) for session in living.order_by("-last_seen_at", "-pk")]
    return sorted(devices, key=lambda device: not device.current)


def sign_out(caller: Caller) -> None:
    tokens.end(caller.id, caller.session_id)


def end(caller: Caller, device_id: UUID) -> None:
    """Raises DeviceUnknown."""
    if not tokens.end(caller.id, device_id):
        raise errors.DeviceUnknown


def end_others(caller: Caller) -> None:
    tokens.end_others(caller.id, caller.session_id)


def _device(session: Session, caller: Caller) -> Device:
    return Device(
        id=session.pk,
        current=session.pk == caller.session_id,
        browser=_first(_BROWSERS, session.user_agent),
        system=_first(_SYSTEMS, session.user_agent),
        network=_masked(session.network),
        signed_in_at=session.created_at,
        last_seen_at=session.last_seen_at or session.created_at,
        expires_at=session.expires_at,
    )


def _first(names: tuple[tuple[str, str], ...], user_agent: str) -> str:
    return next((name for name, pattern in names if re.search(pattern, user_agent)), "")


def _masked(network: str) -> str:
    """Enough to recognise one's own network by, not enough to find somebody."""
    if network.count(".") == 3:
        return ".".join([*network.split(".")[:2], "*", "*"])
    return ":".join(network.split(":")[:2]) + ":…" if ":" in network else ""
