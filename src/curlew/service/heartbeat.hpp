#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "curlew/base/clock.hpp"
#include "curlew/http/http_reply.hpp"

namespace curlew {

/// What is to be done from time to time: comments that keep silent streams alive, and the store's housekeeping.
///
/// Threads: one of its own; any may call.
class Heartbeat {
 public:
  Heartbeat(std::chrono::milliseconds every, std::function<void()> housekeeping,
            std::chrono::milliseconds housekeeping_every);
  ~Heartbeat();
  Heartbeat(const Heartbeat&) = delete;
  Heartbeat& operator=(const Heartbeat&) = delete;

  /// A stream that gets a comment at every beat for as long as it is there.
  void keep_alive(const std::shared_ptr<HttpReply>& stream);

 private:
  void run(const std::stop_token& stop);
  void beat();

  const std::chrono::milliseconds every_;
  const std::function<void()> housekeeping_;
  const std::chrono::milliseconds housekeeping_every_;
  std::mutex mutex_;
  std::condition_variable_any woken_;
  std::vector<std::weak_ptr<HttpReply>> streams_;
  std::jthread thread_;
};

}  // namespace curlew
