"""The verbs of the ephemeral store, and what they take and return."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, Protocol

from menpai.rules import Limit


@dataclass(frozen=True)
class Window:
    """At most so many in so long a time, for every limit of the list, sliding, under one key.

    A key comes with the same spans each time: its events are kept for the longest of them.
    """

    key: str
    limits: Sequence[Limit]
    event: str = ""  # what is counted; while it is in the window, the same again changes nothing. Empty: a new one


@dataclass(frozen=True)
class Release:
    """Room in a window: `event` is taken back, and so many of the `oldest`."""

    key: str
    event: str = ""
    oldest: int = 0


@dataclass(frozen=True)
class Exceeded:
    """`index` is the first window (in the order given) that is full; `retry_after` until every window has room."""

    index: int
    retry_after: timedelta


@dataclass(frozen=True)
class Guess:
    """`wrong`: not this one. `gone`: expired, worn out, dropped, never there. `right`: `subject` was put with it."""

    outcome: Literal["right", "wrong", "gone"]
    subject: str = ""


class Store(Protocol):
    """Not inside a transaction of the caller's: what is counted here must not be undone with it."""

    def put(
        self,
        key: str,
        secrets: Mapping[str, str],
        *,
        life: timedelta,
        tries: int | None = None,
        keep_tries: bool = False,
        also: Sequence[str] = (),
    ) -> bool:
        """Put `secrets` (keyed hash → subject) under `key` for `life` (zero: for ever), in place of what was there.

        With `keep_tries` the wrong guesses already made stay counted until the life of the first put is over, which
        the puts in between do not prolong; False is answered, and what was there stays, when they have used all
        `tries` up. Without it the counter begins anew. `also`: other names of `key`, from which the fact moves here.
        """

    def guess(
        self,
        key: str,
        secret: str,
        *,
        tries: int | None = None,
        count_right: bool = False,
        windows: Sequence[Window] = (),
    ) -> Guess:
        """Count the guess, then compare, in one step. With `tries`, the guess after the last one is not evaluated.

        A right guess gives its try back, unless `count_right`. A wrong one is counted in `windows` too, and when one of
        them is full none is evaluated. StoreUnavailable leaves open whether it was counted.
        """

    def drop(self, key: str, secret: str) -> None:
        """Forget this one secret; a newer one under the same key stays, and so do the wrong guesses."""

    def count(self, windows: Sequence[Window]) -> Exceeded | None:
        """Count one event in every window, or, when any of them is full, in none."""

    def release(self, releases: Sequence[Release]) -> None:
        """Make room again: what was counted turned out to be harmless."""

    def pause(self, key: str, life: timedelta) -> None:
        """Remember for `life`, from now, that something rests; zero ends the rest."""

    def paused(self, keys: Sequence[str]) -> list[bool]:
        """Whether each of them rests, in the order given."""

    def give(self, key: str, life: timedelta) -> None:
        """Lay one more thing under `key`, that somebody may take within `life`."""

    def take(self, key: str) -> bool:
        """Take the one that would end first; False when there is none.

        StoreUnavailable leaves open whether one was taken.
        """

    def ping(self) -> None:
        """Nothing, or StoreUnavailable."""

    def sweep(self) -> int:
        """Delete what has expired, if the store does not do so by itself; how many."""
