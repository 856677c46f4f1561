#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "curlew/store/redis_address.hpp"
#include "curlew/store/redis_reply.hpp"
#include "curlew/store/redis_scripts.hpp"

namespace curlew {

/// One command: its words, or the arguments of a script.
struct RedisCommand {
  std::optional<RedisScript> script = std::nullopt;
  std::vector<std::string> words;
};

struct RedisPatience {
  std::chrono::milliseconds connect{1000};  ///< until a connection stands
  std::chrono::milliseconds answer{2000};   ///< until an answer has come
};

/// A connection to Redis, logged in, its database chosen. Scripts are brought when they are first used, or used again
/// after somebody has thrown them away. After a failure of kind kAway it is of no more use.
///
/// Threads: one at a time; interrupt() any.
/// Throws:  RedisFailure, which names the server but never its password.
class RedisConnection {
 public:
  /// `script_hashes`: what another connection has come to know, lest the scripts be sent again.
  RedisConnection(const RedisAddress& address, RedisPatience patience, std::vector<std::string> script_hashes = {});
  ~RedisConnection();
  RedisConnection(const RedisConnection&) = delete;
  RedisConnection& operator=(const RedisConnection&) = delete;

  /// The answers to `commands` in their order, in one round trip; an error of one of them is its reply.
  std::vector<RedisReply> run_all(const std::vector<RedisCommand>& commands);
  /// The answer to one; an error is thrown. `wait` longer than patience.answer: for a command that blocks.
  RedisReply run(const RedisCommand& command);
  RedisReply run_blocking(const RedisCommand& command, std::chrono::milliseconds wait);
  /// Throws where `reply` is an error.
  void check(const RedisReply& reply) const;

  /// Whoever waits for an answer gets kAway at once, now or later.
  void interrupt();

  /// Under which names the scripts are known, by RedisScript; none while that is not known.
  const std::vector<std::string>& script_hashes() const { return script_hashes_; }

 private:
  struct Context;
  void log_in(const RedisAddress& address);
  void load_scripts();
  void set_wait(std::chrono::milliseconds wait);
  void send(const std::string& bytes);
  RedisReply receive();
  std::string formatted(const RedisCommand& command) const;
  [[noreturn]] void fail(const std::string& why) const;

  const std::string server_;
  const RedisPatience patience_;
  std::unique_ptr<Context> context_;
  std::vector<std::string> script_hashes_;
};

}  // namespace curlew
