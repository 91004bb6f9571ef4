"""SMS gateways, one vendor a file; and `outbox`, which sends nothing, for development.

A file put here is found by its name (gateway.py says what it must hold, CONTRIBUTING.md how one is added);
selection.py chooses among those that the operator has configured.
"""

from importlib import import_module
from pkgutil import iter_modules
from typing import cast

from menpai.delivery.sms import routes
from menpai.delivery.sms.gateway import Gateway, Reporting

_DEVELOPMENT = "outbox"
_MODULES = tuple(module.name for module in iter_modules(__path__))
VENDORS = tuple(name for name in _MODULES if name != _DEVELOPMENT)


def find_gateway(name: str) -> Gateway | None:
    """The gateway of that name, or None. Imported at first use: most vendors are not used."""
    return cast(Gateway, import_module(f"{__name__}.{name}")) if name in _MODULES else None


def variables() -> dict[str, str]:
    """Every setting of every vendor, with its default."""
    defaults: dict[str, str] = {}
    for vendor in VENDORS:
        defaults |= import_module(f"{__name__}.{vendor}").SETTINGS.defaults()
    return defaults


def find_reporting_gateway(name: str) -> Reporting | None:
    """The gateway of that name, if its vendor sends receipts."""
    gateway = find_gateway(name)
    return cast(Reporting, gateway) if hasattr(gateway, "receipts") else None


def problems() -> list[str]:
    """Problems with the routes and the configured gateways, for the start-up checks."""
    if problem := routes.problem():
        return [f"routes (MENPAI_SMS_ROUTES): {problem}"]
    messages = [] if routes.gateway_names() else ["MENPAI_SMS_GATEWAYS names no gateway"]
    for name in routes.gateway_names():
        gateway = find_gateway(name)
        of_name = gateway.problems() if gateway else ["there is no such SMS gateway"]
        messages += [f"{name}: {problem}" for problem in of_name]
    return messages


def configured_gateways() -> list[Gateway]:
    """The configured gateways that have no problems."""
    known = map(find_gateway, routes.gateway_names())
    return [gateway for gateway in known if gateway is not None and not gateway.problems()]
