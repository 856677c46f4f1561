#include "curlew/wire/utf8.hpp"

namespace curlew {
namespace {

unsigned byte_at(std::string_view text, std::size_t i) { return static_cast<unsigned char>(text[i]); }

bool is_between(unsigned byte, unsigned least, unsigned most) { return byte >= least && byte <= most; }

/// The length of the character that `text` begins with, 0 where there is none. Source: Unicode, table 3-7.
std::size_t character_bytes(std::string_view text) {
  const unsigned first = byte_at(text, 0);
  if (first < 0x80) return 1;
  if (!is_between(first, 0xc2, 0xf4)) return 0;
  const std::size_t bytes = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (text.size() < bytes) return 0;
  const unsigned least = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
  const unsigned most = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
  if (!is_between(byte_at(text, 1), least, most)) return 0;
  for (std::size_t i = 2; i < bytes; ++i) {
    if (!is_between(byte_at(text, i), 0x80, 0xbf)) return 0;
  }
  return bytes;
}

}  // namespace

std::size_t utf8_bytes(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t bytes = character_bytes(text.substr(at));
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
