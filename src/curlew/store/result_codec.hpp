#pragma once

#include <string>
#include <string_view>

#include "curlew/core/item_result.hpp"

namespace curlew {

/// The bytes under which a store keeps an outcome and its timings; every bit of them comes back. Batch, index and URL
/// are the item's, and are not in it.
std::string encode_outcome(const ItemResult& result);

/// Reads into `result` what encode_outcome wrote, this one or an earlier one; false where `bytes` are not that.
/// Believes no length and no number.
bool decode_outcome(std::string_view bytes, ItemResult& result);

}  // namespace curlew
