#include "curlew/base/utf8.hpp"

namespace curlew {
namespace {

unsigned byte_at(std::string_view text, std::size_t i) { return static_cast<unsigned char>(text[i]); }

bool is_between(unsigned byte, unsigned least, unsigned most) { return byte >= least && byte <= most; }

}  // namespace

Utf8Character first_character(std::string_view text) {
  if (text.empty()) return {};
  const unsigned first = byte_at(text, 0);
  if (first < 0x80) return {.code = first, .bytes = 1};
  if (!is_between(first, 0xc2, 0xf4)) return {};
  const std::size_t bytes = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (text.size() < bytes) return {};
  const unsigned least = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
  const unsigned most = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
  if (!is_between(byte_at(text, 1), least, most)) return {};
  char32_t code = first & (0xffU >> (bytes + 1));
  for (std::size_t i = 1; i < bytes; ++i) {
    if (!is_between(byte_at(text, i), 0x80, 0xbf)) return {};
    code = code << 6U | (byte_at(text, i) & 0x3fU);
  }
  return {.code = code, .bytes = bytes};
}

std::size_t utf8_bytes(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t bytes = first_character(text.substr(at)).bytes;
    if (bytes == 0) break;
    at += bytes;
  }
  return at;
}

std::string as_utf8(std::string_view text) {
  std::string out;
  while (true) {
    const std::size_t good = utf8_bytes(text);
    out += text.substr(0, good);
    if (good == text.size()) return out;
    out += "\xef\xbf\xbd";
    text.remove_prefix(good + 1);
  }
}

}  // namespace curlew
