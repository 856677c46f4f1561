#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace curlew {

/// How far a character moves the pen, in em; nothing where the typeface does not have it.
using AdvanceOf = std::function<std::optional<double>(char32_t)>;

/// What stands on a plate.
struct LabelText {
  std::u32string characters;
  double width_em = 0;
};

/// "dog 87 %". A label wider than there is room for is shortened ("Staffordshi… 87 %"); of its characters those are
/// left out that the typeface does not have, and those that would have to be shaped or written from right to left.
/// Where none remains it is "class 17".
///
/// Shape:  `label` may hold any bytes; what is not UTF-8 is left out.
/// Errors: nothing where not even a few characters and the score fit into `most_em`.
std::optional<LabelText> label_text(std::string_view label, int index, float score, double most_em,
                                    const AdvanceOf& advance);

}  // namespace curlew
