// The steps of who works on items.
#include "curlew/store/redis_lua.hpp"

namespace curlew::redis_lua {

/// ARGV: process, how many, lease in milliseconds; origin and room of each that is known to have little.
/// Returns: items (batch, index, text, problem, whether it brings a picture each), batches (id, options, created each),
/// whether any batch has items that wait.
const std::string_view kClaim = R"lua(
local process, wanted = ARGV[2], tonumber(ARGV[3])
local room, batches, items, about = {}, {}, {}, {}
for i = 5, #ARGV, 2 do room[ARGV[i]] = tonumber(ARGV[i + 1]) end
local function has_room(origin) return origin == '' or (room[origin] or 1) > 0 end

local function load(id)
  local flat, h = call('HGETALL', batch_key(id)), {}
  for i = 1, #flat, 2 do h[flat[i]] = flat[i + 1] end
  if not h.total or h.ending ~= '0' or h.waiting == '0' then return nil end
  local batch = {id = id, options = h.options, created = h.created, lanes = {}, waiting = tonumber(h.waiting), taken = 0}
  for lane = 0, tonumber(h.lanes) - 1 do
    batch.lanes[lane + 1] = {number = lane, shared = h.shared == tostring(lane), origin = h['origin' .. lane] or '',
                             last = h['last' .. lane] or '0', origins = {}}
  end
  return batch
end

-- The item of a lane that nobody has had and that is next: its index and fields.
local function head(batch, lane)
  if lane.head == nil then
    local got = call('XRANGE', lane_key(batch.id, lane.number), '(' .. lane.last .. '-0', '+', 'COUNT', 1)[1]
    lane.head = got and {index = index_of(got[1]), fields = got[2]} or false
  end
  return lane.head
end

local function deliver(batch, lane, to)
  local got = call('XREADGROUP', 'GROUP', GROUP, to, 'COUNT', 1, 'STREAMS', lane_key(batch.id, lane.number), '>')
  local entry = got[1][2][1]
  lane.last, lane.head, lane.moved = string.match(entry[1], '^%d+'), nil, true
  return entry
end

local function origin_in_shared(batch, lane, index)
  if not lane.origins[index] then
    local got = call('XRANGE', lane_key(batch.id, lane.number), entry_of(index), entry_of(index))[1]
    lane.origins[index] = got and field(got[2], 'o') or ''
  end
  return lane.origins[index]
end

-- The next item of a lane for this process: its index, its origin, whether it has come back.
local function next_of_shared(batch, lane)
  local back, found, found_origin = call('ZRANGE', back_key(batch.id, lane.number), 0, LANE_WINDOW - 1)
  for i = 1, #back do
    local origin = origin_in_shared(batch, lane, back[i])
    if has_room(origin) then
      found, found_origin = tonumber(back[i]), origin
      break
    end
  end
  local first = head(batch, lane)
  local passed = #back
  while first and not has_room(field(first.fields, 'o') or '') and passed < LANE_WINDOW do
    deliver(batch, lane, NOBODY)
    call('ZADD', back_key(batch.id, lane.number), first.index, first.index)
    passed = passed + 1
    first = head(batch, lane)
  end
  local origin = first and (field(first.fields, 'o') or '')
  if first and has_room(origin) and (not found or first.index < found) then return first.index, origin, false end
  return found, found_origin, true
end

local function next_of(batch, lane)
  if lane.shared then return next_of_shared(batch, lane) end
  if not has_room(lane.origin) then return nil end
  local back = tonumber(call('ZRANGE', back_key(batch.id, lane.number), 0, 0)[1] or nil)
  local first = head(batch, lane)
  if first and (not back or first.index < back) then return first.index, lane.origin, false end
  return back, lane.origin, true
end

local function take(batch)
  local best, best_lane, best_origin, best_is_back
  for _, lane in ipairs(batch.lanes) do
    local index, origin, is_back = next_of(batch, lane)
    if index and (not best or index < best) then
      best, best_lane, best_origin, best_is_back = index, lane, origin, is_back
    end
  end
  if not best then return false end
  local entry
  if best_is_back then
    call('ZREM', back_key(batch.id, best_lane.number), best)
    entry = call('XCLAIM', lane_key(batch.id, best_lane.number), GROUP, process, 0, entry_of(best))[1]
  else
    entry = deliver(batch, best_lane, process)
  end
  batch.waiting = batch.waiting - 1
  batch.taken = batch.taken + 1
  if room[best_origin] then room[best_origin] = room[best_origin] - 1 end
  if entry then
    items[#items + 1] = batch.id
    items[#items + 1] = string.format('%d', best)
    items[#items + 1] = field(entry[2], 't')
    items[#items + 1] = field(entry[2], 'p') or ''
    items[#items + 1] = field(entry[2], 'b') or ''
  end
  return true
end

local turns, passed = P .. 'turns', 0
while #items < 5 * wanted do
  local id = call('LMOVE', turns, turns, 'LEFT', 'RIGHT')
  if not id then break end
  if batches[id] == nil then batches[id] = load(id) or false end
  local batch = batches[id]
  if not batch or batch.waiting == 0 then
    call('RPOP', turns)
    if call('EXISTS', batch_key(id)) == 1 then call('HSET', batch_key(id), 'turn', 0) end
  elseif take(batch) then
    passed = 0
    if batch.waiting == 0 then
      call('RPOP', turns)
      call('HSET', batch_key(id), 'turn', 0)
    end
  else
    passed = passed + 1
    if passed >= PASSED_BATCHES or passed >= call('LLEN', turns) then break end
  end
end

local check = milliseconds() + tonumber(ARGV[4])
for id, batch in pairs(batches) do
  if batch then
    for _, lane in ipairs(batch.lanes) do
      if lane.moved then call('HSET', batch_key(id), 'last' .. lane.number, lane.last) end
    end
    if batch.taken > 0 then
      call('HSET', batch_key(id), 'waiting', batch.waiting, 'begun', 1)
      call('ZADD', P .. 'begun', 'NX', check, id)
      count('waiting', -batch.taken)
      about[#about + 1] = id
      about[#about + 1] = batch.options
      about[#about + 1] = batch.created
    end
  end
end
return {items, about, call('EXISTS', turns)}
)lua";

/// ARGV: process, number of this group of results, time; batch, index, kind, outcome of each.
/// Returns: sequence number of each or 0, ids, statuses. Asked a second time for the last group: the same.
const std::string_view kKeep = R"lua(
local process, group, time = ARGV[2], ARGV[3], ARGV[4]
local last_key = P .. 'last:' .. process
local last = call('GET', last_key)
if last then
  local answer = cmsgpack.unpack(last)
  if answer[1] == group then return answer[2] end
end
local batches, order, sequences, statuses = {}, {}, {}, {}
for i = 5, #ARGV, 4 do
  local id, index, sequence = ARGV[i], tonumber(ARGV[i + 1]), 0
  if batches[id] == nil then
    batches[id] = open(id) or false
    if batches[id] then order[#order + 1] = id end
  end
  if batches[id] then
    local lane, fields = find(id, batches[id].lanes, index)
    if lane then
      keep(batches[id], lane, index, fields, ARGV[i + 2], ARGV[i + 3])
      sequence = batches[id].done
    end
  end
  sequences[#sequences + 1] = sequence
end
for i, id in ipairs(order) do
  save(batches[id], time, process)
  statuses[i] = status_of(id)
end
local answer = {sequences, order, statuses}
call('SET', last_key, cmsgpack.pack({group, answer}), 'EX', LAST_ANSWER_SECONDS)
return answer
)lua";

/// ARGV: process; batch, index of each. Returns: ids of batches that give no more work and have got items back.
const std::string_view kGiveBack = R"lua(
local process, touched, ending = ARGV[2], {}, {}
for i = 3, #ARGV, 2 do
  local id, index = ARGV[i], tonumber(ARGV[i + 1])
  local batch = batch_key(id)
  local got = call('HMGET', batch, 'lanes', 'ending')
  local lane = got[1] and find(id, tonumber(got[1]), index)
  local entry = entry_of(index)
  if lane and #call('XPENDING', lane_key(id, lane), GROUP, entry, entry, 1, process) > 0 then
    call('XCLAIM', lane_key(id, lane), GROUP, NOBODY, 0, entry, 'JUSTID')
    call('ZADD', back_key(id, lane), index, index)
    call('HINCRBY', batch, 'waiting', 1)
    count('waiting', 1)
    if not touched[id] then
      touched[id] = true
      if got[2] == '0' then
        take_a_turn(id)
        tell('work', id, process)
      else
        call('SADD', P .. 'ending', id)
        ending[#ending + 1] = id
      end
    end
  end
end
return ending
)lua";

/// ARGV: process; batch, index of each. Returns: of each whether it is still this process's.
const std::string_view kRenew = R"lua(
local process, mine = ARGV[2], {}
for i = 3, #ARGV, 2 do
  local id, index = ARGV[i], tonumber(ARGV[i + 1])
  local lanes = call('HGET', batch_key(id), 'lanes')
  local lane = lanes and find(id, tonumber(lanes), index)
  local entry = entry_of(index)
  local is_mine = lane and #call('XPENDING', lane_key(id, lane), GROUP, entry, entry, 1, process) > 0
  if is_mine then call('XCLAIM', lane_key(id, lane), GROUP, process, 0, entry, 'JUSTID') end
  mine[#mine + 1] = is_mine and 1 or 0
end
return mine
)lua";

/// ARGV: lease in milliseconds, how many batches at most. Returns: how many items wait again.
const std::string_view kSweep = R"lua(
local lease, now, freed = tonumber(ARGV[2]), milliseconds(), 0
-- Nobody has looked for a whole lease: Redis was away, or full, and the living are to say first that they live.
if call('EXISTS', P .. 'watch') == 0 then call('SET', P .. 'quiet', 1, 'PX', math.ceil(lease / 2)) end
call('SET', P .. 'watch', 1, 'PX', lease)
if call('EXISTS', P .. 'quiet') == 1 then return 0 end
for _, id in ipairs(call('ZRANGEBYSCORE', P .. 'begun', '-inf', now, 'LIMIT', 0, ARGV[3])) do
  local got = call('HMGET', batch_key(id), 'lanes', 'ending')
  local back, pending = 0, 0
  for lane = 0, (tonumber(got[1]) or 0) - 1 do
    -- What is nobody's already is found, too, and not counted a second time.
    local key = lane_key(id, lane)
    local is_there = call('EXISTS', key) == 1
    local dead = is_there and call('XAUTOCLAIM', key, GROUP, NOBODY, lease, '0', 'COUNT', 1000, 'JUSTID')[2] or {}
    for _, entry in ipairs(dead) do
      back = back + call('ZADD', back_key(id, lane), index_of(entry), index_of(entry))
    end
    if is_there then pending = pending + call('XPENDING', key, GROUP)[1] - call('ZCARD', back_key(id, lane)) end
  end
  if back > 0 then
    call('HINCRBY', batch_key(id), 'waiting', back)
    count('waiting', back)
    if got[2] == '0' then take_a_turn(id) else call('SADD', P .. 'ending', id) end
    tell('work', id, '')
    freed = freed + back
  end
  if pending > 0 then
    call('ZADD', P .. 'begun', now + math.max(50, math.floor(lease / 4)), id)
  else
    call('ZREM', P .. 'begun', id)
  end
end
return freed
)lua";

}  // namespace curlew::redis_lua
