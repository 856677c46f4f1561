#include "unit/decode/made_bmp.hpp"

namespace curlew::made {
namespace {

Bytes pixel_rows(SizePx size, const std::vector<std::uint32_t>& pixels, const BmpOptions& options) {
  Bytes out;
  for (int row = 0; row < size.height; ++row) {
    const int y = options.top_down ? row : size.height - 1 - row;
    const std::size_t begin = out.size();
    unsigned held = 0;
    int bits = 0;
    for (int x = 0; x < size.width; ++x) {
      const std::uint32_t pixel = pixels.at(static_cast<std::size_t>(y) * size.width + static_cast<std::size_t>(x));
      if (options.bits >= 8) {
        append_number(out, pixel, options.bits / 8, false);
        continue;
      }
      held = held << static_cast<unsigned>(options.bits) | pixel;
      bits += options.bits;
      if (bits == 8) {
        out.push_back(static_cast<std::byte>(held));
        held = 0;
        bits = 0;
      }
    }
    if (bits > 0) out.push_back(static_cast<std::byte>(held << static_cast<unsigned>(8 - bits)));
    while ((out.size() - begin) % 4 != 0) out.push_back(std::byte{0});
  }
  return out;
}

}  // namespace

Bytes bmp(SizePx size, const std::vector<std::uint32_t>& pixels, const BmpOptions& options) {
  const bool core = options.header_bytes == 12;
  const bool masks_behind = options.compression == 3 && options.header_bytes == 40;
  const std::size_t palette_bytes = options.palette.size() * (core ? 3 : 4);
  const std::size_t pixels_at =
      14 + static_cast<std::size_t>(options.header_bytes) + (masks_behind ? 12 : 0) + palette_bytes;
  const Bytes rows = pixel_rows(size, pixels, options);
  Bytes out = bytes_of("BM");
  append_number(out, pixels_at + rows.size(), 4, false);
  append_number(out, 0, 4, false);
  append_number(out, pixels_at, 4, false);
  append_number(out, static_cast<unsigned>(options.header_bytes), 4, false);
  const int side = core ? 2 : 4;
  append_number(out, static_cast<std::uint64_t>(size.width), side, false);
  append_number(out, static_cast<std::uint64_t>(std::int64_t{options.top_down ? -size.height : size.height}), side,
                false);
  append_number(out, 1, 2, false);
  append_number(out, static_cast<unsigned>(options.bits), 2, false);
  if (!core) {
    append_number(out, options.compression, 4, false);
    append_number(out, rows.size(), 4, false);
    append_number(out, 2835, 4, false);
    append_number(out, 2835, 4, false);
    append_number(out, options.palette.size(), 4, false);
    append_number(out, 0, 4, false);
    const std::size_t masks = options.header_bytes >= 108 ? 4 : masks_behind ? 3 : 0;
    for (std::size_t i = 0; i < masks; ++i) append_number(out, options.masks[i], 4, false);
    while (out.size() < 14 + static_cast<std::size_t>(options.header_bytes)) out.push_back(std::byte{0});
  }
  for (const auto& colour : options.palette) {
    for (std::size_t c = 3; c-- > 0;) out.push_back(std::byte{colour[c]});
    if (!core) out.push_back(std::byte{0});
  }
  append(out, rows);
  return out;
}

std::vector<std::uint32_t> words(const Picture& picture) {
  std::vector<std::uint32_t> pixels;
  for (std::size_t i = 0; i < picture.rgb.size(); i += 3) {
    pixels.push_back(std::uint32_t{picture.rgb[i]} << 16U | std::uint32_t{picture.rgb[i + 1]} << 8U |
                     picture.rgb[i + 2]);
  }
  return pixels;
}

}  // namespace curlew::made
