#pragma once

#include <atomic>
#include <cstdint>

namespace curlew {

/// Whether the service takes work.
///
/// Threads: any.
class ServiceState {
 public:
  enum class Phase : std::uint8_t { kStarting, kReady, kDraining };

  Phase phase() const { return phase_; }
  /// A service that drains stays so.
  void become_ready() {
    Phase starting = Phase::kStarting;
    phase_.compare_exchange_strong(starting, Phase::kReady);
  }
  void begin_drain() { phase_ = Phase::kDraining; }

 private:
  std::atomic<Phase> phase_ = Phase::kStarting;
};

}  // namespace curlew
