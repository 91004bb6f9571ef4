"""Weibo (微博): OAuth 2.0 of open.weibo.com (authorize, access_token, users/show).

As public copies of its documents had it on 2026-11-21. JSON comes labelled as text/plain. The answer with the token
has the identity (`uid`) already: users/show, which works for 15 test users until the app is reviewed, is called for
the nickname only.
"""

from typing import Any
from urllib.parse import urlencode

from menpai import errors, identifiers, rules
from menpai.http.vendor_settings import VendorSettings
from menpai.identifiers import SocialIdentity
from menpai.social import exchange as social_exchange
from menpai.social.exchange import Connection
from menpai.social.provider import Provider

SETTINGS = VendorSettings(
    "WEIBO",
    needed=(
        "CLIENT_ID",
        "CLIENT_SECRET",
    ),
    optional={
        "REDIRECT_URI": "",
        "BASE_URL": "https://api.weibo.com",
    },
)
_AWAY = {"21331", "10001", "10002", "10003", "10009", "10010", "10011"}  # unavailable, system error, overload
_TOKEN = {"21314", "21315", "21316", "21317", "21319", "21327", "21332"}  # used, expired, revoked, invalid


class Weibo:
    name = "weibo"

    @property
    def app_id(self) -> str:
        return SETTINGS["CLIENT_ID"]

    def is_for(self, user_agent: str) -> bool:
        return True

    def problems(self) -> list[str]:
        return SETTINGS.problems()

    def authorize_url(self, state: str, redirect_uri: str) -> str:
        query = {"client_id": self.app_id, "redirect_uri": redirect_uri, "response_type": "code", "state": state}
        return f"{SETTINGS['BASE_URL']}/oauth2/authorize?{urlencode(query)}"

    def exchange(self, code: str, redirect_uri: str) -> SocialIdentity:
        form = {
            "client_id": self.app_id,
            "client_secret": SETTINGS["CLIENT_SECRET"],
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
        }
        answer = social_exchange.run_exchange(lambda connection: _token(connection, form))
        identity = identifiers.social_identity(self.name, self.app_id, answer.get("uid"))
        token = answer.get("access_token")
        if identity is None or not isinstance(token, str) or not token:
            raise errors.SocialTokenBad("nobody")
        query = {"access_token": token, "uid": identity.openid}
        page = f"{SETTINGS['BASE_URL']}/2/users/show.json"
        profile = social_exchange.run_optional(
            lambda connection: social_exchange.read_object(connection.get(page, query))
        )
        return identity.called(profile.get("screen_name"), rules.NICKNAME_LENGTH)


def apps() -> list[Provider]:
    return [Weibo()]


def _token(connection: Connection, form: dict[str, str]) -> dict[str, Any]:
    answer = social_exchange.read_object(connection.post(f"{SETTINGS['BASE_URL']}/oauth2/access_token", form))
    if "error" in answer or "error_code" in answer:
        code = social_exchange.code_of(answer.get("error_code"))
        if code in _AWAY:
            raise errors.SocialAway(code)
        raise errors.SocialTokenBad(code) if code in _TOKEN else errors.SocialRefused(code)
    return answer
