"""The verbs of the ephemeral store, and what they take and return."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, Protocol

from menpai.rules import Limit


@dataclass(frozen=True)
class Window:
    """A sliding window under one key, with its limits: at most so many events in so long a time.

    A key has the same spans each time: its events are kept for the longest of them.
    """

    key: str
    limits: Sequence[Limit]
    event: str = ""  # its name; counting an event again that is still in the window changes nothing. Empty: a new one


@dataclass(frozen=True)
class Put:
    """Secrets under a key, as `Store.put` takes them."""

    key: str
    secrets: Mapping[str, str]
    life: timedelta
    tries: int | None = None
    also: Sequence[str] = ()


@dataclass(frozen=True)
class Release:
    """Events to remove from a window: the named one, and so many of the `oldest`."""

    key: str
    event: str = ""
    oldest: int = 0


@dataclass(frozen=True)
class Exceeded:
    """A refused count: the index of the first full window, and the time until every window has room."""

    index: int
    retry_after: timedelta


@dataclass(frozen=True)
class Guess:
    """The result of a guess.

    `right`: `subject` was put with this secret. `wrong`: another secret is there. `gone`: there is none (any more), or
    its tries are used up. `held`: a window is full, whether there is a secret or not; `exceeded` says which.
    """

    outcome: Literal["right", "wrong", "gone", "held"]
    subject: str = ""
    exceeded: Exceeded | None = None


class Store(Protocol):
    """The verbs of the store. Call them outside transactions: a count must not be rolled back."""

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
        """Replaces what is under `key` by `secrets` (keyed hash → subject) for `life` (zero: for ever).

        Without `keep_tries` the count of wrong guesses starts again. With it, it is kept until the life of the first
        put ends, which later puts do not prolong; if all `tries` are used up, nothing is put and False is returned.
        `also`: former names of `key`, whose counts move to it.
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
        """Counts the guess, then compares it, in one step. Once all `tries` are used, nothing is compared.

        A right guess gives its try back, unless `count_right`. A wrong guess is also counted in `windows`; while one of
        them is full, no secret is looked at. After StoreUnavailable the guess may or may not have been counted.
        """

    def drop(self, key: str, secret: str) -> None:
        """Deletes this secret; a newer one under the same key stays, and so does the count of wrong guesses."""

    def count(self, windows: Sequence[Window], put: Put | None = None) -> Exceeded | None:
        """Counts one event in every window, or in none and returns which is full.

        `put`: with the event, and only with it, these secrets are put, without `keep_tries`.
        """

    def release(self, releases: Sequence[Release]) -> None:
        """Removes events from their windows, because they turned out to be harmless."""

    def pause(self, key: str, life: timedelta) -> None:
        """Pauses `key` for `life` from now; zero ends the pause."""

    def paused(self, keys: Sequence[str]) -> list[bool]:
        """Returns for each key, in order, if it is paused."""

    def give(self, key: str, life: timedelta) -> None:
        """Adds one token under `key` that can be taken once within `life`."""

    def take(self, key: str) -> bool:
        """Takes the token that expires first; False if there is none.

        After StoreUnavailable a token may or may not have been taken.
        """

    def ping(self) -> None:
        """Raises StoreUnavailable if the store cannot be reached."""

    def sweep(self) -> int:
        """Deletes expired entries, if the store does not do so by itself, and returns their number."""
