#pragma once

#include <cstddef>
#include <list>
#include <map>
#include <optional>

#include "curlew/base/clock.hpp"
#include "curlew/http/client_address.hpp"

namespace curlew {

/// Counts the requests of each client: a bucket of as many tokens as may come in a second, and at least one. The
/// clients of one IPv6 network (/64) count as one, since each has all its addresses.
///
/// Threads: one at a time.
/// Cost:    remembers `max_clients`; the one that has not come for the longest time is forgotten first.
class ClientRate {
 public:
  /// `per_s` 0: no limit.
  ClientRate(double per_s, std::size_t max_clients);

  /// Takes a token. How long to wait where there is none; nothing where there is one.
  std::optional<Duration> wait_for(const PeerAddress& client, TimePoint time);

  std::size_t clients() const { return buckets_.size(); }

 private:
  struct Bucket {
    PeerAddress client;
    double tokens;
    TimePoint filled;
  };
  using Buckets = std::list<Bucket>;

  Bucket& bucket_of(const PeerAddress& client, TimePoint time);

  double per_s_;
  double depth_;
  std::size_t max_clients_;
  Buckets buckets_;  ///< the latest first
  std::map<PeerAddress, Buckets::iterator> by_client_;
};

}  // namespace curlew
