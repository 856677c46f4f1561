// What is kept under which key stands in redis_keys.hpp. An item's entry in its lane has the ID `index + 1`-0, so that
// what is known of an item is found without a list of its own; it goes when the item gets its result, which is why an
// item can have only one.
#include "curlew/store/redis_scripts.hpp"

#include <fmt/format.h>

#include <array>
#include <string_view>

#include "curlew/store/redis_lua.hpp"

namespace curlew {
namespace {

/// Refused as a whole where Redis is full or may not be written to.
constexpr std::string_view kPlain = "#!lua\n";
/// Works in a full Redis and in a replica, too.
constexpr std::string_view kReading = "#!lua flags=no-writes,allow-oom\n";
/// Works in a full Redis, too: it makes room, or needs none.
constexpr std::string_view kFreeing = "#!lua flags=allow-oom\n";

constexpr std::string_view kCommon = R"lua(
local P = ARGV[1]
local GROUP, NOBODY = 'workers', '-'
local call = redis.call
local function batch_key(id) return P .. 'batch:' .. id end
local function lane_key(id, lane) return P .. 'lane:' .. id .. ':' .. lane end
local function back_key(id, lane) return P .. 'back:' .. id .. ':' .. lane end
local function events_key(id) return P .. 'events:' .. id end
local function entry_of(index) return string.format('%d-0', index + 1) end
local function index_of(entry) return tonumber(string.match(entry, '^%d+')) - 1 end

local function status_of(id)
  return call('HMGET', batch_key(id), 'options', 'total', 'done', 'failed', 'cancelled', 'created', 'expires', 'ended',
              'ending', 'begun')
end

local function field(fields, name)
  for i = 1, #fields, 2 do
    if fields[i] == name then return fields[i + 1] end
  end
end

-- what: 'work', 'results'.
local function tell(what, id, by)
  local number = call('HINCRBY', P .. 'counts', 'news:' .. what, 1)
  call('XADD', P .. 'news:' .. what, 'MAXLEN', '~', NEWS_KEPT, '*', 'n', number, 'batch', id, 'by', by)
end

local function count(name, by)
  if by ~= 0 then call('HINCRBY', P .. 'counts', name, by) end
end

local function take_a_turn(id)
  if call('HGET', batch_key(id), 'turn') ~= '1' then
    call('RPUSH', P .. 'turns', id)
    call('HSET', batch_key(id), 'turn', 1)
  end
end

-- A short stream is given 4 KB at first; a copy has what it needs.
local function compact(total, key)
  if total > SMALL_BATCH then return end
  call('COPY', key, key .. ':')
  call('RENAME', key .. ':', key)
end

local function drop_lanes(id, lanes)
  for lane = 0, lanes - 1 do call('UNLINK', lane_key(id, lane), back_key(id, lane)) end
end

-- The lane and the fields of an item that has no result yet.
local function find(id, lanes, index)
  local entry = entry_of(index)
  for lane = 0, lanes - 1 do
    local found = call('XRANGE', lane_key(id, lane), entry, entry)[1]
    if found then return lane, found[2] end
  end
end

-- A batch to which results come; kept by save().
local function open(id)
  local got = call('HMGET', batch_key(id), 'lanes', 'total', 'done', 'failed', 'cancelled', 'waiting')
  if not got[1] then return nil end
  return {id = id, lanes = tonumber(got[1]), total = tonumber(got[2]), done = tonumber(got[3]),
          failed = tonumber(got[4]), cancelled = tonumber(got[5]), waiting = tonumber(got[6]), kept = 0, unbegun = 0}
end

-- kind: '0' good, '1' failed, '2' cancelled.
local function keep(batch, lane, index, fields, kind, outcome)
  local entry = entry_of(index)
  batch.done = batch.done + 1
  batch.kept = batch.kept + 1
  if kind == '1' then batch.failed = batch.failed + 1 end
  if kind == '2' then batch.cancelled = batch.cancelled + 1 end
  call('XADD', events_key(batch.id), string.format('%d-0', batch.done), 'i', index, 'u', field(fields, 't'), 'o',
       outcome)
  if field(fields, 'b') then call('UNLINK', P .. 'picture:' .. batch.id .. ':' .. string.format('%d', index)) end
  local was_given_out = call('XACK', lane_key(batch.id, lane), GROUP, entry) == 1
  call('XDEL', lane_key(batch.id, lane), entry)
  if not was_given_out or call('ZREM', back_key(batch.id, lane), index) == 1 then
    batch.waiting = batch.waiting - 1
    batch.unbegun = batch.unbegun + 1
  end
end

local function save(batch, time, by)
  if batch.kept == 0 then return end
  local key = batch_key(batch.id)
  call('HSET', key, 'done', batch.done, 'failed', batch.failed, 'cancelled', batch.cancelled, 'waiting', batch.waiting)
  count('items', -batch.kept)
  count('waiting', -batch.unbegun)
  if batch.waiting == 0 then call('SREM', P .. 'ending', batch.id) end
  if batch.done == batch.total then
    call('HSET', key, 'ended', time)
    call('SREM', P .. 'open', batch.id)
    call('ZREM', P .. 'begun', batch.id)
    drop_lanes(batch.id, batch.lanes)
    compact(batch.total, events_key(batch.id))
  end
  tell('results', batch.id, by)
end

local function milliseconds()
  local time = call('TIME')
  return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end

-- items: lane, text, problem, origin, whether it brings a picture ('' or '1') each, from ARGV[at] on.
local function add_items(id, index, at)
  local lanes = {}
  while ARGV[at] do
    local fields = {'t', ARGV[at + 1]}
    if ARGV[at + 2] ~= '' then
      fields[#fields + 1] = 'p'
      fields[#fields + 1] = ARGV[at + 2]
    end
    if ARGV[at + 3] ~= '' then
      fields[#fields + 1] = 'o'
      fields[#fields + 1] = ARGV[at + 3]
    end
    if ARGV[at + 4] ~= '' then
      fields[#fields + 1] = 'b'
      fields[#fields + 1] = ARGV[at + 4]
    end
    call('XADD', lane_key(id, ARGV[at]), entry_of(index), unpack(fields))
    lanes[ARGV[at]] = true
    index = index + 1
    at = at + 5
  end
  return index, lanes
end
)lua";

void replace(std::string& text, std::string_view name, std::size_t value) {
  for (auto at = text.find(name); at != std::string::npos; at = text.find(name, at)) {
    text.replace(at, name.size(), std::to_string(value));
  }
}

std::string assembled(std::string_view flags, std::string_view body) {
  std::string text = fmt::format("{}{}{}", flags, kCommon, body);
  replace(text, "PAGE_BYTES", kPageBytes);
  replace(text, "SMALL_BATCH", kSmallBatch);
  replace(text, "PASSED_BATCHES", kPassedBatches);
  replace(text, "LANE_WINDOW", kLaneWindow);
  replace(text, "NEWS_KEPT", kNewsKept);
  replace(text, "LAST_ANSWER_SECONDS", kLastAnswerSeconds);
  return text;
}

}  // namespace

std::span<const std::string> redis_script_texts() {
  static const std::array kTexts = {
      assembled(kPlain, redis_lua::kStage),    assembled(kPlain, redis_lua::kCreate),
      assembled(kPlain, redis_lua::kClaim),    assembled(kPlain, redis_lua::kKeep),
      assembled(kPlain, redis_lua::kGiveBack), assembled(kFreeing, redis_lua::kRenew),
      assembled(kPlain, redis_lua::kSweep),    assembled(kReading, redis_lua::kRead),
      assembled(kPlain, redis_lua::kCancel),   assembled(kPlain, redis_lua::kEnd),
      assembled(kFreeing, redis_lua::kExpire),
  };
  return kTexts;
}

}  // namespace curlew
