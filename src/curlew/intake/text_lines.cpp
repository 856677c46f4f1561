#include "curlew/intake/text_lines.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace curlew {

Result<std::string_view, ListError> without_bom(std::string_view text) {
  if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff")) {
    return tl::make_unexpected(ListError{"the list is UTF-16; save it as UTF-8"});
  }
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  return text;
}

std::size_t line_end_at(std::string_view text, std::size_t position) {
  if (position >= text.size()) return 0;
  if (text[position] == '\n') return 1;
  if (text[position] != '\r') return 0;
  return position + 1 < text.size() && text[position + 1] == '\n' ? 2 : 1;
}

std::string_view stripped(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool same_in_any_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) {
    const bool upper = x >= 'A' && x <= 'Z';
    return (upper ? static_cast<char>(x - 'A' + 'a') : x) == y;
  });
}

ListError too_long(std::size_t max_items) {
  return ListError{fmt::format("the list has more than {} entries; split it, or raise limits.list_items", max_items)};
}

}  // namespace curlew
