"""How many changes a session may make: an address book that is churned fills the trail, and the disk.

Each web worker counts for itself, without a round trip. A session counts, not its customer: somebody else's session
cannot keep the owner from signing it out.
"""

from uuid import UUID

from menpai import errors, rules
from menpai.ephemeral import Window
from menpai.ephemeral.local import LocalWindows

_windows = LocalWindows()


def count(session_id: UUID) -> None:
    """Counts a change, before it is made. Raises ClientTooFast."""
    exceeded = _windows.count([Window(session_id.hex, rules.CHANGES_PER_SESSION)])
    if exceeded:
        raise errors.ClientTooFast(exceeded.retry_after)
