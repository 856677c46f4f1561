#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace curlew {

/// The name of the file that shows what was found in item `index` of `total`: "0003-dog.jpg", so that files sort as the
/// list does.
///
/// Shape: `text` is a URL or path as the client sent it; of its last segment, without query and ending, 80 characters
/// of
///        A-Z, a-z, 0-9, ".", "_" and "-" are kept. `ending` has its dot.
std::string annotated_name(std::uint32_t index, std::size_t total, std::string_view text, std::string_view ending);

}  // namespace curlew
