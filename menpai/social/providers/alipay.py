"""Alipay (支付宝): website sign-in, openauth `publicAppAuthorize.htm`, then alipay.system.oauth.token and
alipay.user.info.share of the open platform's gateway, RSA2; the documents as public copies had them on 2026-11-21.

The code comes back as `auth_code`. Newer apps are given an `open_id`, older ones the `user_id`, which is the same for
every app. With MENPAI_ALIPAY_PUBLIC_KEY the gateway's own signature is checked: it covers the answer's text as sent.
"""

import base64
import binascii
import json
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from django.utils import timezone

from menpai import errors, identifiers, rules
from menpai.http.vendor_settings import VendorSettings
from menpai.identifiers import SocialIdentity
from menpai.social import exchange as social_exchange
from menpai.social.exchange import Connection
from menpai.social.provider import Provider

SETTINGS = VendorSettings(
    "ALIPAY",
    needed=(
        "APP_ID",
        "PRIVATE_KEY",
    ),
    optional={
        "PUBLIC_KEY": "",
        "REDIRECT_URI": "",
        "PAGE_URL": "https://openauth.alipay.com",
        "BASE_URL": "https://openapi.alipay.com",
    },
)
BEIJING = ZoneInfo("Asia/Shanghai")  # the gateway reads the timestamp as its own local time
_BITS = 2048
_AWAY = {"20000", "isp.unknow-error", "aop.unknow-error"}
_TOKEN = {"aop.invalid-auth-token", "aop.auth-token-time-out", "isv.invalid-auth-token"}


class Alipay:
    name = "alipay"

    @property
    def app_id(self) -> str:
        return SETTINGS["APP_ID"]

    def is_for(self, user_agent: str) -> bool:
        return True

    def problems(self) -> list[str]:
        messages = SETTINGS.problems()
        for name, read in (("PRIVATE_KEY", _private_key), ("PUBLIC_KEY", _public_key)):
            try:
                if SETTINGS[name]:
                    read()
            except ValueError:
                messages.append(f"MENPAI_ALIPAY_{name} is no RSA key of 2048 bits or more (base64 of DER, or PEM)")
        return messages

    def authorize_url(self, state: str, redirect_uri: str) -> str:
        query = {"app_id": self.app_id, "scope": "auth_user", "redirect_uri": redirect_uri, "state": state}
        return f"{SETTINGS['PAGE_URL']}/oauth2/publicAppAuthorize.htm?{urlencode(query)}"

    def exchange(self, code: str, redirect_uri: str) -> SocialIdentity:
        fields = {"grant_type": "authorization_code", "code": code}
        answer = social_exchange.run_exchange(
            lambda connection: self._request(connection, "alipay.system.oauth.token", fields)
        )
        user, token = answer.get("user_id"), answer.get("access_token")
        identity = identifiers.social_identity(
            self.name, self.app_id, answer.get("open_id") or user, user or answer.get("union_id")
        )
        if identity is None or not isinstance(token, str) or not token:
            raise errors.SocialTokenBad("nobody")
        profile_fields = {"auth_token": token}
        profile = social_exchange.run_optional(
            lambda connection: self._request(connection, "alipay.user.info.share", profile_fields)
        )
        return identity.called(profile.get("nick_name"), rules.NICKNAME_LENGTH)

    def _request(self, connection: Connection, method: str, fields: dict[str, str]) -> dict[str, Any]:
        form = {
            "app_id": self.app_id,
            "method": method,
            "format": "JSON",
            "charset": "utf-8",
            "sign_type": "RSA2",
            "timestamp": f"{timezone.now().astimezone(BEIJING):%Y-%m-%d %H:%M:%S}",
            "version": "1.0",
            **fields,
        }
        form["sign"] = sign(form)
        content = connection.post(f"{SETTINGS['BASE_URL']}/gateway.do?charset=utf-8", form)
        return _read(content, f"{method.replace('.', '_')}_response")


def apps() -> list[Provider]:
    return [Alipay()]


def sign(form: dict[str, str]) -> str:
    """RSA2: SHA256 with RSA over the sorted fields."""
    text = "&".join(f"{name}={form[name]}" for name in sorted(form) if form[name])
    return base64.b64encode(_private_key().sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())).decode()


def _read(content: bytes, node: str) -> dict[str, Any]:
    envelope = social_exchange.read_object(content)
    node = node if isinstance(envelope.get(node), dict) else "error_response"
    answer = envelope.get(node)
    if not isinstance(answer, dict):
        raise errors.SocialAway("unreadable")
    if SETTINGS["PUBLIC_KEY"] and not _is_signed(content.decode(), node, envelope.get("sign")):
        raise errors.SocialAway("signature")
    code = social_exchange.code_of(answer.get("code", "10000"))
    detail = social_exchange.code_of(answer.get("sub_code", ""))
    if code == "10000" and node != "error_response":  # alipay.system.oauth.token leaves the code out
        return answer
    shown = detail if answer.get("sub_code") else code
    if code in _AWAY or detail in _AWAY:
        raise errors.SocialAway(shown)
    raise errors.SocialTokenBad(shown) if detail in _TOKEN else errors.SocialRefused(shown)


def _is_signed(text: str, node: str, sign: object) -> bool:
    """The signature is over the node as it was sent: sorted or spaced differently it would not match."""
    begin = text.index(f'"{node}"') + len(node) + 2
    begin += len(text[begin:]) - len(text[begin:].lstrip(": \r\n\t"))
    _, end = json.JSONDecoder().raw_decode(text, begin)
    try:
        raw = base64.b64decode(str(sign), validate=True)
        _public_key().verify(raw, text[begin:end].encode(), padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, binascii.Error):
        return False
    return True


def _private_key() -> rsa.RSAPrivateKey:
    """Raises ValueError."""
    raw = _raw("PRIVATE_KEY")
    load = serialization.load_pem_private_key if raw.startswith(b"-----") else serialization.load_der_private_key
    key = load(raw, None)
    if not isinstance(key, rsa.RSAPrivateKey) or key.key_size < _BITS:
        raise ValueError
    return key


def _public_key() -> rsa.RSAPublicKey:
    """Raises ValueError."""
    raw = _raw("PUBLIC_KEY")
    load = serialization.load_pem_public_key if raw.startswith(b"-----") else serialization.load_der_public_key
    key = load(raw)
    if not isinstance(key, rsa.RSAPublicKey) or key.key_size < _BITS:
        raise ValueError
    return key


def _raw(name: str) -> bytes:
    """The vendor's tool hands out bare base64; line breaks of a PEM are often `\\n` in an environment file."""
    text = SETTINGS[name].replace("\\n", "\n")
    return text.encode() if text.startswith("-----") else base64.b64decode("".join(text.split()), validate=True)
