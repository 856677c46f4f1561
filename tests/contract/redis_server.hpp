#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "contract/job_store_fixture.hpp"
#include "curlew/store/redis_address.hpp"
#include "curlew/store/redis_connection.hpp"
#include "curlew/store/redis_store.hpp"

namespace curlew::testing_store {

/// A real redis-server in a folder of its own, on a port that was free; it ends with this, or with the process.
class RedisServer {
 public:
  /// Why there can be none; "" where there can.
  static std::string missing();

  /// `arguments` as on its command line. Throws std::runtime_error where it does not come up.
  explicit RedisServer(std::vector<std::string> arguments = {});
  ~RedisServer();
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;

  const RedisAddress& address() const { return address_; }

  /// What an operator would type.
  RedisReply command(std::vector<std::string> words) const;

  void start();  ///< on the same port, with the files that are there
  void stop();   ///< in order
  void kill();   ///< as a crash would
  void signal(int number) const;

 private:
  bool try_start();
  bool is_up() const;
  void wait_for_end();

  TemporaryFolder folder_;
  const std::vector<std::string> arguments_;
  RedisAddress address_;
  pid_t pid_ = -1;
};

/// Stores of this process on one server that all its tests share, each place with a prefix of its own.
OpenStore new_redis_place();

}  // namespace curlew::testing_store
