#pragma once

#include <string>

#include "curlew/core/item_result.hpp"
#include "curlew/publish/paint.hpp"

namespace curlew {

/// One result for a person: the whole URL on a line, then the best label or the error, then the other labels, if any.
/// Every line ends with LF. Nothing that a client, an origin or a model sent can drive the terminal.
///
///     https://example.org/bird.jpg
///        83.2 %  Phalacrocorax varius varius  (fetch 3.2, decode 6.9, infer 3.4 ms)
///                or Phalacrocorax carbo 5.1 %, Microcarbo melanoleucos 2.0 %
std::string encode_text(const ItemResult& result, Colour colour);

}  // namespace curlew
