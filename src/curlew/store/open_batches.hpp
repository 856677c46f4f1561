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
    std::size_t without_result = 0;  ///< items
    std::size_t handed_in = 0;       ///< of those: results that are not written yet
    bool has_answered = false;       ///< a result of it has been handed in
  };
  /// What a result could share a commit with that is still to come.
  enum class Company : std::uint8_t {
    kNone,    ///< nothing that it may wait for: nobody works on anything else, or it is the first of its batch
    kOthers,  ///< results of other batches; it is the last of its own
    kMany     ///< some of its own batch too
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

  /// Results of items of this batch are about to be written; `unwritten` are, with these, of all batches.
  Company hand_in(const std::string& batch, std::size_t results, std::size_t unwritten);

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
