#include "curlew/decode/exif.hpp"

#include <array>
#include <cstdint>
#include <cstring>

#include "curlew/decode/jpeg_segments.hpp"

namespace curlew {
namespace {

class TiffReader {
 public:
  TiffReader(std::span<const std::byte> bytes, bool big_endian) : bytes_(bytes), big_endian_(big_endian) {}

  std::optional<std::uint32_t> number(std::size_t offset, std::size_t width) const {
    if (offset > bytes_.size() || bytes_.size() - offset < width) return std::nullopt;
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < width; ++i) {
      const std::size_t at = offset + (big_endian_ ? i : width - 1 - i);
      value = value << 8U | std::to_integer<std::uint32_t>(bytes_[at]);
    }
    return value;
  }

 private:
  std::span<const std::byte> bytes_;
  bool big_endian_;
};

constexpr std::uint32_t kOrientationTag = 0x0112;
constexpr std::uint32_t kShort = 3;
constexpr std::size_t kEntryBytes = 12;

}  // namespace

std::optional<Orientation> orientation_of_exif(std::span<const std::byte> tiff) {
  if (tiff.size() < 8 || tiff[0] != tiff[1]) return std::nullopt;
  const bool big_endian = tiff[0] == std::byte{'M'};
  if (!big_endian && tiff[0] != std::byte{'I'}) return std::nullopt;
  const TiffReader reader(tiff, big_endian);
  if (reader.number(2, 2) != 42U) return std::nullopt;
  const std::size_t directory = *reader.number(4, 4);
  const auto entries = reader.number(directory, 2);
  if (!entries) return std::nullopt;
  for (std::size_t i = 0; i < *entries; ++i) {
    const std::size_t entry = directory + 2 + i * kEntryBytes;
    const auto tag = reader.number(entry, 2);
    if (!tag) return std::nullopt;
    if (*tag != kOrientationTag) continue;
    const auto value = reader.number(entry + 8, 2);
    if (reader.number(entry + 2, 2) != kShort || !value || *value < 1 || *value > 8) return std::nullopt;
    return static_cast<Orientation>(*value);
  }
  return std::nullopt;
}

std::span<const std::byte> exif_of_jpeg(std::span<const std::byte> jpeg) {
  constexpr std::array<char, 6> kName{'E', 'x', 'i', 'f', '\0', '\0'};
  constexpr unsigned kApp1 = 0xE1;
  JpegSegments segments(jpeg);
  while (const auto segment = segments.next()) {
    if (segment->marker == kApp1 && segment->payload.size() > kName.size() &&
        std::memcmp(segment->payload.data(), kName.data(), kName.size()) == 0) {
      return segment->payload.subspan(kName.size());
    }
  }
  return {};
}

}  // namespace curlew
