"""A write that must not be lost: tried until it stands, across a restart of the database."""

import itertools
import logging
import time
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from django.db import InterfaceError, connection
from django.db.utils import InternalError, OperationalError

T = TypeVar("T")
LONGEST_PAUSE = 1.0  # seconds
_PAUSES = (0.05, 0.1, 0.25, 0.5, LONGEST_PAUSE)
logger = logging.getLogger(__name__)


def until_written(write: Callable[[], T], within: timedelta) -> T:
    """Returns `write()`, tried again for so long while the database is away, is read-only or holds a lock.

    `write` is a whole transaction, which may find that its last try was committed although that failed. Inside another
    transaction, which a failure ends, it is tried once. Raises the last error.
    """
    deadline = time.monotonic() + within.total_seconds()
    for pause in itertools.chain(_PAUSES, itertools.repeat(LONGEST_PAUSE)):
        try:
            return write()
        except (OperationalError, InterfaceError, InternalError) as error:
            if connection.in_atomic_block or time.monotonic() + pause > deadline:
                raise
            if pause == _PAUSES[0]:
                logger.warning("a result waits for the database: %s", type(error).__name__)
            connection.close_if_unusable_or_obsolete()
        time.sleep(pause)
    raise AssertionError  # never: the pauses do not end
