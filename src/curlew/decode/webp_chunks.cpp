#include "curlew/decode/webp_chunks.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>

#include "curlew/decode/exif.hpp"

namespace curlew {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t kFileHeaderBytes = 12;   // "RIFF", length, "WEBP"
constexpr std::size_t kChunkHeaderBytes = 8;   // name, length
constexpr std::size_t kCanvasBytes = 10;       // flags, three unused, width - 1, height - 1
constexpr std::size_t kFrameHeaderBytes = 16;  // x / 2, y / 2, width - 1, height - 1, duration, flags
constexpr unsigned kHasExif = 0x08;

std::uint32_t little_endian(std::span<const std::byte> bytes, std::size_t at, std::size_t width) {
  std::uint32_t value = 0;
  for (std::size_t i = width; i-- > 0;) value = value << 8U | std::to_integer<std::uint32_t>(bytes[at + i]);
  return value;
}

struct Chunk {
  std::string_view name;
  std::span<const std::byte> body;  ///< as far as the bytes go
  bool whole = false;
  std::size_t next = 0;  ///< where the next one begins
};

std::optional<Chunk> chunk_at(std::span<const std::byte> bytes, std::size_t at) {
  if (at > bytes.size() || bytes.size() - at < kChunkHeaderBytes) return std::nullopt;
  const std::size_t length = little_endian(bytes, at + 4, 4);
  const std::size_t begin = at + kChunkHeaderBytes;
  const std::size_t there = std::min(length, bytes.size() - begin);
  return Chunk{.name = {reinterpret_cast<const char*>(bytes.data()) + at, 4},
               .body = bytes.subspan(begin, there),
               .whole = there == length,
               .next = begin + length + length % 2};
}

/// Reads chunk by chunk into `chunks_`.
class ChunkReader {
 public:
  WebpChunks read(std::span<const std::byte> bytes);

 private:
  void take(std::span<const std::byte> bytes, std::size_t at, const Chunk& chunk);
  void take_image(std::span<const std::byte> bytes, std::size_t at, const Chunk& chunk);
  void take_frame(const Chunk& chunk);
  void take_exif(const Chunk& chunk);

  WebpChunks chunks_;
  std::optional<std::size_t> alpha_at_;
  bool exif_announced_ = false;
  bool exif_found_ = false;
};

WebpChunks ChunkReader::read(std::span<const std::byte> bytes) {
  const std::size_t told = std::size_t{little_endian(bytes, 4, 4)} + kChunkHeaderBytes;
  const auto file = bytes.first(std::clamp(told, kFileHeaderBytes, bytes.size()));
  std::size_t at = kFileHeaderBytes;
  while (const auto chunk = chunk_at(file, at)) {
    take(file, at, *chunk);
    const bool bare = chunks_.canvas.width == 0;
    if (bare && !chunks_.image.empty()) break;  // nothing else belongs to it
    at = chunk->next;
  }
  // A picture whose EXIF was cut off would lie on its side. Animations are not held to it: their first picture is to
  // be had without what follows.
  if (exif_announced_ && !exif_found_ && told > bytes.size() && !chunks_.placed) chunks_.whole = false;
  return chunks_;
}

void ChunkReader::take(std::span<const std::byte> bytes, std::size_t at, const Chunk& chunk) {
  if (chunk.name == "ALPH" && chunks_.image.empty()) alpha_at_ = at;
  if ((chunk.name == "VP8 " || chunk.name == "VP8L") && chunks_.image.empty()) take_image(bytes, at, chunk);
  if (chunk.name == "ANMF" && chunks_.image.empty()) take_frame(chunk);
  if (chunk.name == "VP8X" && chunks_.canvas.width == 0 && chunk.body.size() >= kCanvasBytes) {
    exif_announced_ = (little_endian(chunk.body, 0, 1) & kHasExif) != 0;
    chunks_.canvas = {.width = static_cast<int>(little_endian(chunk.body, 4, 3)) + 1,
                      .height = static_cast<int>(little_endian(chunk.body, 7, 3)) + 1};
  }
  if (chunk.name == "ICCP" && chunk.whole && chunks_.profile.empty()) chunks_.profile = chunk.body;
  if (chunk.name == "EXIF" && chunk.whole && !exif_found_) take_exif(chunk);
}

void ChunkReader::take_image(std::span<const std::byte> bytes, std::size_t at, const Chunk& chunk) {
  const std::size_t begin = chunk.name == "VP8 " ? alpha_at_.value_or(at) : at;
  chunks_.image = bytes.subspan(begin, std::min(bytes.size(), at + kChunkHeaderBytes + chunk.body.size()) - begin);
  chunks_.whole = chunk.whole;
}

void ChunkReader::take_frame(const Chunk& chunk) {
  if (chunk.body.size() < kFrameHeaderBytes) return;
  const auto number = [&](std::size_t at) { return static_cast<int>(little_endian(chunk.body, at, 3)); };
  std::size_t at = kFrameHeaderBytes;
  alpha_at_.reset();
  while (const auto inner = chunk_at(chunk.body, at)) {
    if (inner->name == "ALPH" && !alpha_at_) alpha_at_ = at;
    if (inner->name == "VP8 " || inner->name == "VP8L") {
      take_image(chunk.body, at, *inner);
      chunks_.placed = true;
      chunks_.frame = {.x = number(0) * 2, .y = number(3) * 2, .width = number(6) + 1, .height = number(9) + 1};
      return;
    }
    at = inner->next;
  }
}

void ChunkReader::take_exif(const Chunk& chunk) {
  constexpr auto kName = "Exif\0\0"sv;  // JPEG's name of it, which some programs leave in front
  const std::string_view text(reinterpret_cast<const char*>(chunk.body.data()), chunk.body.size());
  const auto tiff = text.starts_with(kName) ? chunk.body.subspan(kName.size()) : chunk.body;
  chunks_.orientation = orientation_of_exif(tiff).value_or(Orientation::kUpright);
  exif_found_ = true;
}

}  // namespace

Result<WebpChunks> read_webp_chunks(std::span<const std::byte> bytes) {
  if (bytes.size() >= kFileHeaderBytes) {
    auto chunks = ChunkReader().read(bytes);
    if (chunks.canvas.width > 0 || !chunks.image.empty()) return chunks;
  }
  return failure(ErrorCode::kDecodeFailed, "the WebP is incomplete: there is no picture in it");
}

}  // namespace curlew
