#pragma once

#include <poll.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "curlew/base/clock.hpp"
#include "curlew/base/result.hpp"
#include "curlew/fetch/address.hpp"

namespace curlew {

/// Finds the addresses of names without blocking; whoever polls sockets drives it.
///
/// Threads: one, the same for all calls.
class Resolver {
 public:
  using Answers = Result<std::vector<IpAddress>>;
  using Done = std::function<void(Answers)>;
  using Ticket = std::uint64_t;

  Resolver() = default;
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;
  virtual ~Resolver() = default;

  /// Asks for all addresses of `host`, a lower-case ASCII name. `done` is called once, from a later process() and never
  /// from here; not at all after cancel.
  ///
  /// Errors: kDnsFailed: not retryable where the name does not exist, retryable where the servers do not answer. There
  ///         is no time limit here: the caller cancels.
  virtual Ticket resolve(const std::string& host, Done done) = 0;

  /// Forgets `ticket`; one that has ended is ignored.
  virtual void cancel(Ticket ticket) = 0;

  /// Adds the sockets to be polled, `events` set.
  virtual void add_sockets(std::vector<pollfd>& sockets) = 0;

  /// When process() wants to be called even if no socket is ready.
  virtual std::optional<TimePoint> wake_at() const = 0;

  /// Moves on, with what polling set in `revents`; calls `done` of what has ended.
  virtual void process(std::span<const pollfd> polled) = 0;
};

}  // namespace curlew
