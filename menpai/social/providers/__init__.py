"""Signing in with Weibo, WeChat, QQ or Alipay: what every provider is, and which of them there are. docs/social.md"""

from typing import Protocol

from django.conf import settings

from menpai import errors
from menpai.identifiers import SocialIdentity

NAMES = ("weibo", "wechat", "qq", "alipay")  # every provider that could be set up


class Provider(Protocol):
    """One app at one provider."""

    @property
    def name(self) -> str: ...

    @property
    def app_id(self) -> str:
        """Ours, at this provider; empty when nothing is set up."""

    def is_for(self, user_agent: str) -> bool:
        """Whether it can ask in this browser."""

    def problems(self) -> list[str]:
        """What is missing before it can work; empty when nothing is."""

    def authorize_url(self, state: str, redirect_uri: str) -> str:
        """Where the customer goes to say yes."""

    def exchange(self, code: str, redirect_uri: str) -> SocialIdentity:
        """Who came back with this code. Raises SocialRefused, SocialTokenBad, SocialAway, and nothing else."""


def provider_named(name: str, user_agent: str = "") -> Provider | None:
    """The provider of that name, for this browser. None when there is none."""
    apps = _apps(name)
    if any(one.app_id for one in apps):
        return next((one for one in apps if one.app_id and one.is_for(user_agent)), None)
    if not apps or settings.PRODUCTION or not settings.MENPAI_DEV_MAILBOX:
        return next(iter(apps), None)
    # Nothing is set up, in development: it is played.
    from menpai.social.providers import locmem

    return locmem.StandIn(name)


def _apps(name: str) -> list[Provider]:
    """Imported when asked for: most providers are not used."""
    if name == "weibo":
        from menpai.social.providers.weibo import Weibo

        return [Weibo()]
    if name == "wechat":
        from menpai.social.providers.wechat import WeChat

        return [WeChat(inside=False), WeChat(inside=True)]
    if name == "qq":
        from menpai.social.providers.qq import QQ

        return [QQ()]
    if name == "alipay":
        from menpai.social.providers.alipay import Alipay

        return [Alipay()]
    return []


def chosen(name: str, user_agent: str) -> Provider:
    """One that works, for this browser. Raises ProviderUnknown."""
    if name in settings.MENPAI_SOCIAL_PROVIDERS:
        found = provider_named(name, user_agent)
        if found is not None and not found.problems():
            return found
    raise errors.ProviderUnknown


def usable(user_agent: str) -> list[str]:
    """The names of those that work, for this browser, in the operator's order."""
    found = ((name, provider_named(name, user_agent)) for name in settings.MENPAI_SOCIAL_PROVIDERS)
    return [name for name, one in found if one is not None and not one.problems()]


def problems() -> list[str]:
    """What is wrong with any of the configured providers, for the start-up checks."""
    found = []
    for name in settings.MENPAI_SOCIAL_PROVIDERS:
        first = provider_named(name)
        apps = [one for one in _apps(name) if one.app_id] or ([first] if first else [])
        wrong = [what for one in apps for what in one.problems()] if apps else ["there is no such provider"]
        found += [f"{name}: {what}" for what in wrong]
    return found
