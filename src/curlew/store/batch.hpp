#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "curlew/base/calendar.hpp"
#include "curlew/core/item.hpp"
#include "curlew/core/item_result.hpp"
#include "curlew/core/task.hpp"

namespace curlew {

/// One place of a list that is to be kept.
struct NewItem {
  std::string text;     ///< letter for letter as the client sent it
  std::string problem;  ///< why it cannot be a URL, for the client; empty: nothing is known against it
  /// What came with the request, whose name then is the text; null: it is to be fetched.
  std::shared_ptr<std::vector<std::byte>> picture = nullptr;
};

/// What holds for every item of a batch.
struct BatchOptions {
  Task task = Task::kClassify;
  std::string model;
  int top = 3;
  float threshold = 0.5F;
  bool thumbnail = false;  ///< whether results hold a small picture each
  /// Which run of a service publishes its results to subscribers, as that run calls itself; "": none does.
  std::string publisher = {};
  friend bool operator==(const BatchOptions&, const BatchOptions&) = default;
};

/// The client's name for a request that it may send twice.
struct IdempotencyKey {
  std::string key;          ///< with the client in front of it, where clients are told apart
  std::string fingerprint;  ///< of the request: equal where, and only where, the same is asked for
};

/// A batch as it is to be kept. An empty list is a batch that has ended.
struct NewBatch {
  std::vector<NewItem> items;
  BatchOptions options;
  std::optional<IdempotencyKey> idempotency;
};

/// What is known of a batch.
struct BatchStatus {
  enum class Phase : std::uint8_t {
    kQueued,    ///< no item has begun
    kRunning,   ///< some have
    kDone,      ///< each has its result
    kCancelled  ///< by its client, before each had its result; items that had begun may still bring theirs
  };
  std::string id;
  BatchOptions options;
  Phase phase = Phase::kQueued;
  std::uint32_t total = 0;
  std::uint32_t done = 0;       ///< items with a result, of whatever kind; also the last sequence number
  std::uint32_t failed = 0;     ///< of those: with an error other than kCancelled
  std::uint32_t cancelled = 0;  ///< of those: with kCancelled
  CalendarTime created_at;
  std::optional<CalendarTime> ended_at;  ///< when the last result came
  CalendarTime expires_at;               ///< from then on it may go at any time

  /// Whether no result will ever come any more.
  bool ended() const { return done == total; }
};

/// The answer to a create.
struct Created {
  BatchStatus status;
  bool is_new = true;  ///< false: the idempotency key has brought this batch before
};

/// An item that is to be worked on now.
struct Claim {
  Item item;
  Task task = Task::kClassify;
};

/// Which item of which batch.
struct ItemKey {
  std::string batch;
  std::uint32_t index = 0;
  friend auto operator<=>(const ItemKey&, const ItemKey&) = default;
};

/// A result in its place: `sequence` counts the results of a batch from 1 in the order in which they were kept.
struct KeptResult {
  std::uint32_t sequence = 0;
  ItemResult result;
};

/// What became of a result that was handed in.
enum class Completion : std::uint8_t {
  kKept,     ///< it is the item's one result, durable
  kIgnored,  ///< the item had its result already, or there is no such item (any more)
  kLost      ///< the store ended before it could write it; the item will be claimed again
};

/// Some results of a batch, from one place on.
struct ResultPage {
  std::vector<KeptResult> results;  ///< by rising sequence, without gaps
  BatchStatus status;               ///< as it was when the page was read: with `status.done` as the last, all is read
};

/// Results that have just been kept, of one batch.
struct NewResults {
  BatchStatus status;               ///< with these results counted
  std::vector<KeptResult> results;  ///< by rising sequence, without gaps; empty where another machine kept them
};

/// For metrics.
struct StoreCounts {
  std::size_t open_batches = 0;
  std::size_t waiting_items = 0;      ///< neither claimed nor ended: the depth of the queue
  std::size_t claimed_items = 0;      ///< by this process, and without a result
  std::size_t unwritten_results = 0;  ///< handed in, and not yet durable
};

}  // namespace curlew
