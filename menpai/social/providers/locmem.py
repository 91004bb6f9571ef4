"""A development stand-in for a provider without keys; its consent page is in dev_consent.py.

Codes are kept in this process as long as providers keep them, and work once. It does not exist in production.
"""

import secrets
import threading
import time
from dataclasses import dataclass
from urllib.parse import urlencode

from django.conf import settings

from menpai import errors, identifiers, rules
from menpai.identifiers import SocialIdentity

APP = "development"
PAGE = "/dev/consent"
PEOPLE = {"wang": "小王", "li": "小李"}  # the same two at every provider; anybody else is new
CODE_NAMES = {"alipay": "auth_code"}  # what the code is called on its way back; elsewhere `code`
MOST = 500  # codes that are kept


@dataclass(frozen=True)
class _Grant:
    person: str
    provider: str
    redirect_uri: str
    until: float


_grants: dict[str, _Grant] = {}
_lock = threading.Lock()


class StandIn:
    app_id = APP

    def __init__(self, name: str) -> None:
        self.name = name

    def is_for(self, user_agent: str) -> bool:
        return True

    def problems(self) -> list[str]:
        return []

    def authorize_url(self, state: str, redirect_uri: str) -> str:
        query = {"provider": self.name, "state": state, "redirect_uri": redirect_uri}
        return f"{settings.MENPAI_PUBLIC_URL}{PAGE}?{urlencode(query)}"

    def exchange(self, code: str, redirect_uri: str) -> SocialIdentity:
        with _lock:
            grant = _grants.pop(code, None)
        if grant is None or (grant.provider, grant.redirect_uri) != (self.name, redirect_uri):
            raise errors.SocialRefused("code")
        if grant.until < time.time():
            raise errors.SocialRefused("expired")
        identity = identifiers.social_identity(self.name, APP, grant.person, f"union.{grant.person}")
        if identity is None:
            raise errors.SocialTokenBad("nobody")
        return identity.called(PEOPLE.get(grant.person, "新朋友"), rules.NICKNAME_LENGTH)


def grant(person: str, provider: str, redirect_uri: str) -> str:
    """A code with which this person returns."""
    code = secrets.token_urlsafe(16)
    with _lock:
        while len(_grants) >= MOST:
            del _grants[next(iter(_grants))]
        until = time.time() + rules.SOCIAL_STATE_LIFE.total_seconds()
        _grants[code] = _Grant(person, provider, redirect_uri, until)
    return code
