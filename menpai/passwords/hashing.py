"""Passwords as they are stored: argon2id over an HMAC with a pepper (R46).

    <key id>$argon2id$v=19$m=…,t=…,p=…$…$…

The key's id stands in front: the pepper is a key of the keys file and rotates like the others. A hash from before there
was a pepper begins with `$`, what came from another system is told apart by foreign_hashes.py. All of it is
replaced by today's form when its customer signs in the next time.
"""

import hashlib
import hmac
import logging
import os
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from menpai import rules
from menpai.keys import ring
from menpai.passwords import foreign_hashes
from menpai.passwords.policy import normalize

logger = logging.getLogger(__name__)
KIND = "password"
_hasher = PasswordHasher(
    time_cost=rules.ARGON2_PASSES,
    memory_cost=rules.ARGON2_MEMORY_KIB,
    parallelism=rules.ARGON2_LANES,
)


def hash_password(raw: str) -> str:
    """To be stored for a new password."""
    return _peppered(normalize(raw), "")


def wrapped(inner: foreign_hashes.Fast) -> str:
    """To be stored for a password of which we only have a fast hash, which alone would protect nothing."""
    return _peppered(inner.digest, inner.prefix)


def verify(raw: str, stored: str | None) -> bool:
    """Costs the same for every form of ours, for nobody (None) and for no password (empty)."""
    if stored and foreign_hashes.is_kept(stored):
        return foreign_hashes.verified(raw, stored)
    head, _, rest = (stored or _nobody(ring.secrets_of(KIND)[0][0])).partition("$")
    key_id, _, prefix = head.partition(",")
    secret = foreign_hashes.digest(raw, prefix) if prefix else normalize(raw)
    pepper = dict(ring.secrets_of(KIND)).get(key_id) if key_id else None
    if key_id and pepper is None:
        logger.error("a password was hashed with the key %s, which is not in the keys file", key_id)
        pepper = b""  # the same work, and never right
    return _is_right(secret if pepper is None else _hmac(pepper, secret), f"${rest}") and bool(stored)


def is_outdated(stored: str) -> bool:
    """Made with another key, other parameters or by another system."""
    head, _, rest = stored.partition("$")
    return head != ring.secrets_of(KIND)[0][0] or _hasher.check_needs_rehash(f"${rest}")


def _peppered(secret: str, prefix: str) -> str:
    key_id, pepper = ring.secrets_of(KIND)[0]
    return ",".join(filter(None, (key_id, prefix))) + _hasher.hash(_hmac(pepper, secret))


def _hmac(pepper: bytes, secret: str) -> str:
    return hmac.new(pepper, secret.encode(), hashlib.sha256).hexdigest()


def _is_right(secret: str, phc: str) -> bool:
    try:
        return _hasher.verify(phc, secret)
    except (VerificationError, InvalidHashError):
        return False


@lru_cache(maxsize=1)
def _nobody(_key_id: str) -> str:
    """A hash that no password has; verifying against it takes as long as against a real one."""
    return hash_password(os.urandom(32).hex())
