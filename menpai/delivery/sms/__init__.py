"""SMS gateways, in the order of MENPAI_SMS_GATEWAYS; one vendor per file. CONTRIBUTING.md adds one in three steps."""

import contextlib
from importlib import import_module
from typing import TYPE_CHECKING, cast

from django.conf import settings

from menpai import errors, identifiers, rules
from menpai.delivery.gateway import Gateway, Reporting
from menpai.ephemeral import store

VENDORS = ("yuntongxun", "aliyun", "tencent", "huawei", "yunpian", "twilio", "webhook")  # each is a module here

if TYPE_CHECKING:  # that each module is what it should be
    from menpai.delivery.sms import aliyun, huawei, outbox, tencent, twilio, webhook, yunpian, yuntongxun

    _GATEWAYS: tuple[Gateway, ...] = (outbox, yuntongxun)
    _REPORTING: tuple[Reporting, ...] = (aliyun, tencent, huawei, yunpian, twilio, webhook)


def named(name: str) -> Gateway | None:
    """None when there is no gateway of that name. Imported when asked for: most vendors are not used."""
    if name not in ("outbox", *VENDORS):
        return None
    return cast(Gateway, import_module(f"{__name__}.{name}"))


def variables() -> dict[str, str]:
    """Every setting of every vendor, with its default."""
    found: dict[str, str] = {}
    for vendor in VENDORS:
        found |= import_module(f"{__name__}.{vendor}").own.defaults()
    return found


def problems() -> list[str]:
    """What is wrong with any of the configured gateways, for the start-up checks."""
    found = [] if settings.MENPAI_SMS_GATEWAYS else ["MENPAI_SMS_GATEWAYS names no gateway"]
    for name in settings.MENPAI_SMS_GATEWAYS:
        gateway = named(name)
        found += [f"{name}: {what}" for what in (gateway.problems() if gateway else ["there is no such SMS gateway"])]
    return found


def ready() -> list[Gateway]:
    """The configured gateways that nothing is wrong with, best first."""
    known = map(named, settings.MENPAI_SMS_GATEWAYS)
    return [gateway for gateway in known if gateway is not None and not gateway.problems()]


def carried(kind: str, mobile: str) -> bool:
    """Whether any gateway has a template for this kind of message to that number."""
    return any(gateway.carries(kind, identifiers.region(mobile)) for gateway in ready())


def usable() -> list[Gateway]:
    """Those that do not rest at the moment; one question to the store at most. Raises StoreUnavailable."""
    gateways = ready()
    outside = [gateway.name for gateway in gateways if gateway.name != "outbox"]
    resting: set[str] = set()
    if outside:
        rests = store().paused([_rest(name) for name in outside])
        resting = {name for name, rest in zip(outside, rests, strict=True) if rest}
    return [gateway for gateway in gateways if gateway.name not in resting]


def rest(name: str) -> None:
    """Leave a gateway alone that refuses everybody; without the store it is simply asked again."""
    with contextlib.suppress(errors.StoreUnavailable):
        store().pause(_rest(name), rules.GATEWAY_PAUSE)


def _rest(name: str) -> str:
    return f"gateway:{name}"
