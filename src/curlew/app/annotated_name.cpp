#include "curlew/app/annotated_name.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>

namespace curlew {
namespace {

constexpr std::size_t kMostNameChars = 80;   // with index and ending far below what file systems take
constexpr std::size_t kMostEndingChars = 5;  // ".jpeg", ".avif"; what is longer is a part of the name

bool is_letter_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

bool is_kept(char c) { return is_letter_or_digit(c) || c == '.' || c == '_' || c == '-'; }

/// Of a URL the path; a file's path may hold any character.
std::string_view path_of(std::string_view text) {
  const auto scheme = text.find("://");
  if (scheme == std::string_view::npos) return text;
  text = text.substr(scheme + 3);
  text = text.substr(0, text.find_first_of("?#"));
  const auto path = text.find('/');
  return path == std::string_view::npos ? "" : text.substr(path);
}

std::string_view without_ending(std::string_view name) {
  const auto dot = name.rfind('.');
  if (dot == std::string_view::npos || dot == 0) return name;
  const auto ending = name.substr(dot + 1);
  return ending.size() <= kMostEndingChars && std::ranges::all_of(ending, is_letter_or_digit) ? name.substr(0, dot)
                                                                                              : name;
}

std::string stem_of(std::string_view text) {
  const auto path = path_of(text);
  const auto segment = without_ending(path.substr(path.rfind('/') + 1));
  std::string stem;
  bool replaced = false;  // one "-" for any number of them, as UTF-8 has several bytes a character
  for (const char c : segment.substr(std::min(segment.find_first_not_of('.'), segment.size()))) {
    if (stem.size() == kMostNameChars) break;
    if (is_kept(c)) {
      stem += c;
    } else if (!replaced) {
      stem += '-';
    }
    replaced = !is_kept(c);
  }
  return stem.empty() ? "picture" : stem;
}

}  // namespace

std::string annotated_name(std::uint32_t index, std::size_t total, std::string_view text, std::string_view ending) {
  const auto width = std::to_string(std::max<std::size_t>(total, 1) - 1).size();
  return fmt::format("{:0{}}-{}{}", index, width, stem_of(text), ending);
}

}  // namespace curlew
