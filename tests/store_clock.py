"""Time for a store that has a clock of its own: everything in it becomes older."""

import redis

# Every moment that is stored (the fields u and x of a hash, the scores of a sorted set) and every time to live.
_AGE = """
local ms = tonumber(ARGV[1])
for _, key in ipairs(redis.call('KEYS', 'menpai:*')) do
  local kind = redis.call('TYPE', key)['ok']
  if kind == 'hash' then
    for _, field in ipairs({'u', 'x'}) do
      local moment = redis.call('HGET', key, field)
      if moment then redis.call('HSET', key, field, tonumber(moment) - ms) end
    end
  elseif kind == 'zset' then
    local events = redis.call('ZRANGE', key, 0, -1, 'WITHSCORES')
    for i = 1, #events, 2 do redis.call('ZADD', key, tonumber(events[i + 1]) - ms, events[i]) end
  end
  local left = redis.call('PTTL', key)
  if left >= 0 then
    if left <= ms then redis.call('DEL', key) else redis.call('PEXPIRE', key, left - ms) end
  end
end
"""


def age_redis(url: str, seconds: float) -> None:
    """As if so many seconds had passed for all that the ephemeral store holds."""
    with redis.Redis.from_url(url) as client:
        client.eval(_AGE, 0, round(seconds * 1000))
