#include "curlew/base/nearest_word.hpp"

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

namespace curlew {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = std::exchange(row[j + 1], std::min({changed, row[j] + 1, row[j + 1] + 1}));
    }
  }
  return row.back();
}

std::string nearest_word(std::string_view word, std::span<const std::string> known) {
  constexpr std::size_t kLongest = 64;  // longer ones are near nothing, and cost time
  if (word.size() > kLongest) return {};
  std::size_t best = 1 + word.size() / 2;  // more changes than this: not a slip of the pen
  std::string nearest;
  for (const std::string& candidate : known) {
    const std::size_t apart = edit_distance(word, candidate);
    if (apart < best || (apart == best && nearest.empty())) {
      best = apart;
      nearest = candidate;
    }
  }
  return nearest;
}

}  // namespace curlew
