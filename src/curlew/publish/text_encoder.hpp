#pragma once

#include <string>

#include "curlew/core/item_result.hpp"
#include "curlew/publish/paint.hpp"

namespace curlew {

/// One result for a person: the whole URL on a line, then the best label or the error, then the others, if any.
/// Every line ends with LF. Nothing that a client, an origin or a model sent can drive the terminal.
///
///     https://example.org/bird.jpg
///        83.2 %  Phalacrocorax varius varius  (fetch 3.2, decode 6.9, infer 3.4 ms)
///                or Phalacrocorax carbo 5.1 %, Microcarbo melanoleucos 2.0 %
///
/// Of objects each has a line of its own, with the corners of its box, x1,y1 to x2,y2, in whole pixels:
///
///     https://example.org/yard.jpg
///        87.0 %  dog  131,220 – 309,541  (fetch 3.2, decode 6.9, infer 6.0 ms)
///        63.1 %  bicycle  120,118 – 569,421
std::string encode_text(const ItemResult& result, Colour colour);

}  // namespace curlew
