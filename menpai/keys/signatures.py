"""Ed25519 keys of the keys file: those that sign, and what is published of them."""

import base64
from functools import lru_cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from menpai.keys import ring
from menpai.keys.file import Key


def key_set(kind: str) -> dict[str, Any]:
    """Returns the public keys of a kind (RFC 7517), the signing one first.

    A new key is published before it signs.
    """
    return {
        "keys": [
            {
                "kty": "OKP",
                "crv": "Ed25519",
                "alg": "EdDSA",
                "use": "sig",
                "kid": key.id,
                "x": base64url(public_key(key).public_bytes_raw()),
            }
            for key in ring.current_first(kind)
        ]
    }


@lru_cache(maxsize=64)
def public_key(key: Key) -> Ed25519PublicKey:
    return private_key(key.secret).public_key() if key.secret else Ed25519PublicKey.from_public_bytes(key.public)


@lru_cache(maxsize=16)
def private_key(raw: bytes) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(raw)


def base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
