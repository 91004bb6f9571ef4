"""The interface of a sign-in provider: a module in providers/ with `SETTINGS` and `apps` is one.

See docs/social.md.
"""

from typing import Protocol

from menpai.http.vendor_settings import VendorSettings
from menpai.identifiers import SocialIdentity


class Provider(Protocol):
    """One app at one provider."""

    @property
    def name(self) -> str: ...

    @property
    def app_id(self) -> str:
        """Ours, at this provider; empty when nothing is set up."""

    def is_for(self, user_agent: str) -> bool:
        """True if the provider can ask for consent in this browser."""

    def problems(self) -> list[str]:
        """The settings that are missing or wrong; empty if it can work."""

    def authorize_url(self, state: str, redirect_uri: str) -> str:
        """The page on which the customer consents."""

    def exchange(self, code: str, redirect_uri: str) -> SocialIdentity:
        """The identity of the person who came back with this code.

        Raises SocialRefused, SocialTokenBad, SocialAway, and nothing else.
        """


class ProviderModule(Protocol):
    """One provider, with all its apps."""

    @property
    def SETTINGS(self) -> VendorSettings:
        """Its settings; REDIRECT_URI is one of them."""

    def apps(self) -> list[Provider]:
        """Every app that can be set up, the first one for browsers in general."""
