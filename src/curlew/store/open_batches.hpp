#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "curlew/base/clock.hpp"
#include "curlew/store/batch.hpp"
#include "curlew/store/claim_board.hpp"
#include "curlew/store/stored_item.hpp"

namespace curlew {

/// What a store that writes to a disk knows of batches that have not ended without asking the disk.
///
/// Threads: any; never waits for more than a few steps of another thread.
class OpenBatches {
 public:
  using BatchKey = ClaimBoard::BatchKey;
  using Place = ClaimBoard::Place;

  struct Batch {
    std::string id;
    BatchOptions options;
    TimePoint accepted_at;
    Ending ending = Ending::kNone;
  };
  struct Claimed {
    Place place;
    Batch batch;
  };

  /// Nothing happens where there are no items.
  void add(BatchKey key, Batch batch, const std::vector<ClaimBoard::Waiting>& items);
  void remove(BatchKey key);
  std::vector<Claimed> claim(std::size_t max_items, const RoomOf& room_of);

  /// Claimed items wait again. Those of batches that are ending do not, and are the answer.
  std::vector<ItemKey> give_back(std::span<const ItemKey> items);
  void give_back(const Place& place);

  /// What waits of the batch is claimed, and what comes back does not wait any more; the answer is what was claimed.
  std::vector<std::uint32_t> begin_ending(BatchKey key, Ending ending);
  /// The opposite: `indexes` wait again.
  void undo_ending(BatchKey key, const std::vector<std::uint32_t>& indexes);

  void finish(const std::vector<Place>& places);

  bool has_begun(BatchKey key) const;
  std::size_t items() const;
  StoreCounts counts() const;

 private:
  mutable std::mutex mutex_;
  ClaimBoard board_;
  std::unordered_map<BatchKey, Batch> batches_;
  std::unordered_map<std::string, BatchKey> key_of_;
};

}  // namespace curlew
