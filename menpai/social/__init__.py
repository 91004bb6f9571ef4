"""Signing in with Weibo, WeChat, QQ or Alipay: what every provider is, and which of them there are. docs/social.md"""

from typing import Protocol

from django.conf import settings

from menpai import errors
from menpai.identifiers import SocialIdentity

NAMES = ("weibo", "wechat", "qq", "alipay")


class Provider(Protocol):
    """One app at one provider."""

    @property
    def name(self) -> str: ...

    @property
    def app_id(self) -> str:
        """Ours, at this provider; empty when nothing is set up."""

    def problems(self) -> list[str]:
        """What is missing before it can work; empty when nothing is."""

    def authorize_url(self, state: str, redirect_uri: str) -> str:
        """Where the customer goes to say yes."""

    def exchange(self, code: str, redirect_uri: str) -> SocialIdentity:
        """Who came back with this code. Raises SocialRefused, SocialTokenBad, SocialAway, and nothing else."""


def named(name: str, user_agent: str = "") -> Provider | None:
    """The provider of that name, for this browser; imported when asked for. None when there is none."""
    from menpai.social import locmem

    return locmem.StandIn(name) if name in NAMES and locmem.is_wanted("") else None


def chosen(name: str, user_agent: str) -> Provider:
    """One that works, for this browser. Raises ProviderUnknown."""
    if name in settings.MENPAI_SOCIAL_PROVIDERS:
        found = named(name, user_agent)
        if found is not None and not found.problems():
            return found
    raise errors.ProviderUnknown


def usable(user_agent: str) -> list[str]:
    """The names of those that work, for this browser, in the operator's order."""
    found = ((name, named(name, user_agent)) for name in settings.MENPAI_SOCIAL_PROVIDERS)
    return [name for name, one in found if one is not None and not one.problems()]
