#include "curlew/decode/png_chunks.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <string_view>

#include "curlew/decode/exif.hpp"

namespace curlew {
namespace {

constexpr std::size_t kSignatureBytes = 8;
constexpr std::size_t kFrameBytes = 12;  // length, name, checksum
constexpr std::size_t kHeaderBytes = 13;

std::uint32_t big_endian_32(std::span<const std::byte> bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8U | std::to_integer<std::uint32_t>(bytes[i]);
  return value;
}

struct Chunk {
  std::string_view name;
  std::span<const std::byte> whole;  ///< with length, name and checksum, as far as the bytes go
  std::span<const std::byte> body;
};

std::optional<Chunk> chunk_at(std::span<const std::byte> bytes, std::size_t at) {
  if (bytes.size() - at < 8) return std::nullopt;
  const auto rest = bytes.subspan(at);
  const std::size_t length = big_endian_32(rest);
  return Chunk{.name = {reinterpret_cast<const char*>(rest.data()) + 4, 4},
               .whole = rest.first(std::min(rest.size(), length + kFrameBytes)),
               .body = rest.subspan(8, std::min(rest.size() - 8, length))};
}

Error damaged_header() {
  return make_error(ErrorCode::kDecodeFailed, "the header of the PNG is damaged; send it again or save it anew");
}

Result<PngChunks> read_header(const Chunk& chunk) {
  if (chunk.name == "CgBI") {
    return failure(ErrorCode::kUnsupportedFormat, "PNG in Apple's variant is not read; save it as a standard PNG");
  }
  if (chunk.name != "IHDR" || chunk.whole.size() != kHeaderBytes + kFrameBytes) {
    return tl::make_unexpected(damaged_header());
  }
  const std::uint32_t width = big_endian_32(chunk.body);
  const std::uint32_t height = big_endian_32(chunk.body.subspan(4));
  constexpr std::uint32_t kMaxSide = std::numeric_limits<std::int32_t>::max();
  if (width == 0 || height == 0 || width > kMaxSide || height > kMaxSide) return tl::make_unexpected(damaged_header());
  PngChunks chunks;
  chunks.picture.size = {.width = static_cast<int>(width), .height = static_cast<int>(height)};
  chunks.bit_depth = std::to_integer<int>(chunk.body[8]);
  chunks.colour_type = std::to_integer<int>(chunk.body[9]);
  chunks.interlaced = chunk.body[12] != std::byte{0};
  chunks.has_transparency = (chunks.colour_type & 4) != 0;
  return chunks;
}

}  // namespace

Result<PngChunks> read_png_chunks(std::span<const std::byte> bytes) {
  if (bytes.size() < kSignatureBytes) return tl::make_unexpected(damaged_header());
  const auto first = chunk_at(bytes, kSignatureBytes);
  if (!first) return tl::make_unexpected(damaged_header());
  auto chunks = read_header(*first);
  if (!chunks) return chunks;
  auto& [head, palette, transparency, data] = chunks->parts;
  head = bytes.first(kSignatureBytes + first->whole.size());
  bool data_ended = false;
  bool is_srgb = false;
  std::size_t at = head.size();
  while (const auto chunk = chunk_at(bytes, at)) {
    if (chunk->name == "IEND") break;
    if (chunk->name == "IDAT" && !data_ended) {
      // The chunks of the data follow one another, so that they stay one stretch of bytes.
      const std::size_t begin = data.empty() ? at : static_cast<std::size_t>(data.data() - bytes.data());
      data = bytes.subspan(begin, at + chunk->whole.size() - begin);
      chunks->data_bytes += chunk->body.size();
    } else {
      data_ended = !data.empty();
      if (chunk->name == "PLTE" && palette.empty() && !data_ended) palette = chunk->whole;
      if (chunk->name == "tRNS" && transparency.empty() && !data_ended) {
        transparency = chunk->whole;
        chunks->has_transparency = true;
      }
      if (chunk->name == "iCCP" && chunks->profile.empty() && !data_ended) chunks->profile = chunk->body;
      is_srgb = is_srgb || (chunk->name == "sRGB" && !data_ended);
      if (chunk->name == "eXIf") {
        chunks->picture.orientation = orientation_of_exif(chunk->body).value_or(chunks->picture.orientation);
      }
    }
    at += chunk->whole.size();
  }
  if (is_srgb) chunks->profile = {};
  return chunks;
}

std::uint64_t unpacked_bytes(const PngChunks& chunks) {
  constexpr std::array kChannels{1U, 0U, 3U, 1U, 2U, 0U, 4U};
  const auto type = static_cast<std::size_t>(chunks.colour_type);
  const std::uint64_t channels = type < kChannels.size() ? kChannels[type] : 0U;
  const std::uint64_t row_bits =
      channels * static_cast<unsigned>(chunks.bit_depth) * static_cast<std::uint64_t>(chunks.picture.size.width);
  return row_bits * static_cast<std::uint64_t>(chunks.picture.size.height) / 8;
}

}  // namespace curlew
