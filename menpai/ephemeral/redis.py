"""The ephemeral store in Redis (6.2 or newer) or Valkey: one script a verb, by the server's clock.

Keys, under the prefix `menpai:`:
  secret:<key>  hash    t wrong guesses · u until when they count · x when the secrets expire · m:<secret> subject
  window:<key>  zset    one member for each event, its score the time
  pause:<key>   string  exists during a pause
  given:<key>   zset    one member for each token that can be taken, its score the time it expires
Times are Unix milliseconds, FOREVER for what never ends.
"""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from secrets import token_hex
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from menpai import errors, rules
from menpai.environment import counters
from menpai.ephemeral.protocol import Exceeded, Guess, Put, Release, Window

PREFIX = "menpai:"
CONNECTIONS = 10_000  # never the limit: there is one for each thread
NOT_COUNTED = -1

# Prefix of the scripts that need the time: `now`, in ms.
NOW = """
local FOREVER = 9007199254740992
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
"""

# Prefix of the scripts that put secrets under a key, replacing those before.
# put(keys, at): keys are secret:<key> and other names that it had; ARGV[at…]: life in ms, 0: for ever · tries, -1: not
# counted · 1: keep the tries · secret, subject, …
# It returns 1, or 0 when the tries are kept and used up; nothing is put then.
PUTTING = """
local function put(keys, at)
  local life, tries = tonumber(ARGV[at]), tonumber(ARGV[at + 1])
  local ends = life > 0 and now + life or FOREVER
  local used, counted_until = 0, 0
  for _, key in ipairs(ARGV[at + 2] == '1' and keys or {}) do
    local before = redis.call('HMGET', key, 't', 'u')
    if before[1] and tonumber(before[2]) > now then
      used, counted_until = used + tonumber(before[1]), math.max(counted_until, tonumber(before[2]))
    end
  end
  if counted_until == 0 then
    counted_until = ends
  elseif tries >= 0 and used >= tries then
    return 0
  end
  redis.call('DEL', unpack(keys))
  redis.call('HSET', keys[1], 't', used, 'u', counted_until, 'x', ends)
  for i = at + 3, #ARGV, 2 do redis.call('HSET', keys[1], 'm:' .. ARGV[i], ARGV[i + 1]) end
  local kept_until = math.max(ends, counted_until)
  if kept_until < FOREVER then redis.call('PEXPIRE', keys[1], kept_until - now) end
  return 1
end
"""

# Put secrets under a key: all KEYS and ARGV are those of `put`, and so is the result.
PUT = "return put(KEYS, 1)"

# Prefix of the scripts that count in windows.
# look(first, at, attempt): the state of the windows KEYS[first…], described by ARGV[at…]: for each its event (empty:
# the attempt), the number of limits, then many, span in ms, …
# add(seen): count in all of them.
WINDOWS = """
local function look(first, at, attempt)
  local seen = {full = -1, wait = 1, longest = {}, events = {}}
  for k = first, #KEYS do
    local key, event = KEYS[k], ARGV[at] ~= '' and ARGV[at] or attempt
    -- Counted already: a second asking of ours whose answer was lost, or one that counts once.
    local since = tonumber(redis.call('ZSCORE', key, event) or 0)
    seen.events[key] = event
    local limits = tonumber(ARGV[at + 1])
    at = at + 2
    for _ = 1, limits do
      local many, span = tonumber(ARGV[at]), tonumber(ARGV[at + 1])
      at = at + 2
      seen.longest[key] = math.max(seen.longest[key] or 0, span)
      if since <= now - span and redis.call('ZCOUNT', key, '(' .. (now - span), '+inf') >= many then
        if seen.full < 0 then seen.full = k - first end
        -- There is room once the event that is `many` from the newest has left.
        local leaves = many > 0 and redis.call('ZREVRANGE', key, many - 1, many - 1, 'WITHSCORES')[2] or now
        seen.wait = math.max(seen.wait, leaves + span - now)
      end
    end
  end
  return seen
end
local function add(seen)
  for key, span in pairs(seen.longest) do
    redis.call('ZREMRANGEBYSCORE', key, '-inf', now - span)
    redis.call('ZADD', key, now, seen.events[key])
    redis.call('PEXPIRE', key, span)
  end
end
"""

# Count a guess, then compare.
# KEYS      [1] secret:<key> · [2…] window:<key>, which count the wrong ones
# ARGV      [1] the guessed secret · [2] tries, -1: not counted · [3] 1: right guesses stay counted too
#           [4] the attempt, a name that no other has · [5…] the windows
# Result    {1, subject} right · {0} wrong · {-1} gone · {-2, as of COUNT} held
GUESS = """
-- All is read whether there is a secret or not: the time of an answer must not tell.
local state = redis.call('HMGET', KEYS[1], 't', 'x', 'm:' .. ARGV[1])
local fields = redis.call('HLEN', KEYS[1])
local seen = look(2, 5, ARGV[4])
if seen.full >= 0 then return {-2, seen.full, seen.wait} end
if not state[2] or tonumber(state[2]) <= now then return {-1} end
if fields == 3 then return {-1} end -- t, u, x: every secret was dropped
local tries = tonumber(ARGV[2])
if tries >= 0 then
  if tonumber(state[1]) >= tries then return {-1} end
  redis.call('HINCRBY', KEYS[1], 't', 1)
end
if not state[3] then
  add(seen)
  return {0}
end
if tries >= 0 and ARGV[3] ~= '1' then redis.call('HINCRBY', KEYS[1], 't', -1) end
return {1, state[3]}
"""

# Count one event in every window, or in none.
# KEYS      [1…] window:<key>, one a window
# ARGV      [1] the attempt, a name that no other has · [2…] the windows
# Result    {} counted · {index of the first full window from 0, ms until all have room}
COUNT = """
local seen = look(1, 2, ARGV[1])
if seen.full >= 0 then return {seen.full, seen.wait} end
add(seen)
return {}
"""

# Count one event in every window and put secrets, or neither.
# KEYS      [1…] those of `put` · then window:<key>, one a window
# ARGV      [1] how many keys `put` has · [2] where its arguments begin · [3] the attempt · [4…] the windows · then the
#           arguments of `put`
# Result    that of COUNT
COUNT_AND_PUT = """
local many = tonumber(ARGV[1])
local seen = look(many + 1, 4, ARGV[3])
if seen.full >= 0 then return {seen.full, seen.wait} end
add(seen)
local keys = {}
for k = 1, many do keys[k] = KEYS[k] end
put(keys, tonumber(ARGV[2]))
return {}
"""

# Make room.
# KEYS      [1…] window:<key>
# ARGV      for each: an event that is taken back, or empty · how many of the oldest go
RELEASE = """
for k, key in ipairs(KEYS) do
  local event, oldest = ARGV[2 * k - 1], tonumber(ARGV[2 * k])
  if event ~= '' then redis.call('ZREM', key, event) end
  if oldest > 0 then redis.call('ZREMRANGEBYRANK', key, 0, oldest - 1) end
end
"""

# Forget one secret.
# KEYS      [1] secret:<key>
# ARGV      [1] the secret
# Result    how many were forgotten: 1 or 0
DROP = "return redis.call('HDEL', KEYS[1], 'm:' .. ARGV[1])"

# Add one token.
# KEYS      [1] given:<key>
# ARGV      [1] its name, which no other has · [2] life in ms
GIVE = """
redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
redis.call('PEXPIRE', KEYS[1], math.max(tonumber(ARGV[2]), redis.call('PTTL', KEYS[1])))
"""

# Take one token.
# KEYS      [1] given:<key>
# Result    1, or 0 when there is none
TAKE = """
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
return #redis.call('ZPOPMIN', KEYS[1]) > 0 and 1 or 0
"""


class _Breaker:
    """A circuit breaker: after some time-outs in a row calls fail at once, for rules.STORE_REST."""

    def __init__(self) -> None:
        self._failures = 0
        self._rests_until = 0.0
        self._reason = ""
        self._lock = threading.Lock()

    def enter(self) -> None:
        if self._failures < rules.STORE_FAILURES:
            return
        with self._lock:
            if time.monotonic() < self._rests_until:
                raise errors.StoreUnavailable(self._reason)
            self._rest()  # the other threads are refused until this call has an answer

    def failed(self, reason: str) -> None:
        with self._lock:
            self._failures += 1
            self._reason = reason
            self._rest()

    def answered(self) -> None:
        self._failures = 0

    def _rest(self) -> None:
        self._rests_until = time.monotonic() + rules.STORE_REST.total_seconds()


class RedisStore:
    """The store in Redis. Safe for any number of threads: each call takes a connection from the pool."""

    def __init__(self, url: str) -> None:
        timeout = rules.STORE_TIMEOUT.total_seconds()
        # RESP 2: with RESP 3 the client asks for maintenance notices, which may stretch the time-outs to seconds.
        self._redis = redis.Redis.from_url(
            url,
            protocol=2,
            socket_timeout=timeout,
            socket_connect_timeout=timeout,
            max_connections=CONNECTIONS,
            retry=Retry(NoBackoff(), 0),  # _ask decides
            decode_responses=True,
        )
        self._breaker = _Breaker()
        self._put = self._redis.register_script(NOW + PUTTING + PUT)
        self._guess = self._redis.register_script(NOW + WINDOWS + GUESS)
        self._count = self._redis.register_script(NOW + WINDOWS + COUNT)
        self._count_and_put = self._redis.register_script(NOW + WINDOWS + PUTTING + COUNT_AND_PUT)
        self._release = self._redis.register_script(RELEASE)
        self._drop = self._redis.register_script(DROP)
        self._give = self._redis.register_script(NOW + GIVE)
        self._take = self._redis.register_script(NOW + TAKE)

    def _ask(self, call: Callable[[], Any], *, repeatable: bool = True) -> Any:
        # Connections that were idle while Redis restarted are no failure: the pool checks each and opens a new one
        # before anything is sent. One that breaks later may have delivered the call and lost the answer, so only
        # idempotent calls are repeated, once. `guess` and `release` would count twice and `take` would take two: they
        # are refused. A time-out is never repeated: the caller has waited long enough.
        self._breaker.enter()
        try:
            with counters.STORE_CALLS.timed():
                try:
                    answer = call()
                except redis.ConnectionError:
                    if not repeatable:
                        raise
                    answer = call()
        except (redis.ConnectionError, redis.TimeoutError) as error:
            self._breaker.failed(str(error))
            counters.STORE_FAILURES.add()
            raise errors.StoreUnavailable(str(error)) from error
        except redis.RedisError as error:  # it answers, but with an error: out of memory, a replica, no permission
            self._breaker.answered()
            counters.STORE_FAILURES.add()
            raise errors.StoreUnavailable(str(error)) from error
        self._breaker.answered()
        return answer

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
        names, arguments = _of_put(Put(key, secrets, life, tries, also), keep_tries=keep_tries)
        return bool(self._ask(lambda: self._put(names, arguments)))

    def guess(
        self,
        key: str,
        secret: str,
        *,
        tries: int | None = None,
        count_right: bool = False,
        windows: Sequence[Window] = (),
    ) -> Guess:
        names = [_secret(key), *(_window(window.key) for window in windows)]
        arguments: list[str | int] = [secret, _tries(tries), int(count_right), token_hex(8), *_told(windows)]
        answer = self._ask(lambda: self._guess(names, arguments), repeatable=False)
        if answer[0] == 1:
            return Guess("right", answer[1])
        if answer[0] == -2:
            return Guess("held", exceeded=_exceeded(*answer[1:]))
        return Guess("wrong" if answer[0] == 0 else "gone")

    def drop(self, key: str, secret: str) -> None:
        self._ask(lambda: self._drop([_secret(key)], [secret]))

    def count(self, windows: Sequence[Window], put: Put | None = None) -> Exceeded | None:
        names = [_window(window.key) for window in windows]
        arguments = [token_hex(8), *_told(windows)]
        if put is None:
            answer = self._ask(lambda: self._count(names, arguments))
        else:
            put_names, put_arguments = _of_put(put)
            before = [len(put_names), 3 + len(arguments)]
            answer = self._ask(lambda: self._count_and_put([*put_names, *names], [*before, *arguments, *put_arguments]))
        return _exceeded(*answer) if answer else None

    def release(self, releases: Sequence[Release]) -> None:
        names = [_window(release.key) for release in releases]
        arguments: list[str | int] = [part for release in releases for part in (release.event, release.oldest)]
        self._ask(lambda: self._release(names, arguments), repeatable=False)  # else twice the oldest would go

    def pause(self, key: str, life: timedelta) -> None:
        if life > timedelta(0):
            self._ask(lambda: self._redis.set(_pause(key), 1, px=_ms(life)))
        else:
            self._ask(lambda: self._redis.delete(_pause(key)))

    def paused(self, keys: Sequence[str]) -> list[bool]:
        pauses = self._ask(lambda: self._redis.mget([_pause(key) for key in keys])) if keys else []
        return [pause is not None for pause in pauses]

    def give(self, key: str, life: timedelta) -> None:
        arguments: list[str | int] = [token_hex(8), _ms(life)]
        self._ask(lambda: self._give([_given(key)], arguments))

    def take(self, key: str) -> bool:
        return bool(self._ask(lambda: self._take([_given(key)]), repeatable=False))

    def ping(self) -> None:
        self._ask(self._redis.ping)

    def sweep(self) -> int:
        return 0  # Redis expires keys by itself


def _secret(key: str) -> str:
    return f"{PREFIX}secret:{key}"


def _window(key: str) -> str:
    return f"{PREFIX}window:{key}"


def _of_put(put: Put, *, keep_tries: bool = False) -> tuple[list[str], list[str | int]]:
    """Returns the keys and the arguments that `put` reads."""
    pairs = [part for pair in put.secrets.items() for part in pair]
    arguments: list[str | int] = [_ms(put.life), _tries(put.tries), int(keep_tries), *pairs]
    return [_secret(name) for name in (put.key, *put.also)], arguments


def _exceeded(index: int, wait: int) -> Exceeded:
    return Exceeded(index, timedelta(milliseconds=wait))


def _told(windows: Sequence[Window]) -> list[str | int]:
    """Returns the arguments that `look` reads."""
    arguments: list[str | int] = []
    for window in windows:
        arguments += [window.event, len(window.limits)]
        arguments += [part for limit in window.limits for part in (limit.many, _ms(limit.span))]
    return arguments


def _pause(key: str) -> str:
    return f"{PREFIX}pause:{key}"


def _given(key: str) -> str:
    return f"{PREFIX}given:{key}"


def _tries(tries: int | None) -> int:
    return NOT_COUNTED if tries is None else tries


def _ms(span: timedelta) -> int:
    return max(0, -(-span // timedelta(milliseconds=1)))  # rounded up: the shortest life is a millisecond
