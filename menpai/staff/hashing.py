"""Hashes of staff passwords: Django's own forms, made on the threads of the hashing pool.

Django calls these from every form and command that sets or compares a password. PBKDF2 is what versions before this one
stored; such a hash is replaced when its owner signs in the next time.
"""

from django.contrib.auth import hashers

from menpai import rules
from menpai.passwords import hash_queue


class Argon2(hashers.Argon2PasswordHasher):
    @property
    def time_cost(self) -> int:  # type: ignore[override]  # read when it is used: tests hash cheaply
        return rules.ARGON2_PASSES

    @property
    def memory_cost(self) -> int:  # type: ignore[override]
        return rules.ARGON2_MEMORY_KIB

    parallelism = rules.ARGON2_LANES

    def encode(self, password: str, salt: str) -> str:
        return hash_queue.in_turn(super().encode, password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        return hash_queue.in_turn(super().verify, password, encoded)


class Pbkdf2(hashers.PBKDF2PasswordHasher):
    def encode(self, password: str, salt: str, iterations: int | None = None) -> str:
        """Returns the hash; `verify` and `harden_runtime` call this too."""
        return hash_queue.in_turn(super().encode, password, salt, iterations)


def even_out(password: str, encoded: str | None, in_use: set[str]) -> None:
    """Makes a wrong password cost the same for every name: a hash of each algorithm in use."""
    used = hashers.identify_hasher(encoded).algorithm if encoded else hashers.get_hasher().algorithm
    for algorithm in in_use - {used}:
        hasher = hashers.get_hasher(algorithm)
        hasher.encode(password, hasher.salt())
