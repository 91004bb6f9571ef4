"""QQ: QQ 互联 (connect.qq.com), website sign-in with `fmt=json` and `unionid=1`, as public copies of its documents had
it on 2026-11-21.

Who it is comes from a second question (`/oauth2.0/me`). Errors come as JSON, or wrapped in `callback( … );` whatever
was asked for.
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
_NO_UNIONID = "100048"  # the operator has not asked QQ for it


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
        asked = {
            "response_type": "code",
            "client_id": self.app_id,
            "redirect_uri": redirect_uri,
            "state": state,
            "scope": "get_user_info",
        }
        return f"{SETTINGS['BASE_URL']}/oauth2.0/authorize?{urlencode(asked)}"

    def exchange(self, code: str, redirect_uri: str) -> SocialIdentity:
        asked = {
            "grant_type": "authorization_code",
            "client_id": self.app_id,
            "client_secret": SETTINGS["APP_KEY"],
            "code": code,
            "redirect_uri": redirect_uri,
            "fmt": "json",
        }
        token, said = social_exchange.run_exchange(lambda line: _whose(line, asked))
        found = identifiers.social_identity(self.name, self.app_id, said.get("openid"), said.get("unionid"))
        if found is None or str(said.get("client_id")) != self.app_id:  # a token of another app
            raise errors.SocialTokenBad("nobody")
        who = {"access_token": token, "oauth_consumer_key": self.app_id, "openid": found.openid}
        profile = social_exchange.run_optional(lambda line: _asked(line, "/user/get_user_info", who))
        return found.called(profile.get("nickname"), rules.NICKNAME_LENGTH)


def apps() -> list[Provider]:
    return [QQ()]


def _whose(line: Connection, asked: dict[str, str]) -> tuple[str, dict[str, Any]]:
    token = _asked(line, "/oauth2.0/token", asked).get("access_token")
    if not isinstance(token, str) or not token:
        raise errors.SocialTokenBad("no token")
    who = {"access_token": token, "fmt": "json"}
    try:
        return token, _asked(line, "/oauth2.0/me", who | {"unionid": "1"})
    except errors.SocialRefused as no:
        if no.detail != _NO_UNIONID:
            raise
        return token, _asked(line, "/oauth2.0/me", who)


def _asked(line: Connection, path: str, query: dict[str, str]) -> dict[str, Any]:
    content = line.get(f"{SETTINGS['BASE_URL']}{path}", query)
    wrapped = _CALLBACK.fullmatch(content)
    said = social_exchange.read_object(wrapped[1] if wrapped else content)
    if problem := said.get("error") or said.get("ret"):
        code = social_exchange.code_of(problem)
        raise errors.SocialTokenBad(code) if code in _TOKEN else errors.SocialRefused(code)
    return said
