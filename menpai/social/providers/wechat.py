"""WeChat (微信): website sign-in, and sign-in inside WeChat's own browser.

The first is the open platform's (connect/qrconnect), the second the official account's (connect/oauth2/authorize,
网页授权); both as public copies of the documents had them on 2026-11-21.

The two are different apps with different openids. The unionid, which both get where they belong to one account of the
open platform, says that it is the same person.
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
    "WECHAT",
    needed=(),
    optional={
        "APP_ID": "",
        "SECRET": "",
        "MP_APP_ID": "",
        "MP_SECRET": "",
        "REDIRECT_URI": "",
        "PAGE_URL": "https://open.weixin.qq.com",
        "BASE_URL": "https://api.weixin.qq.com",
    },
)
BROWSER = "MicroMessenger"  # in its User-Agent
_AWAY = {"-1", "45009", "45011", "50002"}  # busy, too often
_TOKEN = {"40001", "40014", "42001", "42007"}  # of the profile's token; 40001 also: wrong secret


class WeChat:
    """`inside`: in WeChat's own browser, where only the official account can ask for consent."""

    name = "wechat"

    def __init__(self, *, inside: bool) -> None:
        self.inside = inside

    @property
    def app_id(self) -> str:
        return SETTINGS["MP_APP_ID" if self.inside else "APP_ID"]

    def is_for(self, user_agent: str) -> bool:
        return self.inside == (BROWSER in user_agent)

    def problems(self) -> list[str]:
        return SETTINGS.problems(("MP_APP_ID", "MP_SECRET") if self.inside else ("APP_ID", "SECRET"))

    def authorize_url(self, state: str, redirect_uri: str) -> str:
        # The order is the document's: the official account's page is picky about it.
        query = {
            "appid": self.app_id,
            "redirect_uri": redirect_uri,
            "response_type": "code",
            "scope": "snsapi_userinfo" if self.inside else "snsapi_login",
            "state": state,
        }
        page = "oauth2/authorize" if self.inside else "qrconnect"
        return f"{SETTINGS['PAGE_URL']}/connect/{page}?{urlencode(query)}#wechat_redirect"

    def exchange(self, code: str, redirect_uri: str) -> SocialIdentity:
        secret = SETTINGS["MP_SECRET" if self.inside else "SECRET"]
        query = {"appid": self.app_id, "secret": secret, "code": code, "grant_type": "authorization_code"}
        answer = social_exchange.run_exchange(
            lambda connection: _request(connection, "/sns/oauth2/access_token", query)
        )
        identity = identifiers.social_identity(self.name, self.app_id, answer.get("openid"), answer.get("unionid"))
        token = answer.get("access_token")
        if identity is None or not isinstance(token, str) or answer.get("is_snapshotuser") == 1:
            raise errors.SocialTokenBad("nobody")  # WeChat makes up a snapshot user for people who only look
        profile_query = {"access_token": token, "openid": identity.openid, "lang": "zh_CN"}
        profile = social_exchange.run_optional(lambda connection: _request(connection, "/sns/userinfo", profile_query))
        if identity.unionid is None:
            with_unionid = identifiers.social_identity(self.name, self.app_id, identity.openid, profile.get("unionid"))
            identity = with_unionid or identity
        return identity.called(profile.get("nickname"), rules.NICKNAME_LENGTH)


def apps() -> list[Provider]:
    return [WeChat(inside=False), WeChat(inside=True)]


def _request(connection: Connection, path: str, query: dict[str, str]) -> dict[str, Any]:
    answer = social_exchange.read_object(connection.get(f"{SETTINGS['BASE_URL']}{path}", query))
    if answer.get("errcode"):
        code = social_exchange.code_of(answer["errcode"])
        if code in _AWAY:
            raise errors.SocialAway(code)
        raise errors.SocialTokenBad(code) if code in _TOKEN else errors.SocialRefused(code)
    return answer
