#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "curlew/base/clock.hpp"
#include "curlew/base/permits.hpp"
#include "curlew/base/result.hpp"
#include "curlew/core/item.hpp"

namespace curlew {

/// The bytes of one picture, with their part of the byte budget.
struct FetchedBytes {
  std::vector<std::byte> bytes;
  ByteReservation reservation;
};

/// How one fetch ended.
struct FetchOutcome {
  /// Several who asked for the same may have the same bytes; never null.
  Result<std::shared_ptr<const FetchedBytes>> body;
  TimePoint started_at = {};
  TimePoint ended_at = {};

  /// Shape: `body` is no error.
  std::span<const std::byte> bytes() const { return (*body)->bytes; }
};

/// Brings the bytes that a Url or a LocalFile names.
///
/// Each start is answered by exactly one call of `done`, whatever happens; after cancel_all() with kCancelled.
/// Threads: start and cancel_all from any thread. `done` comes on the fetcher's own thread, or before start returns; it
///          must not block and must not throw.
class Fetcher {
 public:
  using Done = std::function<void(FetchOutcome)>;

  Fetcher() = default;
  Fetcher(const Fetcher&) = delete;
  Fetcher& operator=(const Fetcher&) = delete;
  virtual ~Fetcher() = default;

  /// `source` holds a Url or a LocalFile, never an Error.
  virtual void start(const Source& source, Done done) = 0;

  /// Ends every fetch under way with kCancelled, soon; later starts are answered with kCancelled too.
  virtual void cancel_all() = 0;

  /// How many starts have been answered with what another one brought.
  virtual std::uint64_t joined() const { return 0; }
};

}  // namespace curlew
