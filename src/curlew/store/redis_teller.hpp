#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "curlew/store/batch.hpp"
#include "curlew/store/listener.hpp"

namespace curlew {

/// What listeners know of batches whose results come from several processes, so that what they hear next is no older
/// and, where it brings nothing, is not said.
///
/// Threads: one at a time.
class ToldBatches {
 public:
  /// So many batches that have ended are remembered, lest their end be told twice.
  static constexpr std::size_t kEndedRemembered = 1024;

  /// Results that this process kept: they are always told, with the newest counts known.
  NewResults own(NewResults piece);
  /// What a batch looks like after others kept results; nothing where that is known.
  std::optional<NewResults> others(const BatchStatus& status);
  /// Somebody knows of this batch: when it changes, that is to be told.
  void seen(const BatchStatus& status);
  /// The batch has gone.
  void forget(const std::string& batch) { open_.erase(batch); }
  /// Batches that had not ended when they were last told of, or seen.
  std::vector<std::string> open() const;

 private:
  void note(const BatchStatus& status);

  std::unordered_map<std::string, BatchStatus> open_;  ///< as they were told of last
  std::unordered_set<std::string> ended_;
  std::deque<std::string> ended_by_age_;
};

/// Tells a listener of results, one piece after the other.
///
/// Threads: any; the listener is called by one of them at a time, without a lock held.
class RedisTeller {
 public:
  void set(std::function<void(const NewResults&)> on_results);
  /// Whether anybody listens: what nobody wants to hear need not be asked for.
  bool is_heard() const;

  void tell_own(std::vector<NewResults> pieces);
  void tell_others(const std::vector<std::string>& ids, const std::vector<std::optional<BatchStatus>>& statuses);
  /// Somebody in this process has been told of the batch by the store itself.
  void note_seen(const BatchStatus& status);
  std::vector<std::string> open() const;

 private:
  void tell_all();

  mutable std::mutex mutex_;
  ToldBatches told_;
  std::deque<NewResults> pieces_;
  bool telling_ = false;  ///< whether somebody is in tell_all
  bool is_heard_ = false;
  Listener<const NewResults&> on_results_;
};

}  // namespace curlew
