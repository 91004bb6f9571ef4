"""Tokens and the sessions behind them. A token only says which session; the session's row says whether it lives.

So a token is dead, on every worker and at once, when its session has ended, its customer is disabled or the password
was changed. EdDSA with a published key set by default; HS256 with a shared key for sibling services that verify by
themselves (dada.md ruling 7). Claims: RFC 9068's, beside those that the two contracts' services read.
"""

import base64
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from django.utils import timezone

from menpai import errors, keys, reads, rules
from menpai.identifiers import Client
from menpai.models import Session

AUDIENCE = "menpai"
REQUIRED = ["iss", "sub", "sid", "exp", "iat", "nbf", "jti"]


@dataclass(frozen=True)
class Person:
    """What a token or a session is made for: the columns that sign-in reads, and no more."""

    id: int
    public_id: uuid.UUID
    name: str  # the user name, else the verified mobile
    email_verified: bool


@dataclass(frozen=True)
class Caller:
    """The customer behind a living token."""

    id: int
    session_id: uuid.UUID
    public_id: uuid.UUID
    name: str
    username_key: str | None
    mobile: str | None  # only a verified one
    email_verified: bool
    language: str


def issue(person: Person, client: Client) -> str:
    """Open a session and answer its token. One INSERT."""
    now = timezone.now()
    session = Session(
        customer_id=person.id,
        expires_at=now + rules.CONTRACT_TOKEN_LIFE,
        last_seen_at=now,
        user_agent=client.user_agent,
        network=client.network,
    )
    session.save(force_insert=True)
    return _sign(person, session, now)


def caller(token: str) -> Caller:
    """Whose token this is. One SQL statement; raises NotSignedIn."""
    expires, session_id = _session_of(token)
    if expires + rules.TOKEN_LEEWAY.total_seconds() < timezone.now().timestamp():
        raise errors.NotSignedIn
    rows = reads.session(session_id)
    if not rows:
        raise errors.NotSignedIn
    until, ended, customer_id, public_id, username, key, mobile, mobile_proven, email_proven, disabled, language = rows[
        0
    ]
    if ended or disabled or _aware(until) <= timezone.now():
        raise errors.NotSignedIn
    proven_mobile = mobile if mobile_proven else None
    return Caller(
        id=customer_id,
        session_id=session_id,
        public_id=uuid.UUID(str(public_id)),
        name=username or proven_mobile or "",
        username_key=key,
        mobile=proven_mobile,
        email_verified=bool(email_proven),
        language=language,
    )


def end_all(customer_id: int) -> int:
    """End every session of a customer; how many. Their tokens are dead when the transaction commits."""
    return Session.objects.filter(customer_id=customer_id, ended_at__isnull=True).update(ended_at=timezone.now())


def jwks() -> dict[str, Any]:
    """The public keys (RFC 7517), newest first. Empty of meaning, but valid, with a shared key."""
    return {
        "keys": [
            {
                "kty": "OKP",
                "crv": "Ed25519",
                "alg": "EdDSA",
                "use": "sig",
                "kid": kid,
                "x": _base64url(_public_raw(key)),
            }
            for kid, (_, key) in _signing_keys().items()
        ]
    }


def _sign(person: Person, session: Session, now: datetime) -> str:
    issued = int(now.timestamp())
    claims = {
        "iss": settings.MENPAI_PUBLIC_URL,
        "sub": str(person.public_id),
        "sid": str(session.pk),
        "jti": uuid.uuid4().hex,
        "iat": issued,
        "nbf": issued,
        "exp": int(session.expires_at.timestamp()),
        "id": person.id,
        "user_id": person.id,
        "username": person.name,
        "email_verified": person.email_verified,
    }
    if settings.MENPAI_TOKEN_ALGORITHM == "HS256":
        return jwt.encode(claims, settings.MENPAI_TOKEN_SHARED_KEY, "HS256", headers={"typ": "at+jwt"})
    claims["aud"] = AUDIENCE
    kid, (private, _) = next(iter(_signing_keys().items()))
    return jwt.encode(claims, private, "EdDSA", headers={"kid": kid, "typ": "at+jwt"})


@lru_cache(maxsize=10_000)
def _session_of(token: str) -> tuple[int, uuid.UUID]:
    """(when it expires, its session). A signature stays as valid as it was, so it is checked once; time is not."""
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
        return int(claims["exp"]), uuid.UUID(claims["sid"])
    except (jwt.PyJWTError, ValueError, TypeError, AttributeError, OverflowError, RecursionError) as no:
        raise errors.NotSignedIn from no


def _verification_key(header: dict[str, Any]) -> tuple[Any, str, str | None]:
    """One algorithm per key, chosen by us and never by the token (RFC 8725)."""
    if settings.MENPAI_TOKEN_ALGORITHM == "HS256":
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


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _aware(moment: datetime) -> datetime:
    # SQLite hands a raw cursor naive UTC.
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
