#include "curlew/store/redis_reply.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

namespace curlew {
namespace {

using Kind = RedisFailure::Kind;

[[noreturn]] void misshapen() {
  throw RedisFailure{.kind = Kind::kFault, .what = "Redis answered something else than was asked for"};
}

struct Meaning {
  std::string_view code;
  Kind kind;
  std::string_view words;
};

/// What the first word of an error reply means, and what there is to do.
constexpr std::array kMeanings = {
    Meaning{"OOM", Kind::kHeld, "is full: raise its maxmemory, or wait until batches have ended and expired"},
    Meaning{"MISCONF", Kind::kHeld, "cannot save to its disk: look at its log"},
    Meaning{"READONLY", Kind::kHeld, "is a replica, to which nothing can be written: name the primary"},
    Meaning{"NOREPLICAS", Kind::kHeld, "has too few replicas to write (min-replicas-to-write)"},
    Meaning{"MASTERDOWN", Kind::kAway, "has lost its primary"},
    Meaning{"LOADING", Kind::kAway, "is still loading its data"},
    Meaning{"BUSY", Kind::kAway, "is busy with somebody's script"},
    Meaning{"NOAUTH", Kind::kRefused, "wants a password: redis://USER:PASSWORD@HOST:PORT/DB"},
    Meaning{"WRONGPASS", Kind::kRefused, "does not know this user and password, or the user is off"},
    Meaning{"NOPERM", Kind::kRefused, "does not allow this user what is needed: see the documentation for the ACL"},
};

}  // namespace

std::int64_t RedisReply::number() const {
  if (kind == Kind::kInteger) return integer;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (kind != Kind::kText || error != std::errc() || end != text.data() + text.size()) misshapen();
  return value;
}

const std::string& RedisReply::string() const {
  if (kind != Kind::kText) misshapen();
  return text;
}

const RedisReply& RedisReply::at(std::size_t i) const {
  if (kind != Kind::kList || i >= list.size()) misshapen();
  return list[i];
}

const std::vector<RedisReply>& RedisReply::elements() const {
  if (kind != Kind::kList) misshapen();
  return list;
}

RedisFailure failure_of(const std::string& error_reply, const std::string& server) {
  const std::string_view code = std::string_view(error_reply).substr(0, error_reply.find(' '));
  const auto meaning = std::ranges::find(kMeanings, code, &Meaning::code);
  if (meaning != kMeanings.end()) {
    return {.kind = meaning->kind, .what = fmt::format("Redis at {} {}", server, meaning->words)};
  }
  return {.kind = Kind::kFault, .what = fmt::format("Redis at {} refused a command: {}", server, error_reply)};
}

}  // namespace curlew
