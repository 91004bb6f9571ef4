"""A snapshot as it is signed: a compact JWS (RFC 7515) with the address inside (docs/snapshots.md).

It is no token, and no token is a snapshot: type, audience and keys are its own.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from django.conf import settings

from menpai.addresses import record, regions
from menpai.keys import ring, signatures

TYPE = "address-snapshot+jws"
KIND = "snapshots"  # of the keys
AUDIENCE = "orders"
VERSION = 1
LONGEST = 16_384  # characters; ours have some 900
_TYPES = {"jti": str, "iat": int, "sub": str, "order": str, "edition": str, "address": dict}


class SnapshotInvalid(ValueError):
    """No snapshot of ours. `part` is the claim or the part of the JWS that is wrong, `value` what it says."""

    def __init__(self, part: str, value: object = "") -> None:
        super().__init__(part)
        self.part, self.value = part, value


@dataclass(frozen=True)
class SnapshotAddress(record.Draft):
    # The address in the payload, under the names that `/api` gives it.
    postcode: str


def sign(snapshot_id: UUID, customer: UUID, order: str, address: record.Address, now: datetime) -> str:
    """Returns the JWS of an address; `customer` as orders know them."""
    key = ring.current_first(KIND)[0]
    header = {"alg": "EdDSA", "kid": key.id, "typ": TYPE}
    claims = {
        "iss": settings.MENPAI_PUBLIC_URL,
        "aud": AUDIENCE,
        "jti": str(snapshot_id),
        "iat": int(now.timestamp()),
        "sub": str(customer),
        "order": order,
        "v": VERSION,
        "edition": regions.EDITION,
        "address": asdict(_address(vars(address))),
    }
    signed = f"{_encoded(header)}.{_encoded(claims)}"
    return f"{signed}.{signatures.base64url(signatures.private_key(key.secret).sign(signed.encode()))}"


def verify(jws: str, issuer: str) -> dict[str, Any]:
    """Returns the claims. Raises SnapshotInvalid for the first part that is wrong."""
    try:
        header, payload, signature = map(_decoded, jws.split("."))
    except ValueError as error:
        raise SnapshotInvalid("format") from error
    _check_header(_object(header))
    _check_signature(jws, _object(header)["kid"], signature)
    claims = _object(payload)
    _check_claims(claims, issuer)
    return claims


def address_of(jws: str) -> SnapshotAddress:
    """Returns the address in a JWS that we made.

    Fields that the version which made it did not know are blank.
    """
    return _address(_object(_payload(jws))["address"])


def digest(jws: str) -> str:
    """Returns the SHA-256 of the payload, in hex."""
    return hashlib.sha256(_payload(jws)).hexdigest()


def _address(values: Mapping[str, Any]) -> SnapshotAddress:
    return SnapshotAddress(**{field.name: values.get(field.name, "") for field in fields(SnapshotAddress)})


def _payload(jws: str) -> bytes:
    return _decoded(jws.split(".")[1])


def _check_header(header: dict[str, Any]) -> None:
    for name, value in (("typ", TYPE), ("alg", "EdDSA")):
        if header.get(name) != value:
            raise SnapshotInvalid(name, header.get(name))
    if header.keys() != {"alg", "kid", "typ"}:
        raise SnapshotInvalid("header", ", ".join(sorted(header)))


def _check_signature(jws: str, kid: object, signature: bytes) -> None:
    key = next((key for key in ring.keys_of(KIND) if key.id == kid), None)
    if key is None:
        raise SnapshotInvalid("kid", kid)
    try:
        signatures.public_key(key).verify(signature, jws.rpartition(".")[0].encode())
    except InvalidSignature as error:
        raise SnapshotInvalid("signature") from error


def _check_claims(claims: dict[str, Any], issuer: str) -> None:
    for name, value in (("iss", issuer), ("aud", AUDIENCE), ("v", VERSION)):
        if claims.get(name) != value or type(claims[name]) is bool:
            raise SnapshotInvalid(name, claims.get(name))
    for name, kind in _TYPES.items():
        if type(claims.get(name)) is not kind:
            raise SnapshotInvalid(name)
    try:
        UUID(claims["jti"])
    except ValueError as error:
        raise SnapshotInvalid("jti", claims["jti"]) from error


def _object(raw: bytes) -> dict[str, Any]:
    try:
        found: Any = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise SnapshotInvalid("format") from error
    if not isinstance(found, dict):
        raise SnapshotInvalid("format")
    return found


def _encoded(content: dict[str, Any]) -> str:
    return signatures.base64url(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode())


def _decoded(part: str) -> bytes:
    raw = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    if signatures.base64url(raw) != part:  # characters that decoders skip
        raise ValueError(part)
    return raw
