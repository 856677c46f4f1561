// Any bytes as a PNG file. Where the first byte is PNG's own, the checksums of the chunks are made right, or nearly
// every change would end at one; with another first byte they are left as they are.
#include "fuzz/picture_target.hpp"

namespace curlew::fuzz {
namespace {

constexpr std::size_t kSignatureBytes = 8;

std::uint32_t checksum(std::span<const std::uint8_t> bytes) {
  std::uint32_t crc = 0xffffffffU;
  for (const std::uint8_t byte : bytes) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? 0xedb88320U : 0U);
  }
  return ~crc;
}

std::size_t number_at(const File& png, std::size_t at) {
  return static_cast<std::size_t>(png[at]) << 24U | static_cast<std::size_t>(png[at + 1]) << 16U |
         static_cast<std::size_t>(png[at + 2]) << 8U | png[at + 3];
}

/// As far as the chunks are whole.
void correct_checksums(File& png) {
  std::size_t at = kSignatureBytes;
  while (png.size() - at >= 12) {  // length, name, checksum
    const std::size_t length = number_at(png, at);
    if (length > png.size() - at - 12) return;
    const std::uint32_t crc = checksum(std::span(png).subspan(at + 4, length + 4));
    at += 8 + length;
    for (unsigned i = 0; i < 4; ++i) png[at++] = static_cast<std::uint8_t>(crc >> (24 - 8 * i));
  }
}

}  // namespace
}  // namespace curlew::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace curlew;
  constexpr auto kFormat = PictureFormat::kPng;
  auto png = fuzz::with_magic(std::span(data, size), kFormat);
  if (size > 0 && data[0] == 0x89) fuzz::correct_checksums(png);
  fuzz::decode_and_check(png, kFormat);
  return 0;
}
