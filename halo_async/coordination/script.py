"""The script that Redis runs for every question: one atomic step, by Redis' own clock.

All times are microseconds. Four keys share a hash tag, so that they are on one node of a cluster:

- `window`, a sorted set: one entry per request, scored with the moment from which it no longer counts. An entry of a
  request in flight is scored as if it were counted at the end of its lease; its process extends that, and corrects the
  score once the response is there. So what a process that died had in flight leaves by itself.
- `used`, a hash: entries in the window by process.
- `waiting`, a hash: by process, how many of its requests wait, and until when that counts.
- `state`, a hash: the epoch of these data, the run of the server that has them, a pause, what is left of the quota.

A process tells the epoch that it knows and the latest moment of this clock that it has seen. A later moment than the
data have themselves means that data were lost: nobody is admitted for `settle`, in which every process repeats what
it sent, and then for a window no more than those entries, one for each that leaves: those of processes that are gone
are not known, but they were part of the quota.
"""

from __future__ import annotations

SCRIPT = r"""
local window, used, waiting, state = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local q = cjson.decode(ARGV[1])
local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000000 + tonumber(clock[2])
local kept_for = q.window + q.lease

local function text(number) return string.format('%.0f', number) end

local function put(id, score)
    local new = redis.call('ZADD', window, text(score), id)
    if new == 1 then redis.call('HINCRBY', used, string.match(id, '^[^:]+'), 1) end
    return new
end

local function drop(id)
    if redis.call('ZREM', window, id) == 0 then return end
    local owner = string.match(id, '^[^:]+')
    if redis.call('HINCRBY', used, owner, -1) <= 0 then redis.call('HDEL', used, owner) end
end

-- The server, and whether it still has what it had ------------------------------------------

local info = redis.pcall('INFO', 'server')
local run, up = '', 0
if type(info) == 'string' then
    run = string.match(info, 'run_id:(%x+)') or ''
    up = (tonumber(string.match(info, 'uptime_in_seconds:(%d+)')) or 0) * 1000000
end
local names = {'epoch', 'run', 'last', 'calm', 'before', 'before_last', 'cap', 'cap_until', 'paused', 'quota', 'jumped'}
local s = {}
for i, value in ipairs(redis.call('HMGET', state, unpack(names))) do
    if value then s[names[i]] = (i == 1 or i == 2 or i == 5) and value or tonumber(value) end
end
-- Moments further ahead than they can be are of a clock that was set back.
local calm, paused = math.min(s.calm or 0, now + q.settle), math.min(s.paused or 0, now + q.longest)
s.cap_until = math.min(s.cap_until or 0, now + q.longest)
if s.last and s.last > now + q.jump then s.last = now end

if s.epoch and q.seen > (s.jumped or 0) and now - q.seen > q.passed + q.jump and now - (s.last or now) > q.jump then
    -- The clock was set forward: what is in the window leaves as much later.
    local by = now - q.seen - q.passed
    for _, id in ipairs(redis.call('ZRANGE', window, 0, -1)) do redis.call('ZINCRBY', window, text(by), id) end
    redis.call('HSET', state, 'jumped', text(now))
end

if not s.epoch or (s.run and run ~= s.run) then
    if s.epoch or up < kept_for then calm = now + q.settle end -- whoever knows better has this time to say so
    s.before, s.before_last = s.epoch or '', s.last or 0
    s.epoch, s.last = q.fresh_epoch, now
    redis.call('HSET', state, 'epoch', s.epoch, 'before', s.before, 'before_last', text(s.before_last))
end
local lost = q.epoch ~= '' and now - q.seen < kept_for and q.seen <= now + q.jump and (
    (q.epoch == s.epoch and q.seen > s.last)
    or (q.epoch ~= s.epoch and (q.epoch ~= s.before or q.seen > s.before_last)))
if lost and s.cap_until <= now then
    calm, s.cap, s.cap_until = now + q.settle, -1, now + kept_for
elseif q.away and calm < now + q.settle then
    calm = now + q.settle -- others may have sent without this server too
end

-- What leaves, and what the process tells ---------------------------------------------------

local gone = redis.call('ZRANGEBYSCORE', window, '-inf', text(now))
for _, id in ipairs(gone) do drop(id) end
local top = redis.call('ZREVRANGE', window, 0, 0, 'WITHSCORES')[2]
if top and tonumber(top) > now + q.longest then -- the clock was set back
    for _, id in ipairs(redis.call('ZRANGEBYSCORE', window, '(' .. text(now + kept_for), '+inf')) do
        redis.call('ZADD', window, text(now + kept_for), id)
    end
end
for _, id in ipairs(q.back) do drop(id) end
local unknown = 0
for _, one in ipairs(q.done) do
    local leaves = now - one[2] + q.window
    if leaves > now then unknown = unknown + put(one[1], leaves) else drop(one[1]) end
end
for _, id in ipairs(q.held) do unknown = unknown + put(id, now + kept_for) end
local capped = s.cap_until > now
if capped and q.again and (s.cap or -1) >= 0 then s.cap = s.cap + unknown end

-- A 429 pauses all; without Retry-After somebody else uses the quota too ---------------------

local quota = math.min(q.limit, s.quota or q.limit)
if q.throttled then
    if q.throttled > 0 then
        paused = math.max(paused, now + q.throttled)
    else
        local count, oldest = redis.call('ZCARD', window), redis.call('ZRANGE', window, 0, 0, 'WITHSCORES')[2]
        if paused <= now and q.limit > 0 then quota = math.max(1, math.min(quota, math.max(count, quota / 2))) end
        paused = math.max(paused, now + q.pause, math.min(tonumber(oldest or 0), now + q.window))
    end
end
if quota < q.limit then quota = math.min(q.limit, quota + q.ok * q.recovery) end

-- Slots -------------------------------------------------------------------------------------

local me, granted, wait, why = q.me, 0, 0, ''
local count = redis.call('ZCARD', window)
if capped and (s.cap or -1) < 0 and now >= calm then s.cap = count end
local most = math.max(1, math.floor(quota))
if capped then most = math.min(most, math.max(0, s.cap)) end
local free = math.max(0, most - count)

local mine = tonumber(redis.call('HGET', used, me) or 0)
local active, claims, others = 1, 0, {}
local entries = redis.call('HGETALL', waiting)
for i = 1, #entries, 2 do
    local demand, till = string.match(entries[i + 1], '^(%d+):(%d+)$')
    if tonumber(till) < now or tonumber(till) > now + q.interest then
        redis.call('HDEL', waiting, entries[i])
    elseif entries[i] ~= me then
        active = active + 1
        others[#others + 1] = {entries[i], tonumber(demand)}
    end
end
local fair = math.max(1, most / active)
for _, other in ipairs(others) do
    local has = tonumber(redis.call('HGET', used, other[1]) or 0)
    claims = claims + math.min(other[2], math.max(0, math.floor(fair - has)))
end

local function leaves_first(owner)
    local from, rows = 0, nil
    repeat
        rows = redis.call('ZRANGE', window, from, from + 15, 'WITHSCORES')
        for i = 1, #rows, 2 do
            if not owner or string.sub(rows[i], 1, #owner + 1) == owner .. ':' then
                return tonumber(rows[i + 1]) - now
            end
        end
        from = from + 16
    until #rows == 0
    return q.recheck
end

if q.want > 0 then
    if q.limit > 0 and now < calm then
        wait, why = calm - now, 'settling'
    elseif now < paused then
        wait, why = paused - now, 'paused'
    elseif q.limit == 0 then
        granted = q.want
    else
        local own = math.min(free, q.want, math.max(0, math.floor(fair - mine)))
        local spare = math.min(q.want - own, math.max(0, free - own - claims))
        granted = own + spare
        if granted == 0 then
            why = capped and 'cautious' or 'used up'
            if free > 0 then wait = math.min(q.recheck, leaves_first(me))
            else wait = leaves_first(mine >= math.floor(fair) and mine > 0 and #others > 0 and me or nil) end
        end
        for i = 0, granted - 1 do put(me .. ':' .. text(q.first + i), now + kept_for) end
    end
end

local unmet = math.max(0, q.queue - granted)
if unmet > 0 and not q.leaving then
    redis.call('HSET', waiting, me, unmet .. ':' .. text(now + q.interest))
else
    redis.call('HDEL', waiting, me)
end

redis.call('HSET', state, 'run', run, 'last', text(math.max(now, s.last or 0)), 'calm', text(calm),
    'paused', text(paused))
if capped then redis.call('HSET', state, 'cap', text(s.cap), 'cap_until', text(s.cap_until))
else redis.call('HDEL', state, 'cap', 'cap_until') end
if quota < q.limit then redis.call('HSET', state, 'quota', string.format('%.3f', quota))
elseif q.limit > 0 then redis.call('HDEL', state, 'quota') end
for _, key in ipairs({window, used, waiting}) do redis.call('PEXPIRE', key, text(kept_for / 500)) end
redis.call('PEXPIRE', state, text(kept_for / 500 + 86400000))

return {granted, text(math.max(0, wait)), why, s.epoch, text(now), free - granted, active,
    text(math.max(0, paused - now))}
"""
