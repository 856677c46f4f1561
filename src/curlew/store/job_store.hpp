#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <future>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "curlew/base/byte_count.hpp"
#include "curlew/base/calendar.hpp"
#include "curlew/store/batch.hpp"
#include "curlew/store/store_error.hpp"

namespace curlew {

/// How many results one page has at most; one of the longest answers is about 100 KiB, and up to
/// 32 KiB more with a thumbnail.
inline constexpr std::size_t kMaxPageResults = 1000;

/// How long a batch that expires unfinished stays after its last items have ended as kExpired, so that whoever listens
/// hears of them.
inline constexpr std::chrono::seconds kLastLook{60};

struct StoreLimits {
  std::size_t queue_items = 1'000'000;                      ///< items without a result, of all batches together
  std::chrono::milliseconds keep = std::chrono::hours(24);  ///< a batch, from its creation
  std::chrono::milliseconds keep_tombstone = std::chrono::hours(168);  ///< the memory that there was one, from its end
  ByteCount memory = kGiB;  ///< results of all batches together, where they are kept in memory
};

/// The calendar that a store goes by; a test brings its own.
using Calendar = std::function<CalendarTime()>;

/// How many more transfers from `origin` ("scheme://host:port") may begin now.
using RoomOf = std::function<std::size_t(const std::string& origin)>;

/// Where batches are kept, from the request to the last reader of their results.
///
/// Each item of a batch that was created gets exactly one result, whatever dies when: what this process has claimed is
/// its own until it hands in a result, gives it back, or ends; then it is claimed again.
///
/// Threads: any, unless said; calls that write wait for a commit (1–50 ms), those that read for the disk (below 10 ms).
/// Errors:  kUnavailable from any call that returns a StoreResult. Nothing is lost by it: what was answered is kept.
class JobStore {
 public:
  JobStore() = default;
  JobStore(const JobStore&) = delete;
  JobStore& operator=(const JobStore&) = delete;
  /// Writes what was handed in, as far as it can be written.
  virtual ~JobStore() = default;

  /// Keeps a batch; it is durable, power cuts included, when this returns.
  ///
  /// Pictures that come with it come with their claims, any number of times, and go with their results.
  ///
  /// Errors: kFull; kKeyReused, kKeyInFlight. With the key and the fingerprint of an earlier batch nothing is kept and
  ///         that batch is the answer, be the store full or not. kNoPictures where this store keeps none.
  /// Cost:   waits for one commit, which it may share with others.
  virtual StoreResult<Created> create(NewBatch batch) = 0;

  /// Up to `max_items` items to be worked on, and fewer or none where there are no more now. Batches take turns, item
  /// by item; within a batch the order is the list's. An item whose origin has no room is passed by.
  ///
  /// Nothing is given out while results cannot be written, or too many wait for it: work that cannot be kept is not
  /// begun.
  /// Threads: `room_of` is called under a lock of the store: it must be quick and not call the store.
  /// Cost:    does not grow with the number of batches, items or origins without room; reads a row an item.
  virtual StoreResult<std::vector<Claim>> claim(std::size_t max_items, const RoomOf& room_of) = 0;

  /// Says that this process still works on all that it has claimed. Stores that processes share need it at least every
  /// third of the lease; where a file belongs to one process it does nothing.
  virtual void renew_leases() = 0;

  /// Hands in results; an item's first one is kept, any other ignored. `url` of a result is its item's text.
  ///
  /// Results are written with others some milliseconds later, in the order in which they were handed in; while they
  /// cannot be written (disk full) they wait here. The future may be dropped.
  /// Returns: how each has ended, in the order of `results`, when it has.
  /// Cost:    never blocks. What waits is bounded by the items that were claimed.
  virtual std::future<std::vector<Completion>> complete(std::vector<ItemResult> results) = 0;

  /// Claimed items that were not begun go back, to their place in the list; those of a cancelled or expired batch end.
  /// Items that this process has not claimed are passed over.
  ///
  /// Cost: never blocks.
  virtual void give_back(std::span<const ItemKey> items) = 0;

  /// Ends the items that nobody has claimed with kCancelled; those that have begun bring their own results. A batch
  /// that has ended, or was cancelled before, stays as it is.
  ///
  /// Errors: kNotFound, kExpired.
  virtual StoreResult<BatchStatus> cancel(const std::string& batch) = 0;

  /// Errors: kNotFound, kExpired.
  virtual StoreResult<BatchStatus> status(const std::string& batch) = 0;

  /// The results after the sequence number `after` (0: from the first), at most `limit` and kMaxPageResults of them.
  ///
  /// Errors: kNotFound, kExpired. A number beyond the last one gives an empty page.
  virtual StoreResult<ResultPage> results(const std::string& batch, std::uint32_t after, std::size_t limit) = 0;

  /// Lets go what is old. A batch goes `keep` after its creation, with its idempotency key; one that has not ended by
  /// then ends (items not begun get kExpired) and goes kLastLook later. Asked for within `keep_tombstone`, it is
  /// kExpired. To be called every minute or so.
  ///
  /// Returns: how many batches went.
  /// Cost:    6 to 11 ms for 1,000 items, in transactions of some 5,000 (or one batch) between which others write.
  virtual StoreResult<std::size_t> expire() = 0;

  virtual StoreCounts counts() const = 0;

  /// Why the store cannot keep anything now; nothing while it can. It finds out by itself when that has passed.
  virtual std::optional<StoreError> trouble() const = 0;

  /// Who is told that claim may give more than before: a batch came, items came back, trouble passed. An empty
  /// function: nobody; when this returns, the function before is not running and will not be called any more.
  ///
  /// Threads: called on any thread, without a lock held. It must be quick, and may call the store's claim.
  virtual void set_on_work(std::function<void()> on_work) = 0;

  /// Who is told of results once they are durable, batch by batch in the order of their sequence, none left out.
  /// Otherwise as set_on_work.
  ///
  /// Threads: called by one thread at a time, without a lock held. It must be quick, and may call what reads.
  virtual void set_on_results(std::function<void(const NewResults&)> on_results) = 0;
};

}  // namespace curlew
