#include "curlew/decode/bmp_codec.hpp"

#include <array>
#include <vector>

#include "curlew/decode/bmp_header.hpp"

namespace curlew {
namespace {

unsigned value_of(std::byte byte) { return std::to_integer<unsigned>(byte); }

std::uint32_t pixel_of(const std::byte* at, int bytes) {
  std::uint32_t pixel = value_of(at[0]) | value_of(at[1]) << 8U;
  if (bytes == 4) pixel |= value_of(at[2]) << 16U | value_of(at[3]) << 24U;
  return pixel;
}

/// A channel's bits as 0–255, rounded.
unsigned level(std::uint32_t pixel, const BmpChannel& channel) {
  if (channel.most == 0) return 0;
  const std::uint64_t value = (pixel & channel.mask) >> static_cast<unsigned>(channel.shift);
  return static_cast<unsigned>((value * 255U + channel.most / 2) / channel.most);
}

class BmpCodec final : public Codec {
 public:
  Result<StoredPicture> open(std::span<const std::byte> bytes) override {
    auto header = read_bmp_header(bytes);
    if (!header) return tl::make_unexpected(header.error());
    header_ = *header;
    bytes_ = bytes;
    return StoredPicture{.size = header_.size};
  }

  Result<void> read(int eighths, RowSink& sink) override;

 private:
  const std::byte* stored_row(int y) const;
  bool every_alpha_is_zero() const;
  void read_indices(const std::byte* from);
  void read_bgr(const std::byte* from);
  void read_fields(const std::byte* from, const BmpChannel& alpha);

  BmpHeader header_;
  std::span<const std::byte> bytes_;
  std::array<std::array<std::uint8_t, 3>, 256> colours_{};
  std::vector<std::uint8_t> row_;
};

Result<void> BmpCodec::read(int /*eighths*/, RowSink& sink) {
  // Some programs leave out the padding of the last row.
  const std::uint64_t needed =
      static_cast<std::uint64_t>(header_.row_stride) * static_cast<std::uint64_t>(header_.size.height - 1) +
      header_.row_bytes;
  if (bytes_.size() - header_.pixels_at < needed) {
    return failure(ErrorCode::kDecodeFailed, "the BMP is incomplete: its bytes end before the picture does");
  }
  colours_ = {};
  for (std::size_t i = 0; i < header_.palette.size() / header_.palette_step; ++i) {
    const std::byte* entry = header_.palette.data() + i * header_.palette_step;
    for (std::size_t c = 0; c < 3; ++c) colours_[i][c] = static_cast<std::uint8_t>(entry[2 - c]);
  }
  const BmpChannel alpha = every_alpha_is_zero() ? BmpChannel{} : header_.channels[3];
  row_.resize(static_cast<std::size_t>(header_.size.width) * 3);
  for (int y = 0; y < header_.size.height; ++y) {
    const std::byte* from = stored_row(y);
    if (header_.bits <= 8) {
      read_indices(from);
    } else if (header_.bits == 24) {
      read_bgr(from);
    } else {
      read_fields(from, alpha);
    }
    sink.row(row_.data());
  }
  return {};
}

const std::byte* BmpCodec::stored_row(int y) const {
  const int index = header_.top_down ? y : header_.size.height - 1 - y;
  return bytes_.data() + header_.pixels_at + static_cast<std::size_t>(index) * header_.row_stride;
}

bool BmpCodec::every_alpha_is_zero() const {
  const std::uint32_t mask = header_.channels[3].mask;
  if (mask == 0) return true;
  const int step = header_.bits / 8;
  for (int y = 0; y < header_.size.height; ++y) {
    const std::byte* at = stored_row(y);
    for (int x = 0; x < header_.size.width; ++x, at += step) {
      if ((pixel_of(at, step) & mask) != 0) return false;
    }
  }
  return true;
}

void BmpCodec::read_indices(const std::byte* from) {
  const auto bits = static_cast<unsigned>(header_.bits);
  const unsigned mask = (1U << bits) - 1;
  std::uint8_t* rgb = row_.data();
  for (unsigned x = 0; x < static_cast<unsigned>(header_.size.width); ++x, rgb += 3) {
    const unsigned bit = x * bits;
    const unsigned index = value_of(from[bit / 8]) >> (8 - bits - bit % 8) & mask;
    for (std::size_t c = 0; c < 3; ++c) rgb[c] = colours_[index][c];
  }
}

void BmpCodec::read_bgr(const std::byte* from) {
  std::uint8_t* rgb = row_.data();
  for (std::size_t i = 0; i < row_.size(); i += 3) {
    rgb[i] = static_cast<std::uint8_t>(from[i + 2]);
    rgb[i + 1] = static_cast<std::uint8_t>(from[i + 1]);
    rgb[i + 2] = static_cast<std::uint8_t>(from[i]);
  }
}

void BmpCodec::read_fields(const std::byte* from, const BmpChannel& alpha) {
  const int step = header_.bits / 8;
  std::uint8_t* rgb = row_.data();
  for (int x = 0; x < header_.size.width; ++x, from += step, rgb += 3) {
    const std::uint32_t pixel = pixel_of(from, step);
    const unsigned opacity = alpha.mask == 0 ? 255U : level(pixel, alpha);
    for (std::size_t c = 0; c < 3; ++c) {
      const unsigned mixed = level(pixel, header_.channels[c]) * opacity + 255U * (255U - opacity);
      rgb[c] = static_cast<std::uint8_t>((mixed + 127U) / 255U);
    }
  }
}

}  // namespace

std::unique_ptr<Codec> make_bmp_codec() { return std::make_unique<BmpCodec>(); }

}  // namespace curlew
