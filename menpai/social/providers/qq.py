"""QQ: QQ 互联 (connect.qq.com), website sign-in with `fmt=json` and `unionid=1`.

As public copies of its documents had it on 2026-11-21. The identity comes from a second request (`/oauth2.0/me`).
Errors come as JSON, or wrapped in `callback( … );` whatever format was requested.
"""

import re
from typing import Any
from urllib.parse import urlencode

from menpai import errors, identifiers, rules
from menpai.http.vendor_settings import VendorSettings
from menpai.identifiers import SocialIdentity
from menpai.social import exchange as social_exchange
from menpai.social.exchange import Connection
from menpai.social.provider import Provider

SETTINGS = VendorSettings(
    "QQ",
    needed=(
        "APP_ID",
        "APP_KEY",
    ),
    optional={
        "REDIRECT_URI": "",
        "BASE_URL": "https://graph.qq.com",
    },
)
_CALLBACK = re.compile(rb"\s*callback\s*\((.*)\)\s*;?\s*", re.DOTALL)
_TOKEN = {"100013", "100014", "100015", "100016"}  # illegal, expired, revoked, does not check
_NO_UNIONID = "100048"  # the operator has not applied for it at QQ


class QQ:
    name = "qq"

    @property
    def app_id(self) -> str:
        return SETTINGS["APP_ID"]

    def is_for(self, user_agent: str) -> bool:
        return True

    def problems(self) -> list[str]:
        return SETTINGS.problems()

    def authorize_url(self, state: str, redirect_uri: str) -> str:
        query = {
            "response_type": "code",
            "client_id": self.app_id,
            "redirect_uri": redirect_uri,
            "state": state,
            "scope": "get_user_info",
        }
        return f"{SETTINGS['BASE_URL']}/oauth2.0/authorize?{urlencode(query)}"

    def exchange(self, code: str, redirect_uri: str) -> SocialIdentity:
        query = {
            "grant_type": "authorization_code",
            "client_id": self.app_id,
            "client_secret": SETTINGS["APP_KEY"],
            "code": code,
            "redirect_uri": redirect_uri,
            "fmt": "json",
        }
        token, answer = social_exchange.run_exchange(lambda connection: _exchange_code(connection, query))
        identity = identifiers.social_identity(self.name, self.app_id, answer.get("openid"), answer.get("unionid"))
        if identity is None or str(answer.get("client_id")) != self.app_id:  # a token of another app
            raise errors.SocialTokenBad("nobody")
        profile_query = {"access_token": token, "oauth_consumer_key": self.app_id, "openid": identity.openid}
        profile = social_exchange.run_optional(
            lambda connection: _request(connection, "/user/get_user_info", profile_query)
        )
        return identity.called(profile.get("nickname"), rules.NICKNAME_LENGTH)


def apps() -> list[Provider]:
    return [QQ()]


def _exchange_code(connection: Connection, query: dict[str, str]) -> tuple[str, dict[str, Any]]:
    token = _request(connection, "/oauth2.0/token", query).get("access_token")
    if not isinstance(token, str) or not token:
        raise errors.SocialTokenBad("no token")
    query_of_token = {"access_token": token, "fmt": "json"}
    try:
        return token, _request(connection, "/oauth2.0/me", query_of_token | {"unionid": "1"})
    except errors.SocialRefused as refusal:
        if refusal.detail != _NO_UNIONID:
            raise
        return token, _request(connection, "/oauth2.0/me", query_of_token)


def _request(connection: Connection, path: str, query: dict[str, str]) -> dict[str, Any]:
    content = connection.get(f"{SETTINGS['BASE_URL']}{path}", query)
    callback = _CALLBACK.fullmatch(content)
    answer = social_exchange.read_object(callback[1] if callback else content)
    if problem := answer.get("error") or answer.get("ret"):
        code = social_exchange.code_of(problem)
        raise errors.SocialTokenBad(code) if code in _TOKEN else errors.SocialRefused(code)
    return answer
