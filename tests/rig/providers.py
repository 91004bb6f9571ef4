"""Weibo, WeChat, QQ and Alipay on loopback, each with its own forms, errors and checks.

Written from the vendors' documents as public copies have them, not from our code. People are called wang, li, …: what
each provider calls them is its own affair (`openid_of`).
"""

import base64
import hashlib
import json
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tests.rig.vendor import Answer, Fields, Vendor

NICKNAME = "爱吃<b>辣椒</b>的小王\u202e🌶"
SHOWN = "爱吃b辣椒/b的小王🌶"


def _json(said: Any, kind: str = "application/json") -> Answer:
    return kind, json.dumps(said).encode()


def _asked(url: str) -> Fields:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


class Weibo(Vendor):
    name, PROFILE = "weibo", "/2/users/show.json"
    REDIRECT = "http://127.0.0.1:8000/social/weibo/callback"
    ID, SECRET = "1234567890", "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
    reviewed = True  # before, users/show is for test users only
    says: Fields | None = None  # in place of a token

    @property
    def environment(self) -> Fields:
        self.secrets.add(self.SECRET)
        own = {"CLIENT_ID": self.ID, "CLIENT_SECRET": self.SECRET, "BASE_URL": self.url}
        return {f"MENPAI_WEIBO_{name}": value for name, value in own.items()}

    def openid_of(self, person: str) -> str:
        return str(int.from_bytes(person.encode()) % 10**10)

    def consent(self, url: str, person: str) -> Fields:
        asked = _asked(url)
        assert url.startswith(f"{self.url}/oauth2/authorize?")
        assert set(asked) == {"client_id", "redirect_uri", "response_type", "state"} and asked["client_id"] == self.ID
        assert (asked["redirect_uri"], asked["response_type"]) == (self.REDIRECT, "code")
        return {"code": self.new_code(person), "state": asked["state"]}

    def answer(self, method: str, path: str, sent: Fields) -> Answer:
        if path == self.PROFILE:
            return self._show(sent)
        self.check("POST access_token", (method, path) == ("POST", "/oauth2/access_token"))
        if self.says is not None:
            return _json(self.says, "text/plain;charset=UTF-8")
        wrong = self._wrong(sent)
        if wrong:
            said: dict[str, Any] = {"error": wrong[0], "error_code": wrong[1], "error_description": f"for {sent}"}
            return _json(said, "text/plain;charset=UTF-8")
        person = self.redeem(sent["code"])
        if person is None:
            return _json({"error": "invalid_grant", "error_code": 21325}, "text/plain;charset=UTF-8")
        told = {"access_token": self.new_token(person), "remind_in": "157679999", "expires_in": 157679999}
        return _json(told | {"uid": self.openid_of(person), "isRealName": "true"}, "text/plain;charset=UTF-8")

    def _wrong(self, sent: Fields) -> tuple[str, int] | None:
        if sent.get("client_id") != self.ID or sent.get("client_secret") != self.SECRET:
            return "invalid_client", 21324
        if sent.get("grant_type") != "authorization_code":
            return "unsupported_grant_type", 21328
        return None if sent.get("redirect_uri") == self.REDIRECT else ("redirect_uri_mismatch", 21322)

    def _show(self, sent: Fields) -> Answer:
        person = self.whose(sent.get("access_token", ""))
        self.check("show: own token and uid", person is not None and sent.get("uid") == self.openid_of(person))
        if not self.reviewed:
            return _json({"error": "applications over the unaudited use restrictions!", "error_code": 21321})
        return _json({"idstr": sent["uid"], "screen_name": NICKNAME})


class WeChat(Vendor):
    name, PROFILE = "wechat", "/sns/userinfo"
    REDIRECT = "http://127.0.0.1:8000/social/wechat/callback"
    ID, SECRET = "wxa1b2c3d4e5f60001", "wechat0secret0000000000000000001"
    MP_ID, MP_SECRET = "wxa1b2c3d4e5f60002", "wechat0secret0000000000000000002"
    unionid_in = "token"  # or "profile", or "nowhere"
    snapshot = False

    @property
    def environment(self) -> Fields:
        self.secrets |= {self.SECRET, self.MP_SECRET}
        own = {"APP_ID": self.ID, "SECRET": self.SECRET, "MP_APP_ID": self.MP_ID, "MP_SECRET": self.MP_SECRET}
        return {f"MENPAI_WECHAT_{name}": v for name, v in (own | {"PAGE_URL": self.url, "BASE_URL": self.url}).items()}

    def openid_of(self, person: str, app: str = ID) -> str:
        return "o" + base64.urlsafe_b64encode(hashlib.sha256(f"{app}{person}".encode()).digest())[:27].decode()

    def unionid_of(self, person: str) -> str:
        return self.openid_of(person, "union")

    def consent(self, url: str, person: str) -> Fields:
        asked, page = _asked(url), urlsplit(url)
        inside = page.path == "/connect/oauth2/authorize"
        assert inside or page.path == "/connect/qrconnect"
        assert page.fragment == "wechat_redirect" and asked["redirect_uri"] == self.REDIRECT
        assert list(asked) == ["appid", "redirect_uri", "response_type", "scope", "state"]
        wanted = (self.MP_ID, "snsapi_userinfo") if inside else (self.ID, "snsapi_login")
        assert (asked["appid"], asked["scope"]) == wanted
        assert len(asked["state"]) <= 128 and asked["state"].isalnum() and asked["state"].isascii()
        return {"code": self.new_code(f"{person}@{asked['appid']}"), "state": asked["state"]}

    def answer(self, method: str, path: str, sent: Fields) -> Answer:
        self.check("GET", method == "GET")
        if path == self.PROFILE:
            return self._userinfo(sent)
        self.check("access_token", path == "/sns/oauth2/access_token" and sent["grant_type"] == "authorization_code")
        known = {self.ID: self.SECRET, self.MP_ID: self.MP_SECRET}
        if sent.get("appid") not in known:
            return _json({"errcode": 40013, "errmsg": f"invalid appid, {sent}"}, "text/plain")
        if sent.get("secret") != known[sent["appid"]]:
            return _json({"errcode": 40125, "errmsg": f"invalid appsecret, {sent}"}, "text/plain")
        who = self.redeem(sent.get("code", ""))
        if who is None or not who.endswith(f"@{sent['appid']}"):
            return _json({"errcode": 40163 if who is None else 40029, "errmsg": "code been used"}, "text/plain")
        person, _, app = who.partition("@")
        said = {"access_token": self.new_token(person), "expires_in": 7200, "openid": self.openid_of(person, app)}
        said |= {"unionid": self.unionid_of(person)} if self.unionid_in == "token" else {}
        said |= {"is_snapshotuser": 1} if self.snapshot else {}
        return _json(said | {"refresh_token": self.new_token(person), "scope": "snsapi_login"}, "text/plain")

    def _userinfo(self, sent: Fields) -> Answer:
        person = self.whose(sent.get("access_token", ""))
        if person is None:
            return _json({"errcode": 40001, "errmsg": "invalid credential"}, "text/plain")
        own = [self.openid_of(person, app) for app in (self.ID, self.MP_ID)]
        self.check("userinfo: own openid", sent["openid"] in own)
        said = {"openid": sent["openid"], "nickname": NICKNAME, "headimgurl": "https://thirdwx.qlogo.cn/0"}
        return _json(
            said | ({"unionid": self.unionid_of(person)} if self.unionid_in == "profile" else {}), "text/plain"
        )


class QQ(Vendor):
    name, PROFILE = "qq", "/user/get_user_info"
    REDIRECT = "http://127.0.0.1:8000/social/qq/callback"
    ID, SECRET = "101234567", "9a8b7c6d5e4f30211203f4e5d6c7b8a9"
    unionids = True  # the operator has asked QQ for them
    other_app = False  # the token belongs to another app

    @property
    def environment(self) -> Fields:
        self.secrets.add(self.SECRET)
        own = {"APP_ID": self.ID, "APP_KEY": self.SECRET, "BASE_URL": self.url}
        return {f"MENPAI_QQ_{name}": value for name, value in own.items()}

    def openid_of(self, person: str) -> str:
        return hashlib.md5(person.encode()).hexdigest().upper()

    def unionid_of(self, person: str) -> str:
        return f"UID_{self.openid_of(person)}"

    def consent(self, url: str, person: str) -> Fields:
        asked = _asked(url)
        assert url.startswith(f"{self.url}/oauth2.0/authorize?")
        assert (asked["response_type"], asked["client_id"], asked["redirect_uri"]) == ("code", self.ID, self.REDIRECT)
        return {"code": self.new_code(person), "state": asked["state"]}

    def answer(self, method: str, path: str, sent: Fields) -> Answer:
        self.check("GET", method == "GET")
        if path == "/oauth2.0/token":
            return self._token(sent)
        person = self.whose(sent.get("access_token", ""))
        if person is None:
            return self._error(100016, "access token check failed", sent)
        if path == "/oauth2.0/me":
            return self._me(person, sent)
        self.check("get_user_info", sent["oauth_consumer_key"] == self.ID and sent["openid"] == self.openid_of(person))
        return _json({"ret": 0, "msg": "", "nickname": NICKNAME, "figureurl_qq": "https://thirdqq.qlogo.cn/0"})

    def _token(self, sent: Fields) -> Answer:
        if sent.get("client_id") != self.ID or sent.get("client_secret") != self.SECRET:
            return self._error(100009, "client_secret is wrong", sent)
        if sent.get("redirect_uri") != self.REDIRECT or sent.get("grant_type") != "authorization_code":
            return self._error(100010, "redirect uri is illegal", sent)
        person = self.redeem(sent.get("code", ""))
        if person is None:
            return self._error(100020, "code is reused error", sent)
        token, refresh = self.new_token(person), self.new_token(person)
        if sent.get("fmt") != "json":
            return "text/html", f"access_token={token}&expires_in=7776000&refresh_token={refresh}".encode()
        return _json({"access_token": token, "expires_in": "7776000", "refresh_token": refresh})

    def _me(self, person: str, sent: Fields) -> Answer:
        if sent.get("unionid") == "1" and not self.unionids:
            return self._error(100048, "companyid not set", sent)
        said = {"client_id": "101999999" if self.other_app else self.ID, "openid": self.openid_of(person)}
        if sent.get("unionid") == "1":
            said["unionid"] = self.unionid_of(person)
        return (
            _json(said) if sent.get("fmt") == "json" else ("text/html", f"callback( {json.dumps(said)} );\n".encode())
        )

    def _error(self, code: int, text: str, sent: Fields) -> Answer:
        """Wrapped, whatever form was asked for."""
        said = json.dumps({"error": code, "error_description": f"{text} {sent.get('code')}"})
        return "text/html", f"callback( {said} );\n".encode()


class Alipay(Vendor):
    name, PROFILE = "alipay", "alipay.user.info.share"
    REDIRECT = "http://127.0.0.1:8000/social/alipay/callback"
    ID = "2021000122650399"
    ids = "user_id"  # or "open_id", as newer apps
    forged = False  # the answer's signature is somebody else's

    @property
    def environment(self) -> Fields:
        own = {"APP_ID": self.ID, "PAGE_URL": self.url, "BASE_URL": self.url}
        own |= {"PRIVATE_KEY": _private(_key("shop")), "PUBLIC_KEY": _public(_key("alipay"))}
        self.secrets.add(own["PRIVATE_KEY"])
        return {f"MENPAI_ALIPAY_{name}": value for name, value in own.items()}

    def openid_of(self, person: str) -> str:
        number = f"2088{int.from_bytes(person.encode()) % 10**12:012d}"
        return number if self.ids == "user_id" else f"074{number}-Xs_{number[-4:]}"

    def consent(self, url: str, person: str) -> Fields:
        asked = _asked(url)
        assert url.startswith(f"{self.url}/oauth2/publicAppAuthorize.htm?")
        assert (asked["app_id"], asked["scope"], asked["redirect_uri"]) == (self.ID, "auth_user", self.REDIRECT)
        assert len(asked["state"]) <= 100 and base64.b64decode(asked["state"], validate=True)
        return {"auth_code": self.new_code(person), "state": asked["state"]}

    def answer(self, method: str, path: str, sent: Fields) -> Answer:
        self.check("POST gateway", (method, path) == ("POST", "/gateway.do"))
        node = f"{sent['method'].replace('.', '_')}_response"
        said = self._refused(sent) or (self._token(sent) if "token" in node else self._share(sent))
        # A failure has either node; both are signed alike.
        node = "error_response" if said.get("code", "10000") != "10000" else node
        text = json.dumps(said, ensure_ascii=False, separators=(",", ":")).replace("/", "\\/")
        sign = base64.b64encode(_key("thief" if self.forged else "alipay").sign(text.encode(), *RSA2)).decode()
        return "text/html;charset=utf-8", f'{{"{node}":{text},"sign":"{sign}"}}'.encode()

    def _refused(self, sent: Fields) -> dict[str, str] | None:
        signed = "&".join(f"{name}={sent[name]}" for name in sorted(sent) if name != "sign" and sent[name])
        self.check("fields", {"format", "charset", "version"} <= set(sent) and sent["sign_type"] == "RSA2")
        at = datetime.strptime(sent["timestamp"], "%Y-%m-%d %H:%M:%S") - timedelta(hours=8)
        self.check("Beijing time", abs(at - datetime.utcnow()) < timedelta(minutes=15))
        try:
            _key("shop").public_key().verify(base64.b64decode(sent["sign"]), signed.encode(), *RSA2)
        except InvalidSignature:
            return {"code": "40002", "msg": "Invalid Arguments", "sub_code": "isv.invalid-signature"}
        if sent["app_id"] != self.ID:
            return {"code": "40002", "msg": "Invalid Arguments", "sub_code": "isv.invalid-app-id"}
        return None

    def _token(self, sent: Fields) -> dict[str, Any]:
        person = self.redeem(sent.get("code", "")) if sent.get("grant_type") == "authorization_code" else None
        if person is None:
            return {"code": "40002", "msg": "Invalid Arguments", "sub_code": "isv.code-invalid", "sub_msg": f"{sent}"}
        told = {"access_token": self.new_token(person), "refresh_token": self.new_token(person), "expires_in": 1296000}
        return told | {self.ids: self.openid_of(person), "auth_start": "2026-11-21 10:00:00"}

    def _share(self, sent: Fields) -> dict[str, Any]:
        person = self.whose(sent.get("auth_token", ""))
        if person is None:
            return {"code": "20001", "msg": "Insufficient Token", "sub_code": "aop.invalid-auth-token"}
        return {"code": "10000", "msg": "Success", self.ids: self.openid_of(person), "nick_name": NICKNAME}


RSA2 = (padding.PKCS1v15(), hashes.SHA256())
ALL = (Weibo, WeChat, QQ, Alipay)


@cache
def _key(_whose: str) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _private(key: rsa.RSAPrivateKey) -> str:
    kind = serialization.PrivateFormat.PKCS8
    raw = key.private_bytes(serialization.Encoding.DER, kind, serialization.NoEncryption())
    return base64.b64encode(raw).decode()


def _public(key: rsa.RSAPrivateKey) -> str:
    raw = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(raw).decode()
