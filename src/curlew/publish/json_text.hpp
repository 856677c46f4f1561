#pragma once

#include <string>
#include <string_view>

namespace curlew {

// Pieces of JSON, put to the end of a text as a serialiser would put them, without a tree of values in between.

/// `text` in its quotes.
///
/// Errors: none; what is not UTF-8 is replaced by U+FFFD. Control characters are escaped, also those that JSON lets
/// pass.
void append_json_text(std::string& out, std::string_view text);

/// The number nearest to `value` with so many decimals, and at least one. Shape: `decimals` is 1 or 2.
///
/// Errors: none; what is not finite is 0.
void append_json_fixed(std::string& out, double value, int decimals);

/// `value` with five significant digits: a byte's 256 levels stay apart, and a float's noise is gone.
///
/// Errors: as above.
void append_json_score(std::string& out, float value);

}  // namespace curlew
