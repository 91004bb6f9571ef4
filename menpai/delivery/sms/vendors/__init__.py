"""SMS gateways, one vendor per file; selection.py chooses among them. CONTRIBUTING.md adds one in three steps."""

from importlib import import_module
from typing import TYPE_CHECKING, cast

from menpai.delivery.sms import routes
from menpai.delivery.sms.gateway import Gateway, Reporting

VENDORS = ("yuntongxun", "aliyun", "tencent", "huawei", "yunpian", "twilio", "webhook")  # each is a module here

if TYPE_CHECKING:  # that each module is what it should be
    from menpai.delivery.sms.vendors import aliyun, huawei, outbox, tencent, twilio, webhook, yunpian, yuntongxun

    _GATEWAYS: tuple[Gateway, ...] = (outbox, yuntongxun)
    _REPORTING: tuple[Reporting, ...] = (aliyun, tencent, huawei, yunpian, twilio, webhook)


def gateway_named(name: str) -> Gateway | None:
    """None when there is no gateway of that name. Imported when asked for: most vendors are not used."""
    if name not in ("outbox", *VENDORS):
        return None
    return cast(Gateway, import_module(f"{__name__}.{name}"))


def variables() -> dict[str, str]:
    """Every setting of every vendor, with its default."""
    found: dict[str, str] = {}
    for vendor in VENDORS:
        found |= import_module(f"{__name__}.{vendor}").SETTINGS.defaults()
    return found


def reporting(name: str) -> Reporting | None:
    """The gateway of that name, if its vendor tells what became of an SMS."""
    gateway = gateway_named(name)
    return cast(Reporting, gateway) if hasattr(gateway, "receipts") else None


def problems() -> list[str]:
    """What is wrong with the routes or with any of the configured gateways, for the start-up checks."""
    if words := routes.problem():
        return [f"routes (MENPAI_SMS_ROUTES): {words}"]
    found = [] if routes.gateways() else ["MENPAI_SMS_GATEWAYS names no gateway"]
    for name in routes.gateways():
        gateway = gateway_named(name)
        found += [f"{name}: {what}" for what in (gateway.problems() if gateway else ["there is no such SMS gateway"])]
    return found


def configured_gateways() -> list[Gateway]:
    """The configured gateways that nothing is wrong with."""
    known = map(gateway_named, routes.gateways())
    return [gateway for gateway in known if gateway is not None and not gateway.problems()]
