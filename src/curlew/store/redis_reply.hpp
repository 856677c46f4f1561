#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace curlew {

/// Why Redis did not do what it was told.
struct RedisFailure {
  enum class Kind : std::uint8_t {
    kAway,     ///< not reached, gone in the middle, loading, or not the Redis that is needed: nothing can be asked
    kRefused,  ///< it does not let this user in
    kHeld,     ///< it writes nothing now: memory or disk full, a replica; reading goes on
    kFault     ///< this one command failed
  };
  Kind kind = Kind::kFault;
  std::string what;  ///< for the operator
};

/// What Redis answered.
struct RedisReply {
  enum class Kind : std::uint8_t { kNil, kInteger, kText, kList, kError };
  Kind kind = Kind::kNil;
  std::int64_t integer = 0;
  std::string text = {};
  std::vector<RedisReply> list = {};

  bool is_nil() const { return kind == Kind::kNil; }

  // What a reply of another shape gives is a fault of ours, or of the server: RedisFailure is thrown.

  /// An integer, or a text that is one.
  std::int64_t number() const;
  /// The same, and `otherwise` for nil.
  std::int64_t number_or(std::int64_t otherwise) const { return is_nil() ? otherwise : number(); }
  const std::string& string() const;
  /// The same, and "" for nil.
  std::string string_or_empty() const { return is_nil() ? std::string() : string(); }
  const RedisReply& at(std::size_t i) const;
  const std::vector<RedisReply>& elements() const;
};

/// A failure that an error reply means: "OOM …", "LOADING …".
RedisFailure failure_of(const std::string& error_reply, const std::string& server);

}  // namespace curlew
