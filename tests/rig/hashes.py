"""Password hashes at a price that a test can pay, here and in the services that the rig starts.

`cheapen` changes the rules before the product reads them; a test about hashing is marked `real_hashes` and gets the
product's own numbers. `python -m tests.rig.hashes COMMAND` is `menpai COMMAND` with cheap hashes: its children are
forks and inherit them. The product has no setting for this.
"""

import contextlib
import sys
from collections.abc import Iterator

from menpai import rules

CHEAP = {"ARGON2_PASSES": 1, "ARGON2_MEMORY_KIB": 8}
REAL = {name: getattr(rules, name) for name in CHEAP}


def cheapen() -> None:
    """Must run before `menpai.passwords.hashing` is imported."""
    for name, value in CHEAP.items():
        setattr(rules, name, value)


@contextlib.contextmanager
def real() -> Iterator[None]:
    """The product's own parameters, in this process and in the services that are started meanwhile."""
    from tests.rig.service import Service

    module = Service.module
    Service.module = "menpai"
    _use(REAL)
    try:
        yield
    finally:
        Service.module = module
        _use(CHEAP)


def _use(numbers: dict[str, int]) -> None:
    from argon2 import PasswordHasher

    from menpai.passwords import hashing

    for name, value in numbers.items():
        setattr(rules, name, value)
    hashing._hasher = PasswordHasher(
        time_cost=rules.ARGON2_PASSES, memory_cost=rules.ARGON2_MEMORY_KIB, parallelism=rules.ARGON2_LANES
    )
    hashing._nobody.cache_clear()


if __name__ == "__main__":
    cheapen()
    from menpai.__main__ import main

    sys.exit(main())
