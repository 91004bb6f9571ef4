"""Short-lived facts behind a few atomic verbs: secrets that can be guessed at, things counted in
windows, things that can be taken.

Two implementations, Redis (Lua) and SQL, one shared test suite. What stands here may only refuse: losing all of it
makes people ask for a new code and never opens a door. Keys and secrets arrive as keyed hashes; nothing here can be
read back into a mobile or a code. Every verb is one round trip, and raises errors.StoreUnavailable when it cannot be
done now.

    protocol    the verbs, and what they take and return
    redis       the store in Redis
    sql         the store in the database
    local       windows of this process alone, for when the store is away
"""

from functools import cache

from django.conf import settings

from menpai.ephemeral.protocol import Exceeded, Guess, Release, Store, Window

__all__ = ["Exceeded", "Guess", "Release", "Store", "Window", "store"]


@cache
def store() -> Store:
    """The configured store: Redis when MENPAI_REDIS_URL is set, else the database."""
    if settings.MENPAI_REDIS_URL:
        from menpai.ephemeral.redis import RedisStore

        return RedisStore(settings.MENPAI_REDIS_URL)
    from menpai.ephemeral.sql import SqlStore

    return SqlStore()
