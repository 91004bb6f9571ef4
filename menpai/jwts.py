"""JSON Web Tokens: how they are signed, verified and published. What they mean is in tokens.py.

EdDSA with a published key set by default; HS256 with a shared key for sibling services that verify by themselves
(dada.md ruling 7). Claims: RFC 9068's, beside those that the two contracts' services read.
"""

import base64
import uuid
from datetime import datetime
from functools import cache, lru_cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings

from menpai import errors, keys, rules

AUDIENCE = "menpai"
REQUIRED = ["iss", "sub", "sid", "exp", "iat", "nbf", "jti"]


def key_set() -> dict[str, Any]:
    """The public keys (RFC 7517), newest first. Empty of meaning, but valid, with a shared key."""
    return {
        "keys": [
            {
                "kty": "OKP",
                "crv": "Ed25519",
                "alg": "EdDSA",
                "use": "sig",
                "kid": kid,
                "x": base64url(_public_raw(key)),
            }
            for kid, (_, key) in _signing_keys().items()
        ]
    }


def signed(claims: dict[str, Any], now: datetime, until: datetime, *, shared_key: bool) -> str:
    """`shared_key`: with MENPAI_TOKEN_SHARED_KEY, where the operator wants that."""
    issued = int(now.timestamp())
    claims = {
        "iss": settings.MENPAI_PUBLIC_URL,
        "jti": uuid.uuid4().hex,
        "iat": issued,
        "nbf": issued,
        "exp": int(until.timestamp()),
        **claims,
    }
    if settings.MENPAI_TOKEN_ALGORITHM == "HS256" and shared_key:
        return jwt.encode(claims, settings.MENPAI_TOKEN_SHARED_KEY, "HS256", headers={"typ": "at+jwt"})
    claims["aud"] = AUDIENCE
    kid, (private, _) = next(iter(_signing_keys().items()))
    return jwt.encode(claims, private, "EdDSA", headers={"kid": kid, "typ": "at+jwt"})


@lru_cache(maxsize=10_000)
def session_of(token: str) -> tuple[int, uuid.UUID, bool]:
    """(when it expires, its session, whether only we can have made it). A signature stays as valid as it was, so it is
    checked once; time is not. Raises NotSignedIn."""
    try:
        header = jwt.get_unverified_header(token)
        key, algorithm, audience = _verification_key(header)
        options: Any = {"require": REQUIRED, "verify_exp": False}
        claims = jwt.decode(
            token,
            key,
            algorithms=[algorithm],
            audience=audience,
            issuer=settings.MENPAI_PUBLIC_URL,
            leeway=rules.TOKEN_LEEWAY,
            options=options,
        )
        return int(claims["exp"]), uuid.UUID(claims["sid"]), algorithm == "EdDSA"
    except (jwt.PyJWTError, ValueError, TypeError, AttributeError, OverflowError, RecursionError) as no:
        raise errors.NotSignedIn from no


def _verification_key(header: dict[str, Any]) -> tuple[Any, str, str | None]:
    """One algorithm per key, chosen by us and never by the token (RFC 8725)."""
    if settings.MENPAI_TOKEN_ALGORITHM == "HS256" and "kid" not in header:
        # Without an audience: siblings of the published contract decode with the key alone (dada.md ruling 7).
        return settings.MENPAI_TOKEN_SHARED_KEY, "HS256", None
    known = _signing_keys().get(header.get("kid", ""))
    if known is None:
        raise errors.NotSignedIn
    return known[1], "EdDSA", AUDIENCE


@cache
def _signing_keys() -> dict[str, tuple[Ed25519PrivateKey, Ed25519PublicKey]]:
    made = {kid: Ed25519PrivateKey.from_private_bytes(raw) for kid, raw in keys.all_of("signing")}
    return {kid: (private, private.public_key()) for kid, private in made.items()}


def _public_raw(key: Ed25519PublicKey) -> bytes:
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)


def base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
