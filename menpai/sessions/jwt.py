"""JSON Web Tokens: how they are signed and verified. Their meaning is in tokens.py.

EdDSA with a published key set by default; HS256 with a shared key for sibling services that verify by themselves
(dada.md ruling 7). Claims: RFC 9068's, beside those that the two contracts' services read.
"""

import uuid
from datetime import datetime
from functools import lru_cache
from typing import Any

import jwt
from django.conf import settings

from menpai import errors, rules
from menpai.keys import ring, signatures

AUDIENCE = "menpai"
TYPE = "at+jwt"  # RFC 9068
LONGEST = 2048  # characters; ours have some 500
REQUIRED = ["iss", "sub", "sid", "exp", "iat", "nbf", "jti"]


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
    return jwt.encode(claims, signatures.private_key(raw), "EdDSA", headers={"kid": kid, "typ": TYPE})


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
    known = next((key for key in ring.keys_of("signing") if key.id == kid), None)
    if known is None or claimed != "EdDSA":
        raise errors.NotSignedIn
    return signatures.public_key(known), "EdDSA", AUDIENCE
