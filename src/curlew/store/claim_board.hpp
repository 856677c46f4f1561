#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "curlew/store/job_store.hpp"

namespace curlew {

/// Which items wait, which are claimed, and whose turn it is: what stores that belong to one process decide in memory.
///
/// Batches take turns, item by item. A batch all of whose origins are without room is parked: it keeps its turn and is
/// not looked at until one of them has room.
/// Threads: one at a time.
/// Cost:    logarithmic in batches and items; claim asks for the room of each origin once, and of none but those that
///          are full or next. About 500 bytes a batch, 4 an item, 100 an origin of a batch.
class ClaimBoard {
 public:
  using BatchKey = std::int64_t;

  /// An item that waits; an empty origin always has room.
  struct Waiting {
    std::uint32_t index = 0;
    std::string origin;
  };
  struct Place {
    BatchKey batch = 0;
    std::uint32_t index = 0;
    friend bool operator==(const Place&, const Place&) = default;
  };

  /// A batch whose turn comes after all others. Shape: `items` by rising index; `batch` is new; nothing happens where
  /// there are no items.
  void add(BatchKey batch, const std::vector<Waiting>& items);

  /// The next items, at most `max_items`; they are claimed now.
  std::vector<Place> claim(std::size_t max_items, const RoomOf& room_of);

  /// All of the batch that wait are claimed, whatever their origin; by rising index.
  std::vector<std::uint32_t> claim_all(BatchKey batch);

  /// A claimed item waits again, at its place in the list. False where it is not claimed.
  bool give_back(const Place& place);

  /// The item has its result; with its last one the batch leaves the board. False where it neither waits nor is
  /// claimed.
  bool finish(const Place& place);

  /// The batch leaves the board, whatever waits or is claimed.
  void remove(BatchKey batch);

  bool is_claimed(const Place& place) const;
  /// Whether an item of the batch has ever been claimed by `claim`.
  bool has_begun(BatchKey batch) const;
  /// Whether an item of the batch waits or is claimed.
  bool contains(BatchKey batch) const { return batches_.contains(batch); }
  std::size_t batches() const { return batches_.size(); }
  std::size_t waiting() const { return waiting_; }
  std::size_t claimed() const { return claimed_; }

 private:
  struct Lane {
    std::string origin;
    std::vector<std::uint32_t> waiting;  ///< by falling index: the last is the next
  };
  struct Batch {
    enum class Standing : std::uint8_t { kNothingWaits, kInTurn, kParked };
    std::vector<Lane> lanes;
    std::map<std::uint32_t, std::size_t> heads;              ///< the next item of each lane that has one -> the lane
    std::unordered_map<std::uint32_t, std::size_t> claimed;  ///< index -> lane
    std::uint64_t turn = 0;
    Standing standing = Standing::kNothingWaits;
    bool has_begun = false;
  };
  using Batches = std::unordered_map<BatchKey, Batch>;
  class Rooms;

  std::optional<Place> claim_one(Rooms& rooms);
  std::optional<BatchKey> first_parked(Rooms& rooms) const;
  std::optional<Place> take_from(BatchKey key, Rooms& rooms);
  void put_in_turn(BatchKey key, Batch& batch, std::uint64_t turn);
  void park(BatchKey key, Batch& batch);
  void leave_standing(BatchKey key, Batch& batch);
  void erase_if_over(Batches::iterator it);

  Batches batches_;
  std::map<std::uint64_t, BatchKey> turns_;                                     ///< the lowest is next
  std::map<std::string, std::set<std::pair<std::uint64_t, BatchKey>>> parked_;  ///< by each full origin they need
  std::uint64_t last_turn_ = 0;
  std::size_t waiting_ = 0;
  std::size_t claimed_ = 0;
};

}  // namespace curlew
