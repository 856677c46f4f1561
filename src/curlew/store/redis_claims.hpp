#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "curlew/store/job_store.hpp"

namespace curlew {

/// What this process has claimed and not yet brought back, and which origins may be short of room because of it.
///
/// Threads: any.
class RedisClaims {
 public:
  /// How many origins without room are remembered beyond those that this process works on.
  static constexpr std::size_t kTightOrigins = 256;

  /// Of the origins that this process works on, or was refused lately: those that have room for fewer than `max_items`,
  /// and for how many.
  std::map<std::string, std::size_t> rooms(std::size_t max_items, const RoomOf& room_of);

  /// Claims what has room, and drops from `claims` what has none; the answer is that.
  std::vector<ItemKey> admit(std::vector<Claim>& claims, const RoomOf& room_of);

  /// Those of `items` that were claimed; they are so no longer.
  std::vector<ItemKey> remove(std::span<const ItemKey> items);
  void remove(const ItemKey& item) { remove(std::span(&item, 1)); }

  std::vector<ItemKey> all() const;
  std::size_t size() const;

 private:
  mutable std::mutex mutex_;
  std::map<ItemKey, std::string> origin_of_;    ///< of what is claimed
  std::map<std::string, std::size_t> origins_;  ///< how often each stands there
  std::map<std::string, std::size_t> tight_;    ///< had no room for what came -> when, in claims
  std::size_t refusals_ = 0;
};

}  // namespace curlew
