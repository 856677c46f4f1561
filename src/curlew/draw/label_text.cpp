#include "curlew/draw/label_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "curlew/base/utf8.hpp"

namespace curlew {
namespace {

constexpr char32_t kEllipsis = U'…';
constexpr std::size_t kLeastCharacters = 3;     // of a shortened label; fewer tell nothing
constexpr std::size_t kMostCharacters = 1'000;  // no plate is that wide

bool is_space(char32_t c) { return c == U' ' || (c >= 0x09 && c <= 0x0D) || c == 0xA0 || (c >= 0x2000 && c <= 0x200A); }

bool is_invisible(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0xAD || (c >= 0x200B && c <= 0x200F) ||
         (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) || (c >= 0xFE00 && c <= 0xFE0F) || c == 0xFEFF ||
         (c >= 0xFFF0 && c <= 0xFFFF);
}

/// Written from right to left, or of letters that take the shape of what stands beside them.
bool wants_shaping(char32_t c) {
  return (c >= 0x590 && c <= 0x109F) || (c >= 0x1780 && c <= 0x18AF) || (c >= 0xFB1D && c <= 0xFDFF) ||
         (c >= 0xFE70 && c <= 0xFEFF) || (c >= 0x10800 && c <= 0x10FFF) || (c >= 0x1E800 && c <= 0x1EFFF);
}

std::u32string shown(std::string_view label, const AdvanceOf& advance) {
  std::u32string text;
  bool gap = false;
  while (!label.empty() && text.size() < kMostCharacters) {
    const auto [character, bytes] = first_character(label);
    label.remove_prefix(std::max<std::size_t>(bytes, 1));
    if (bytes == 0) continue;
    if (is_space(character)) {
      gap = !text.empty();
    } else if (!is_invisible(character) && !wants_shaping(character) && advance(character)) {
      if (gap) text += U' ';
      gap = false;
      text += character;
    }
  }
  return text;
}

double width_of(std::u32string_view text, const AdvanceOf& advance) {
  double width = 0;
  for (const char32_t character : text) width += advance(character).value_or(0);
  return width;
}

std::u32string ascii(std::string_view text) { return {text.begin(), text.end()}; }

}  // namespace

std::optional<LabelText> label_text(std::string_view label, int index, float score, double most_em,
                                    const AdvanceOf& advance) {
  std::u32string name = shown(label, advance);
  if (name.empty()) name = ascii(fmt::format("class {}", index));
  const std::u32string percent = ascii(fmt::format(" {:.0f} %", score * 100));
  const double percent_em = width_of(percent, advance);
  double width = width_of(name, advance) + percent_em;
  if (width <= most_em) return LabelText{.characters = name + percent, .width_em = width};

  width += advance(kEllipsis).value_or(0);
  while (name.size() >= kLeastCharacters && width > most_em) {
    width -= advance(name.back()).value_or(0);
    name.pop_back();
  }
  while (!name.empty() && name.back() == U' ') {
    width -= advance(U' ').value_or(0);
    name.pop_back();
  }
  if (name.size() < kLeastCharacters) return std::nullopt;
  return LabelText{.characters = name + kEllipsis + percent, .width_em = width};
}

}  // namespace curlew
