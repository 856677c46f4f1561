#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "curlew/base/result.hpp"
#include "curlew/core/item_result.hpp"
#include "curlew/wire/result_message.hpp"

namespace curlew {

/// The map of write_result, which is also an entry of a reply to a ResultsCall.
std::string pack_result(const ItemResult& result, std::uint32_t sequence, std::uint32_t total);

/// As read_result.
///
/// Shape:  `packed` is one checked value.
Result<ResultMessage> unpack_result(std::string_view packed);

}  // namespace curlew
