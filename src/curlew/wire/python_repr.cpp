#include "curlew/wire/python_repr.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>

#include "curlew/base/utf8.hpp"

namespace curlew {
namespace {

/// Of a longer text, the reason of a reply shows the beginning: whoever sent it knows the rest.
constexpr std::size_t kMaxShownBytes = 400;

struct Range {
  std::uint32_t first;
  std::uint32_t last;
};

/// What Python escapes above ASCII: controls, spaces, marks without a form, surrogates, private use, no characters.
/// Those that are merely not assigned are shown.
constexpr std::array<Range, 24> kEscaped{{
    {0x7f, 0xa0},       {0xad, 0xad},       {0x600, 0x605},     {0x61c, 0x61c},      {0x6dd, 0x6dd},
    {0x70f, 0x70f},     {0x8e2, 0x8e2},     {0x1680, 0x1680},   {0x180e, 0x180e},    {0x2000, 0x200f},
    {0x2028, 0x202f},   {0x205f, 0x206f},   {0x3000, 0x3000},   {0xe000, 0xf8ff},    {0xfdd0, 0xfdef},
    {0xfeff, 0xfeff},   {0xfff0, 0xfffb},   {0xfffe, 0xffff},   {0x110bd, 0x110bd},  {0x110cd, 0x110cd},
    {0x13430, 0x1343f}, {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0x10ffff},
}};

bool is_escaped(std::uint32_t character) {
  return std::ranges::any_of(kEscaped,
                             [&](Range range) { return character >= range.first && character <= range.last; });
}

void append_escaped(std::string& out, std::uint32_t character) {
  const auto end = std::back_inserter(out);
  if (character == '\n') {
    out += "\\n";
  } else if (character == '\r') {
    out += "\\r";
  } else if (character == '\t') {
    out += "\\t";
  } else if (character <= 0xff) {
    fmt::format_to(end, "\\x{:02x}", character);
  } else if (character <= 0xffff) {
    fmt::format_to(end, "\\u{:04x}", character);
  } else {
    fmt::format_to(end, "\\U{:08x}", character);
  }
}

}  // namespace

std::string python_repr(std::string_view text) {
  std::string good = as_utf8(text.substr(0, kMaxShownBytes + 4));
  if (good.size() > kMaxShownBytes) {
    good.resize(utf8_bytes(std::string_view(good).substr(0, kMaxShownBytes)));
    good += "\xe2\x80\xa6";  // …
  }
  const bool in_double = good.find('\'') != std::string::npos && good.find('"') == std::string::npos;
  const char quote = in_double ? '"' : '\'';
  std::string out(1, quote);
  std::string_view rest = good;
  while (!rest.empty()) {
    const auto [character, bytes] = first_character(rest);
    if (character < 0x20 || is_escaped(character)) {
      append_escaped(out, character);
    } else {
      if (character == U'\\' || character == static_cast<unsigned char>(quote)) out += '\\';
      out += rest.substr(0, bytes);
    }
    rest.remove_prefix(bytes);
  }
  return out + quote;
}

std::string python_exception(std::string_view type, std::string_view message) {
  return fmt::format("{}({})", type, python_repr(message));
}

std::string_view python_type(const PackedValue& value) {
  switch (value.kind) {
    case PackedKind::kNil:
      return "NoneType";
    case PackedKind::kBoolean:
      return "bool";
    case PackedKind::kInteger:
      return "int";
    case PackedKind::kReal:
      return "float";
    case PackedKind::kText:
      return "str";
    case PackedKind::kBytes:
      return "bytes";
    case PackedKind::kList:
      return "list";
    case PackedKind::kMap:
      return "dict";
    case PackedKind::kExtension:
      break;
  }
  return value.extension == -1 ? "Timestamp" : "ExtType";
}

}  // namespace curlew
