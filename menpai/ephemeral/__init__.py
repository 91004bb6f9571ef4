"""The ephemeral store: short-lived data behind a few atomic verbs.

It holds secrets that can be guessed, counters in sliding windows, pauses, and tokens that can be taken once. Losing all
of it can only refuse: customers request a new code, and nobody gains access. Keys and secrets arrive as keyed hashes,
so no mobile or code can be read back. Each verb is one round trip and raises errors.StoreUnavailable if the store
cannot be reached. Both implementations pass the same tests.

protocol       the verbs, and what they take and return
redis          the store in Redis, as Lua scripts
sql            the store in the database, for the embedded run
sql_windows    its sliding windows
local          windows of one process, used while the store is unavailable
"""

from functools import cache

from django.conf import settings

from menpai.ephemeral.protocol import Exceeded, Guess, Put, Release, Store, Window

__all__ = ["Exceeded", "Guess", "Put", "Release", "Store", "Window", "store"]


@cache
def store() -> Store:
    """Returns the configured store: Redis if MENPAI_REDIS_URL is set, else the database."""
    if settings.MENPAI_REDIS_URL:
        from menpai.ephemeral.redis import RedisStore

        return RedisStore(settings.MENPAI_REDIS_URL)
    from menpai.ephemeral.sql import SqlStore

    return SqlStore()
