#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>

#include "curlew/base/byte_count.hpp"
#include "curlew/core/frames.hpp"

namespace curlew {

/// A request, and what its reply must begin with.
struct Request {
  Frames envelope;  ///< the client, hops between, and the empty frame
  Frames body;      ///< may have no frame
  const std::string& client() const { return envelope.front(); }
};

/// Cuts what a ROUTER received after its first empty frame; nothing where there is none, so that no reply would arrive.
std::optional<Request> split_envelope(Frames message);

/// Whose turn it is: of each client one request at a time is worked on, and the others wait in their order.
///
/// Threads: one at a time.
class RequestTurns {
 public:
  /// The request again where it is to be worked on now; nothing where it waits.
  std::optional<Request> arrived(Request request);
  /// What the client had in work is done: its next request, to be worked on now.
  std::optional<Request> done(const std::string& client);

  /// What waits, and does not yet have its turn, with what its keeping costs.
  ByteCount waiting_bytes() const { return waiting_bytes_; }
  std::size_t clients() const { return waiting_.size(); }

 private:
  std::unordered_map<std::string, std::deque<Request>> waiting_;  ///< of clients that have a request in work
  ByteCount waiting_bytes_ = 0;
};

}  // namespace curlew
