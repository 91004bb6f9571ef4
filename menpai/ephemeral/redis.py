"""The ephemeral store in Redis or Valkey: one Lua script a verb, the server's own clock."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, TypeVar

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from menpai import errors, rules
from menpai.ephemeral import Exceeded, Guess, Window

PREFIX = "menpai:"
T = TypeVar("T")

# Put secrets under a key in place of the ones before.
# KEYS[1] the hash. ARGV[1] life in ms (0: for ever), ARGV[2] tries (-1: not counted), ARGV[3] 1: keep the tries,
# ARGV[4…] secret, subject, secret, subject, …
# Result: 1, or 0 when the tries are kept and used up (nothing is put then).
# Fields: t wrong guesses, u until when they stay counted (ms), m:<secret> → subject.
PUT = """
local now = redis.call('TIME')
now = now[1] * 1000 + math.floor(now[2] / 1000)
local life, tries = tonumber(ARGV[1]), tonumber(ARGV[2])
local used, till = 0, now + life
if ARGV[3] == '1' then
  local old = redis.call('HMGET', KEYS[1], 't', 'u')
  if old[1] and tonumber(old[2]) > now then
    used, till = tonumber(old[1]), tonumber(old[2])
    if tries >= 0 and used >= tries then return 0 end
  end
end
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 't', used, 'u', till)
for i = 4, #ARGV, 2 do redis.call('HSET', KEYS[1], 'm:' .. ARGV[i], ARGV[i + 1]) end
if life > 0 then redis.call('PEXPIRE', KEYS[1], life) end
return 1
"""

# Count a guess, then compare.
# KEYS[1] the hash. ARGV[1] the guessed secret, ARGV[2] tries (-1: not counted), ARGV[3] 1: right guesses count too.
# Result: {1, subject} right, {0} wrong, {-1} gone.
GUESS = """
if redis.call('EXISTS', KEYS[1]) == 0 then return {-1} end
local tries = tonumber(ARGV[2])
if tries >= 0 and redis.call('HINCRBY', KEYS[1], 't', 1) > tries then
  redis.call('HSET', KEYS[1], 't', tries)
  return {-1}
end
local subject = redis.call('HGET', KEYS[1], 'm:' .. ARGV[1])
if not subject then return {0} end
if tries >= 0 and ARGV[3] ~= '1' then redis.call('HINCRBY', KEYS[1], 't', -1) end
return {1, subject}
"""

# Count one event in every window, or in none.
# KEYS one sorted set (score and member: ms) a window. ARGV for each window: number of limits, then many, span ms, …
# Result: {} counted; {index of the first full window (from 0), ms until all have room}.
COUNT = """
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local full, wait, at, longest = -1, 0, 1, {}
for k = 1, #KEYS do
  local limits = tonumber(ARGV[at]); at = at + 1
  longest[k] = 0
  for l = 1, limits do
    local many, span = tonumber(ARGV[at]), tonumber(ARGV[at + 1]); at = at + 2
    if span > longest[k] then longest[k] = span end
    local inside = redis.call('ZCOUNT', KEYS[k], '(' .. (now - span), '+inf')
    if inside >= many then
      if full < 0 then full = k - 1 end
      local room = 1
      if many > 0 then
        local oldest = redis.call('ZREVRANGE', KEYS[k], many - 1, many - 1, 'WITHSCORES')
        room = tonumber(oldest[2]) + span - now
      else room = span end
      if room > wait then wait = room end
    end
  end
end
if full >= 0 then return {full, math.max(1, wait)} end
for k = 1, #KEYS do
  redis.call('ZREMRANGEBYSCORE', KEYS[k], '-inf', now - longest[k])
  redis.call('ZADD', KEYS[k], now, t[1] .. ':' .. t[2] .. ':' .. redis.call('ZCARD', KEYS[k]))
  redis.call('PEXPIRE', KEYS[k], longest[k])
end
return {}
"""

# Forget one secret. KEYS[1] the hash, ARGV[1] the secret.
DROP = "redis.call('HDEL', KEYS[1], 'm:' .. ARGV[1])"


class RedisStore:
    def __init__(self, url: str) -> None:
        timeout = rules.STORE_TIMEOUT.total_seconds()
        self._redis = redis.Redis.from_url(
            url,
            socket_timeout=timeout,
            socket_connect_timeout=timeout,
            retry=Retry(NoBackoff(), 1),
            retry_on_error=[redis.ConnectionError],
            decode_responses=True,
        )
        self._put = self._redis.register_script(PUT)
        self._guess = self._redis.register_script(GUESS)
        self._count = self._redis.register_script(COUNT)
        self._drop = self._redis.register_script(DROP)
        self._failures, self._rest_until, self._lock = 0, 0.0, threading.Lock()

    def _run(self, call: Callable[[], Any]) -> Any:
        if self._failures >= 5 and time.monotonic() < self._rest_until:
            raise errors.StoreUnavailable
        try:
            found = call()
        except redis.RedisError as away:
            with self._lock:
                self._failures += 1
                self._rest_until = time.monotonic() + 1
            raise errors.StoreUnavailable from away
        self._failures = 0
        return found

    def put(
        self,
        key: str,
        secrets: Mapping[str, str],
        *,
        life: timedelta,
        tries: int | None = None,
        keep_tries: bool = False,
    ) -> bool:
        pairs = [part for pair in secrets.items() for part in pair]
        arguments = [_ms(life), -1 if tries is None else tries, int(keep_tries), *pairs]
        return bool(self._run(lambda: self._put(keys=[PREFIX + key], args=arguments)))

    def guess(self, key: str, secret: str, *, tries: int | None = None, count_right: bool = False) -> Guess:
        arguments = [secret, -1 if tries is None else tries, int(count_right)]
        found = self._run(lambda: self._guess(keys=[PREFIX + key], args=arguments))
        if found[0] == 1:
            return Guess("right", found[1])
        return Guess("wrong" if found[0] == 0 else "gone")

    def drop(self, key: str, secret: str) -> None:
        self._run(lambda: self._drop(keys=[PREFIX + key], args=[secret]))

    def count(self, windows: Sequence[Window]) -> Exceeded | None:
        arguments: list[int] = []
        for window in windows:
            arguments.append(len(window.limits))
            for limit in window.limits:
                arguments += [limit.many, _ms(limit.span)]
        names = [PREFIX + window.key for window in windows]
        found = self._run(lambda: self._count(keys=names, args=arguments))
        return Exceeded(found[0], timedelta(milliseconds=found[1])) if found else None

    def pause(self, key: str, life: timedelta) -> None:
        self._run(lambda: self._redis.set(PREFIX + "pause:" + key, 1, px=_ms(life)))

    def paused(self, keys: Sequence[str]) -> list[bool]:
        found = self._run(lambda: self._redis.mget([PREFIX + "pause:" + key for key in keys])) if keys else []
        return [one is not None for one in found]

    def ping(self) -> None:
        self._run(self._redis.ping)

    def sweep(self) -> int:
        return 0


def _ms(span: timedelta) -> int:
    return int(span.total_seconds() * 1000)
