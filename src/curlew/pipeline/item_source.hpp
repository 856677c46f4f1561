#pragma once

#include <functional>
#include <optional>
#include <string>

#include "curlew/core/item.hpp"

namespace curlew {

/// Says whether one more transfer from `origin` may begin.
using HasRoom = std::function<bool(const std::string& origin)>;

/// Where the dispatcher claims its items.
///
/// Threads: claim, is_exhausted on the dispatch thread; set_on_change before the first claim.
class ItemSource {
 public:
  ItemSource() = default;
  ItemSource(const ItemSource&) = delete;
  ItemSource& operator=(const ItemSource&) = delete;
  virtual ~ItemSource() = default;

  /// The next item whose origin has room (local files and failed sources always have), batches taking turns; nothing
  /// where there is none now.
  virtual std::optional<Item> claim(const HasRoom& has_room) = 0;

  /// Whether no item will ever come any more.
  virtual bool is_exhausted() const = 0;

  /// Who is told, on any thread, that claim may give more than before.
  virtual void set_on_change(std::function<void()> on_change) = 0;
};

}  // namespace curlew
