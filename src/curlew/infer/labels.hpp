#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "curlew/base/byte_count.hpp"
#include "curlew/base/result.hpp"
#include "curlew/infer/engine.hpp"
#include "curlew/infer/model_card.hpp"

namespace curlew {

/// A list of labels longer than this is refused unread.
inline constexpr ByteCount kMaxLabelBytes = 16 * kMiB;

/// Reads a list of labels: label i belongs to class i; classes that the list leaves out are "".
///
/// Quotes, BOM and CRLF are understood; control characters become spaces.
/// Errors: text that is not UTF-8, a line without an id where ids are due, an id twice or beyond reason, a label of
/// more
///         than 512 bytes, no label at all.
Result<std::vector<std::string>, ModelUnavailable> parse_labels(std::string_view text, LabelFormat format);

/// The label of class `index`; "class 17" where the list has none.
std::string label_of(const std::vector<std::string>& labels, int index);

}  // namespace curlew
