#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <string>

#include "curlew/pipeline/item_source.hpp"
#include "curlew/store/job_store.hpp"
#include "curlew/store/listener.hpp"

namespace curlew {

/// The items of a store's batches, as the pipeline claims them.
///
/// Ownership: the store outlives it.
class StoreSource final : public ItemSource {
 public:
  /// The batch of each item that is claimed gets `mark` in front, by which its result finds its way back.
  StoreSource(JobStore& store, std::string mark);
  ~StoreSource() override;

  std::optional<Item> claim(const HasRoom& has_room) override;
  bool is_exhausted() const override { return closed_; }
  void set_on_change(std::function<void()> on_change) override;

  /// From now on nothing is claimed. Threads: any.
  void close();

 private:
  JobStore& store_;
  const std::string mark_;
  std::atomic<bool> closed_ = false;
  Listener<> on_change_;  ///< told of close(); the store tells it of work
};

}  // namespace curlew
