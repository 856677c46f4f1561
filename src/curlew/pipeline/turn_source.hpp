#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

#include "curlew/pipeline/item_source.hpp"

namespace curlew {

/// Several sources as one: they take turns, so that none waits for another.
///
/// Ownership: the sources outlive it.
class TurnSource final : public ItemSource {
 public:
  explicit TurnSource(std::vector<ItemSource*> sources);

  std::optional<Item> claim(const HasRoom& has_room) override;
  /// When each of them is.
  bool is_exhausted() const override;
  void set_on_change(std::function<void()> on_change) override;

 private:
  const std::vector<ItemSource*> sources_;
  std::size_t next_ = 0;
};

}  // namespace curlew
