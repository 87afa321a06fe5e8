-- Holds units of one hot pool, or releases them: what the rules check, as a script on Redis.
-- KEYS: the pool, the deadlines, a basket. ARGV: units (0 releases), deadline, most of the pool.
local units = tonumber(ARGV[1])
if units == 0 then
  local held = redis.call('GET', KEYS[3])
  if not held then return -1 end
  redis.call('DEL', KEYS[3])
  redis.call('ZREM', KEYS[2], KEYS[3])
  return redis.call('DECRBY', KEYS[1], held)
end
if redis.call('EXISTS', KEYS[3]) == 1 then return -2 end
local taken = tonumber(redis.call('GET', KEYS[1]) or '0')
if taken + units > tonumber(ARGV[3]) then return -3 end
redis.call('SET', KEYS[3], units)
redis.call('ZADD', KEYS[2], ARGV[2], KEYS[3])
return redis.call('INCRBY', KEYS[1], units)
