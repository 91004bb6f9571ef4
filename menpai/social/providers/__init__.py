"""Sign-in providers, one a file: weibo, wechat, qq, alipay; `locmem` plays any of them in development.

A file put here is found by its name (provider.py says what it must hold); this module chooses among them.
"""

import logging
from importlib import import_module
from pkgutil import iter_modules
from typing import cast

from django.conf import settings

from menpai import errors
from menpai.http import loopback
from menpai.identifiers import SocialIdentity
from menpai.social.provider import Provider, ProviderModule

logger = logging.getLogger(__name__)
_DEVELOPMENT = "locmem"
NAMES = tuple(module.name for module in iter_modules(__path__) if module.name != _DEVELOPMENT)


def find_provider(name: str, user_agent: str = "") -> Provider | None:
    """The provider of that name, for this browser. None when there is none."""
    apps = _apps(name)
    if any(app.app_id for app in apps):
        return next((app for app in apps if app.app_id and app.is_for(user_agent)), None)
    if not apps or settings.PRODUCTION or not loopback.has_development_pages():
        return next(iter(apps), None)
    # In development a provider without keys is played.
    from menpai.social.providers import locmem

    return locmem.StandIn(name)


def choose_provider(name: str, user_agent: str) -> Provider:
    """The provider of that name, working and for this browser. Raises ProviderUnknown."""
    if name in settings.MENPAI_SOCIAL_PROVIDERS:
        provider = find_provider(name, user_agent)
        if provider is not None and not provider.problems():
            return provider
    raise errors.ProviderUnknown


def identify(provider: Provider, code: str) -> SocialIdentity:
    """The account that a provider's code stands for. Raises SocialRefused, SocialTokenBad, SocialAway."""
    try:
        return provider.exchange(code, redirect_uri(provider.name))
    except errors.SocialRefused as refusal:
        # For the operator: a wrong secret looks like this. The detail is a code of the provider's.
        logger.warning("social sign-in: %s: %s %s", provider.name, type(refusal).__name__, refusal.detail)
        raise


def list_usable(user_agent: str) -> list[str]:
    """The names of the providers that work, for this browser, in the operator's order."""
    named = ((name, find_provider(name, user_agent)) for name in settings.MENPAI_SOCIAL_PROVIDERS)
    return [name for name, provider in named if provider is not None and not provider.problems()]


def problems() -> list[str]:
    """Problems with the configured providers, for the start-up checks."""
    messages = []
    for name in settings.MENPAI_SOCIAL_PROVIDERS:
        default = find_provider(name)
        apps = [app for app in _apps(name) if app.app_id] or ([default] if default else [])
        of_name = [problem for app in apps for problem in app.problems()] if apps else ["there is no such provider"]
        messages += [f"{name}: {problem}" for problem in of_name]
    return messages


def variables() -> dict[str, str]:
    """Every setting of every provider, with its default."""
    return {variable: default for name in NAMES for variable, default in _module(name).SETTINGS.defaults().items()}


def redirect_uri(name: str) -> str:
    """The address to which the provider sends people back: our own page, unless the operator has another."""
    return _module(name).SETTINGS["REDIRECT_URI"] or f"{settings.MENPAI_PUBLIC_URL}/social/{name}/callback"


def _apps(name: str) -> list[Provider]:
    return _module(name).apps() if name in NAMES else []


def _module(name: str) -> ProviderModule:
    """Imported at first use: most providers are not used."""
    return cast(ProviderModule, import_module(f"{__name__}.{name}"))
