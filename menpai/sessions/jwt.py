"""JSON Web Tokens: how they are signed, verified and published. Their meaning is in tokens.py.

EdDSA with a published key set by default; HS256 with a shared key for sibling services that verify by themselves
(dada.md ruling 7). Claims: RFC 9068's, beside those that the two contracts' services read.
"""

import base64
import uuid
from datetime import datetime
from functools import lru_cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings

from menpai import errors, rules
from menpai.keys import ring

AUDIENCE = "menpai"
TYPE = "at+jwt"  # RFC 9068
LONGEST = 2048  # characters; ours have some 500
REQUIRED = ["iss", "sub", "sid", "exp", "iat", "nbf", "jti"]


def key_set() -> dict[str, Any]:
    """The public keys (RFC 7517), the signing one first; empty with a shared key.

    A new key is published before it signs.
    """
    return {
        "keys": [
            {
                "kty": "OKP",
                "crv": "Ed25519",
                "alg": "EdDSA",
                "use": "sig",
                "kid": kid,
                "x": base64url(_public(raw).public_bytes(Encoding.Raw, PublicFormat.Raw)),
            }
            for kid, raw in ring.secrets_of("signing")
        ]
    }


def sign(claims: dict[str, Any], now: datetime, until: datetime, *, shared_key: bool) -> str:
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
        return jwt.encode(claims, settings.MENPAI_TOKEN_SHARED_KEY, "HS256", headers={"typ": TYPE})
    claims["aud"] = AUDIENCE
    kid, raw = ring.secrets_of("signing")[0]
    return jwt.encode(claims, _private(raw), "EdDSA", headers={"kid": kid, "typ": TYPE})


def session_of(token: str) -> tuple[int, uuid.UUID, bool]:
    """The expiry of a token, its session, and whether only we can have made it. Raises NotSignedIn.

    A signature is checked once while the keys stay the same, because it stays valid; the time is checked each time.
    """
    return _verified(token, ring.version())


@lru_cache(maxsize=10_000)
def _verified(token: str, _keys: ring.Version) -> tuple[int, uuid.UUID, bool]:
    try:
        if len(token) > LONGEST:
            raise errors.NotSignedIn
        key, algorithm, audience = _verification_key(jwt.get_unverified_header(token))
        options: Any = {"require": REQUIRED + (["aud"] if audience else []), "verify_exp": False}
        claims = jwt.decode(
            token,
            key,
            algorithms=[algorithm],
            audience=audience,
            issuer=settings.MENPAI_PUBLIC_URL,
            leeway=rules.TOKEN_LEEWAY,
            options=options,
        )
        uuid.UUID(claims["sub"])
        return int(claims["exp"]), uuid.UUID(claims["sid"]), algorithm == "EdDSA"
    except (jwt.PyJWTError, ValueError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise errors.NotSignedIn from error


def _verification_key(header: dict[str, Any]) -> tuple[Any, str, str | None]:
    """The key for a token: one algorithm for each key, chosen by us and never by the token.

    A header with more than ours is refused: `crit`, or a key that it carries or points to (RFC 8725 3.1, 3.10, 3.11).
    """
    kid, claimed = header.get("kid"), header.get("alg")
    if header.get("typ") != TYPE or not header.keys() <= {"alg", "typ", "kid"}:
        raise errors.NotSignedIn
    if kid is None and claimed == settings.MENPAI_TOKEN_ALGORITHM == "HS256":
        # Without an audience: siblings of the published contract decode with the key alone (dada.md ruling 7).
        return settings.MENPAI_TOKEN_SHARED_KEY, "HS256", None
    known = dict(ring.secrets_of("signing")).get(kid) if isinstance(kid, str) else None
    if known is None or claimed != "EdDSA":
        raise errors.NotSignedIn
    return _public(known), "EdDSA", AUDIENCE


@lru_cache(maxsize=16)
def _private(raw: bytes) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(raw)


@lru_cache(maxsize=16)
def _public(raw: bytes) -> Ed25519PublicKey:
    return _private(raw).public_key()


def base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
