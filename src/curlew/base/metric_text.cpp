#include "curlew/base/metric_text.hpp"

#include <fmt/format.h>

#include <cmath>

namespace curlew {
namespace {

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

/// The length of the UTF-8 character that `text` begins with; 0 where it begins with none.
std::size_t character_bytes(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  if (first < 0x80) return 1;
  const std::size_t size = first >= 0xC2 && first < 0xE0 ? 2 : first >= 0xE0 && first < 0xF0 ? 3 : 4;
  if (first < 0xC2 || first > 0xF4 || text.size() < size) return 0;
  for (const char c : text.substr(1, size - 1)) {
    if (!continues(c)) return 0;
  }
  // The second byte tells the forms that are too long, the surrogates and what is beyond U+10FFFF.
  const auto second = static_cast<unsigned char>(text[1]);
  const bool refused = (first == 0xE0 && second < 0xA0) || (first == 0xED && second >= 0xA0) ||
                       (first == 0xF0 && second < 0x90) || (first == 0xF4 && second >= 0x90);
  return refused ? 0 : size;
}

std::string_view cut(std::string_view value) {
  if (value.size() <= kMaxLabelBytes) return value;
  std::size_t size = kMaxLabelBytes;
  // At most three steps: a character has no more bytes that continue it.
  for (int step = 0; step < 3 && continues(value[size]); ++step) --size;
  return value.substr(0, size);
}

}  // namespace

std::string metric_number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  return fmt::format("{}", value);
}

std::string escaped_help(std::string_view help) {
  std::string out;
  for (const char c : help) {
    if (c == '\\') {
      out += "\\\\";
    } else if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  return out;
}

std::string escaped_label_value(std::string_view value) {
  std::string out;
  for (std::string_view rest = cut(value); !rest.empty();) {
    const std::size_t size = character_bytes(rest);
    if (size == 0) {
      out += '?';
    } else if (rest.front() == '\\' || rest.front() == '"') {
      out += {'\\', rest.front()};
    } else if (rest.front() == '\n') {
      out += "\\n";
    } else {
      out += rest.substr(0, size);
    }
    rest.remove_prefix(size == 0 ? 1 : size);
  }
  return out;
}

}  // namespace curlew
