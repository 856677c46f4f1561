#include "curlew/decode/bmp_header.hpp"

#include <algorithm>
#include <bit>
#include <limits>

namespace curlew {
namespace {

constexpr std::size_t kFileHeaderBytes = 14;
constexpr std::size_t kCoreHeaderBytes = 12;
constexpr std::size_t kInfoHeaderBytes = 40;
constexpr std::uint32_t kPlain = 0;
constexpr std::uint32_t kBitFields = 3;
constexpr std::uint32_t kAlphaBitFields = 6;

/// Little-endian numbers; whoever asks has checked that they are there.
class Fields {
 public:
  explicit Fields(std::span<const std::byte> bytes) : bytes_(bytes) {}
  bool has(std::size_t end) const { return end <= bytes_.size(); }
  std::uint32_t u16(std::size_t at) const { return byte(at) | byte(at + 1) << 8U; }
  std::uint32_t u32(std::size_t at) const { return u16(at) | u16(at + 2) << 16U; }

 private:
  std::uint32_t byte(std::size_t at) const { return std::to_integer<std::uint32_t>(bytes_[at]); }
  std::span<const std::byte> bytes_;
};

tl::unexpected<Error> damaged() {
  return failure(ErrorCode::kDecodeFailed,
                 "the header of the BMP is damaged or incomplete; send it again or save it anew");
}
tl::unexpected<Error> unsupported() {
  return failure(ErrorCode::kUnsupportedFormat, "this kind of BMP is not read; save it uncompressed, or as PNG");
}

BmpChannel channel_of(std::uint32_t mask) {
  if (mask == 0) return {};
  const int shift = std::countr_zero(mask);
  return {.mask = mask, .shift = shift, .most = mask >> static_cast<unsigned>(shift)};
}

void set_masks(BmpHeader& header, const std::array<std::uint32_t, 4>& masks) {
  std::ranges::transform(masks, header.channels.begin(), channel_of);
}

/// Sets the size out of what the header says; a negative height means that the top row comes first.
bool set_size(BmpHeader& header, std::int64_t width, std::int64_t height) {
  header.top_down = height < 0;
  if (height < 0) height = -height;
  if (width <= 0 || height == 0 || height > std::numeric_limits<std::int32_t>::max()) return false;
  header.size = {.width = static_cast<int>(width), .height = static_cast<int>(height)};
  const std::uint64_t row_bits = static_cast<std::uint64_t>(width) * static_cast<unsigned>(header.bits);
  header.row_bytes = static_cast<std::size_t>((row_bits + 7) / 8);
  header.row_stride = (header.row_bytes + 3) / 4 * 4;
  return true;
}

/// Reads or sets the masks; gives the bytes that they take behind the header.
Result<std::size_t> read_masks(const Fields& fields, std::size_t header_bytes, std::uint32_t compression,
                               BmpHeader& header) {
  if (compression == kPlain) {
    if (header.bits == 16) set_masks(header, {0x7C00U, 0x03E0U, 0x001FU, 0U});
    if (header.bits == 32) set_masks(header, {0xFF0000U, 0x00FF00U, 0x0000FFU, 0U});
    return 0;
  }
  if (header.bits != 16 && header.bits != 32) return damaged();
  // Larger headers hold the masks in themselves, at the place where they would follow a small one.
  constexpr std::size_t kMasksAt = kFileHeaderBytes + kInfoHeaderBytes;
  const bool behind = header_bytes == kInfoHeaderBytes;
  const bool alpha = behind ? compression == kAlphaBitFields : header_bytes >= kInfoHeaderBytes + 16;
  const std::size_t mask_bytes = alpha ? 16 : 12;
  if (!fields.has(kMasksAt + mask_bytes)) return damaged();
  set_masks(header, {fields.u32(kMasksAt), fields.u32(kMasksAt + 4), fields.u32(kMasksAt + 8),
                     alpha ? fields.u32(kMasksAt + 12) : 0U});
  return behind ? mask_bytes : 0;
}

}  // namespace

Result<BmpHeader> read_bmp_header(std::span<const std::byte> bytes) {
  const Fields fields(bytes);
  if (!fields.has(kFileHeaderBytes + kCoreHeaderBytes)) return damaged();
  const std::size_t header_bytes = fields.u32(kFileHeaderBytes);
  const bool core = header_bytes == kCoreHeaderBytes;
  if (!core && (header_bytes < kInfoHeaderBytes || header_bytes > 124)) return unsupported();
  if (!fields.has(kFileHeaderBytes + header_bytes)) return damaged();

  BmpHeader header;
  header.pixels_at = fields.u32(10);
  header.bits = static_cast<int>(fields.u16(core ? 24 : 28));
  constexpr std::array kDepths{1, 4, 8, 16, 24, 32};
  if (std::ranges::find(kDepths, header.bits) == kDepths.end()) return unsupported();
  const std::uint32_t compression = core ? kPlain : fields.u32(30);
  if (compression != kPlain && compression != kBitFields && compression != kAlphaBitFields) return unsupported();
  const bool sized =
      core ? set_size(header, fields.u16(18), fields.u16(20))
           : set_size(header, static_cast<std::int32_t>(fields.u32(18)), static_cast<std::int32_t>(fields.u32(22)));
  if (!sized) return damaged();
  const auto mask_bytes = read_masks(fields, header_bytes, compression, header);
  if (!mask_bytes) return tl::make_unexpected(mask_bytes.error());

  const std::size_t palette_at = kFileHeaderBytes + header_bytes + *mask_bytes;
  if (header.pixels_at < palette_at || header.pixels_at > bytes.size()) return damaged();
  if (header.bits <= 8) {
    header.palette_step = core ? 3 : 4;
    const std::size_t told = core ? 0 : fields.u32(46);
    const std::size_t most = std::size_t{1} << static_cast<unsigned>(header.bits);
    const std::size_t room = (header.pixels_at - palette_at) / header.palette_step;
    const std::size_t entries = std::min({told == 0 ? most : told, most, room});
    if (entries == 0) return damaged();
    header.palette = bytes.subspan(palette_at, entries * header.palette_step);
  }
  return header;
}

}  // namespace curlew
