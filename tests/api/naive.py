"""Look, then write: what a race must catch. See tests/test_races.py."""

from collections.abc import Callable

from menpai import errors
from menpai.codes import one_time
from menpai.models import SpentSecret


def naive_spend(secret: one_time.Secret) -> None:
    if SpentSecret.objects.filter(id=secret.id).exists():
        raise errors.CodeExpired
    SpentSecret.objects.bulk_create([SpentSecret(id=secret.id, purpose="naive")], ignore_conflicts=True)


def is_caught(story: Callable[[], object], rounds: int) -> bool:
    """The naive variant breaks the story's promise within the rounds that the real one survives, or 100."""
    for _ in range(max(rounds, 100)):  # one round may pass by chance
        try:
            story()
        except AssertionError:
            return True
    return False
