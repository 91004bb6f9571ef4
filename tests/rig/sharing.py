"""`make test` in several processes: each test is run by the process that claims it first.

A file of tests that need an engine is claimed by one of that engine's processes, a test that runs once by any process.
"""

import contextlib
import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

# In a file that is marked `without_database` a test with one of these has a database all the same.
NEEDS_DATABASE = {"http", "mailbox", "service", "client_from", "statements", "cost", "round_trips"}


class Sharing:
    """Each process first claims files that need its engine, then, one function after the other, what runs once.

    So all end at about the same time on any machine. A claim is a file: creating it is atomic.
    """

    def __init__(self, folder: Path, engine: str) -> None:
        self._folder, self._engine = folder, engine

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items.sort(key=_turn)

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """As pytest's own, but what comes next is only known when it has been claimed."""
        if session.testsfailed:
            raise session.Interrupted(f"{session.testsfailed} errors during collection")
        items = self._claimed(session.items)
        item = next(items, None)
        while item is not None:
            following = next(items, None)
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if session.shouldfail:
                raise session.Failed(session.shouldfail)
            if session.shouldstop:
                raise session.Interrupted(session.shouldstop)
            item = following
        return True

    def _claimed(self, items: list[pytest.Item]) -> Iterator[pytest.Item]:
        is_ours: dict[str, bool] = {}
        for item in items:
            claim = self._claim_of(item)
            if claim not in is_ours:
                is_ours[claim] = self._claim(claim)
            if is_ours[claim]:
                yield item

    def _claim_of(self, item: pytest.Item) -> str:
        """A file shares its servers, so it stays together; what runs once has no server of its own."""
        function = item.nodeid.partition("[")[0]
        return function if is_shared(item) else f"{self._engine} {item.path}"

    def _claim(self, claim: str) -> bool:
        with contextlib.suppress(FileExistsError):
            (self._folder / hashlib.sha256(claim.encode()).hexdigest()).touch(exist_ok=False)
            return True
        return False


def is_shared(item: pytest.Item) -> bool:
    return bool(item.get_closest_marker("once")) or is_without_database(item)


def is_without_database(item: pytest.Item) -> bool:
    fixtures: list[str] = getattr(item, "fixturenames", [])
    return bool(item.get_closest_marker("without_database")) and not NEEDS_DATABASE.intersection(fixtures)


def _turn(item: pytest.Item) -> int:
    """Journeys last: they are many and each is short, which evens out the ends."""
    return is_shared(item) + (is_shared(item) and "e2e" in item.path.parts)
