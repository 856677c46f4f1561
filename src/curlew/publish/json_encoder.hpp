#pragma once

#include <span>
#include <string>

#include "curlew/core/item_result.hpp"
#include "curlew/publish/summary.hpp"

namespace curlew {

/// One result as a JSON object on one line, without a line end. `model`, `image` and a class's `index`
/// are left out where who gave the result did not tell them; so is `image.thumbnail`, a data URL, where there is none.
///
/// Units:  scores with 5 significant digits, boxes with 2 decimals (pixels), timings with 1 (milliseconds); never NaN.
/// Errors: none; what is not UTF-8 is replaced by U+FFFD. Control characters are escaped, also those that JSON lets
/// pass.
std::string encode_json(const ItemResult& result);

/// The same with its line end.
std::string encode_ndjson(const ItemResult& result);

/// A whole run as one object, a line for each result, in the order given, with a line end. Its `timings_ms`: `model`
/// until the model was ready, `total` the running time, and the sums of the items' steps.
std::string encode_json_run(std::span<const ItemResult> results, const RunSummary& summary);

}  // namespace curlew
