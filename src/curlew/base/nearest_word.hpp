#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace curlew {

/// How many letters have to be changed, added or left out to make `b` of `a`.
///
/// Cost:   a.size() * b.size(); callers cut what a stranger wrote.
/// Source: Levenshtein's distance.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The one of `known` that is fewest changes of a letter away from `word`; empty where none is near.
std::string nearest_word(std::string_view word, std::span<const std::string> known);

}  // namespace curlew
