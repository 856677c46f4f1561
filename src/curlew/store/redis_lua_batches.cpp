// The steps that make, end and remove batches.
#include "curlew/store/redis_lua.hpp"

namespace curlew::redis_lua {

/// ARGV: id, index of the first item, milliseconds that a piece waits for the next; items.
const std::string_view kStage = R"lua(
local id, first = ARGV[2], tonumber(ARGV[3])
local staged = tonumber(call('GET', P .. 'staged:' .. id) or '0')
if staged ~= first then return staged > first and staged or redis.error_reply('ERR a piece of the batch is gone') end
local next_index, lanes = add_items(id, first, 5)
for lane in pairs(lanes) do call('PEXPIRE', lane_key(id, lane), ARGV[4]) end
call('SET', P .. 'staged:' .. id, next_index, 'PX', ARGV[4])
return next_index
)lua";

/// ARGV: id, key of the request or '', its fingerprint, limit of open items, total, lanes, number of the lane that
/// origins share or -1, options, created, expires, index of the first item here, number of origins; origins, items.
/// Returns: 'new' | 'known' | 'full', id, fingerprint, status.
const std::string_view kCreate = R"lua(
local id, request, total, lanes = ARGV[2], ARGV[3], tonumber(ARGV[6]), tonumber(ARGV[7])
local function forget()
  drop_lanes(id, lanes)
  call('DEL', P .. 'staged:' .. id)
end
if call('EXISTS', batch_key(id)) == 1 then return {'new', id, '', status_of(id)} end
if request ~= '' then
  local known = call('GET', P .. 'request:' .. request)
  if known then
    forget()
    return {'known', known, call('HGET', batch_key(known), 'fingerprint'), status_of(known)}
  end
end
if tonumber(call('HGET', P .. 'counts', 'items') or '0') + total > tonumber(ARGV[5]) then
  forget()
  return {'full'}
end
local first, origins = tonumber(ARGV[12]), tonumber(ARGV[13])
if first > 0 and tonumber(call('GET', P .. 'staged:' .. id) or '0') ~= first then
  return redis.error_reply('ERR a piece of the batch is gone')
end
add_items(id, first, 14 + origins)
local key = batch_key(id)
call('HSET', key, 'options', ARGV[9], 'total', total, 'done', 0, 'failed', 0, 'cancelled', 0, 'created', ARGV[10],
     'expires', ARGV[11], 'ending', 0, 'begun', 0, 'lanes', lanes, 'shared', ARGV[8], 'waiting', total, 'turn', 0)
for lane = 0, origins - 1 do call('HSET', key, 'origin' .. lane, ARGV[14 + lane]) end
for lane = 0, lanes - 1 do
  call('PERSIST', lane_key(id, lane))
  compact(total, lane_key(id, lane))
  call('XGROUP', 'CREATE', lane_key(id, lane), GROUP, '0')
end
call('DEL', P .. 'staged:' .. id)
call('ZADD', P .. 'expiry', ARGV[11], id)
if request ~= '' then
  call('SET', P .. 'request:' .. request, id)
  call('HSET', key, 'request', request, 'fingerprint', ARGV[4])
end
if total == 0 then
  call('HSET', key, 'ended', ARGV[10])
else
  call('SADD', P .. 'open', id)
  count('items', total)
  count('waiting', total)
  take_a_turn(id)
  tell('work', id, '')
end
return {'new', id, '', status_of(id)}
)lua";

/// ARGV: id, sequence number after which results are wanted, how many at most; fewer come where they are large.
/// Returns: status, until when it is remembered that there was one, results.
const std::string_view kRead = R"lua(
local id, last, wanted, events, bytes = ARGV[2], ARGV[3] .. '-0', tonumber(ARGV[4]), {}, 0
while #events < wanted and bytes < PAGE_BYTES do
  local some = call('XRANGE', events_key(id), '(' .. last, '+', 'COUNT', math.min(50, wanted - #events))
  if #some == 0 then break end
  for _, event in ipairs(some) do
    events[#events + 1] = event
    bytes = bytes + #event[2][6]
  end
  last = some[#some][1]
end
return {status_of(id), call('GET', P .. 'gone:' .. id), events}
)lua";

/// ARGV: id. Returns: 'none' | 'gone', until when it is remembered | 'known', status, how many items wait.
const std::string_view kCancel = R"lua(
local id = ARGV[2]
local got = call('HMGET', batch_key(id), 'total', 'done', 'ending', 'waiting')
if not got[1] then
  local until_when = call('GET', P .. 'gone:' .. id)
  return until_when and {'gone', until_when} or {'none'}
end
if got[1] ~= got[2] and got[3] == '0' then
  call('HSET', batch_key(id), 'ending', 1)
  if got[4] ~= '0' then call('SADD', P .. 'ending', id) end
  got[3] = '1'
end
return {'known', status_of(id), got[3] == '0' and 0 or tonumber(got[4])}
)lua";

/// ARGV: id, process, time, how many at most, kind, outcome. Returns: how many items wait, status; sequence, index,
/// text of each item that has ended.
const std::string_view kEnd = R"lua(
local id, limit = ARGV[2], tonumber(ARGV[5])
local batch = open(id)
if not batch or call('HGET', batch_key(id), 'ending') == '0' then
  call('SREM', P .. 'ending', id)
  return {0, {}, {}}
end
local ended = {}
local function finish(lane, index, fields)
  keep(batch, lane, index, fields, ARGV[6], ARGV[7])
  ended[#ended + 1] = batch.done
  ended[#ended + 1] = index
  ended[#ended + 1] = field(fields, 't')
end
for lane = 0, batch.lanes - 1 do
  local last = call('HGET', batch_key(id), 'last' .. lane) or '0'
  for _, index in ipairs(call('ZRANGE', back_key(id, lane), 0, limit - 1)) do
    local entry = entry_of(tonumber(index))
    local found = call('XRANGE', lane_key(id, lane), entry, entry)[1]
    if found then finish(lane, tonumber(index), found[2]) end
  end
  for _, entry in ipairs(call('XRANGE', lane_key(id, lane), '(' .. last .. '-0', '+', 'COUNT', limit)) do
    finish(lane, index_of(entry[1]), entry[2])
  end
  if #ended >= 3 * limit then break end
end
save(batch, ARGV[4], ARGV[3])
if #ended == 0 then call('SREM', P .. 'ending', id) end
return {#ended == 0 and 0 or batch.waiting, status_of(id), ended}
)lua";

/// ARGV: time, milliseconds of the last look, milliseconds that a batch is remembered, how many at most.
/// Returns: how many have gone, ids of those that give no more work now, whether there may be more.
const std::string_view kExpire = R"lua(
local time, gone, ending = tonumber(ARGV[2]), 0, {}
local over = call('ZRANGEBYSCORE', P .. 'expiry', '-inf', time, 'LIMIT', 0, ARGV[5])
for _, id in ipairs(over) do
  local key = batch_key(id)
  local got = call('HMGET', key, 'total', 'done', 'ending', 'waiting', 'lanes', 'request', 'turn')
  if got[1] and got[1] ~= got[2] and got[3] == '0' then
    local expires = string.format('%d', time + tonumber(ARGV[3]))
    call('HSET', key, 'ending', 2, 'expires', expires)
    call('ZADD', P .. 'expiry', expires, id)
    call('SADD', P .. 'ending', id)
    ending[#ending + 1] = id
  else
    call('ZREM', P .. 'expiry', id)
    call('SREM', P .. 'open', id)
    call('SREM', P .. 'ending', id)
    call('ZREM', P .. 'begun', id)
    if got[1] then
      if got[7] == '1' then call('LREM', P .. 'turns', 0, id) end
      if got[6] then call('DEL', P .. 'request:' .. got[6]) end
      if got[1] ~= got[2] then
        count('items', tonumber(got[2]) - tonumber(got[1]))
        count('waiting', -tonumber(got[4]))
        drop_lanes(id, tonumber(got[5]))
      end
      call('UNLINK', key, events_key(id))
      call('SET', P .. 'gone:' .. id, string.format('%d', time + tonumber(ARGV[4])), 'PX', ARGV[4])
      tell('results', id, '')
      gone = gone + 1
    end
  end
end
return {gone, ending, #over >= tonumber(ARGV[5]) and 1 or 0}
)lua";

}  // namespace curlew::redis_lua
