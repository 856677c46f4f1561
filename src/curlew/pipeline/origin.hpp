#pragma once

#include <string>

#include "curlew/core/item.hpp"

namespace curlew {

/// Whose transfer limit an item counts against; empty for what needs no transfer.
std::string origin_of(const Item& item);

}  // namespace curlew
