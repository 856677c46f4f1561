#include "curlew/service/heartbeat.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include "curlew/base/log.hpp"
#include "curlew/base/thread.hpp"

namespace curlew {

Heartbeat::Heartbeat(std::chrono::milliseconds every, std::function<void()> housekeeping,
                     std::chrono::milliseconds housekeeping_every)
    : every_(every), housekeeping_(std::move(housekeeping)), housekeeping_every_(housekeeping_every) {
  thread_ = start_thread("heartbeat", [this](const std::stop_token& stop) { run(stop); });
}

Heartbeat::~Heartbeat() {
  thread_.request_stop();
  thread_.join();
}

void Heartbeat::keep_alive(const std::shared_ptr<HttpReply>& stream) {
  const std::scoped_lock lock(mutex_);
  streams_.push_back(stream);
}

void Heartbeat::run(const std::stop_token& stop) {
  TimePoint next_beat = now() + every_;
  TimePoint next_housekeeping = now() + housekeeping_every_;
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      woken_.wait_until(lock, stop, std::min(next_beat, next_housekeeping), [] { return false; });
    }
    if (stop.stop_requested()) return;
    try {
      if (now() >= next_beat) {
        next_beat = now() + every_;
        beat();
      }
      if (now() >= next_housekeeping) {
        next_housekeeping = now() + housekeeping_every_;
        housekeeping_();
      }
    } catch (const std::exception& fault) {
      log_error("housekeeping ended by an unforeseen exception: {}", fault.what());
    }
  }
}

void Heartbeat::beat() {
  std::vector<std::shared_ptr<HttpReply>> there;
  {
    const std::scoped_lock lock(mutex_);
    std::erase_if(streams_, [](const auto& stream) { return stream.expired(); });
    for (const auto& stream : streams_) {
      if (auto alive = stream.lock()) there.push_back(std::move(alive));
    }
  }
  for (const auto& stream : there) stream->write(": still here\n\n");
}

}  // namespace curlew
