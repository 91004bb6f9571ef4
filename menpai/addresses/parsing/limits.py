"""How often a session may have pasted texts parsed.

Each web worker counts for itself, without a round trip, as for changes (sessions/changes.py).
"""

from uuid import UUID

from menpai import errors, rules
from menpai.ephemeral import Window
from menpai.ephemeral.local import LocalWindows

_windows = LocalWindows()


def count(session_id: UUID) -> None:
    """Counts a text, before it is parsed. Raises ClientTooFast."""
    _count(Window(f"one {session_id.hex}", rules.PARSES_PER_SESSION))


def count_batch(session_id: UUID) -> None:
    """Counts a batch, before it is parsed. Raises ClientTooFast."""
    _count(Window(f"batch {session_id.hex}", rules.PARSE_BATCHES_PER_SESSION))


def _count(window: Window) -> None:
    if exceeded := _windows.count([window]):
        raise errors.ClientTooFast(exceeded.retry_after)
