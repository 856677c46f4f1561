#include "unit/decode/made_pictures.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <random>
#include <utility>

namespace curlew::made {
namespace {

std::uint8_t rounded(double value) { return static_cast<std::uint8_t>(std::lround(std::clamp(value, 0.0, 255.0))); }

double overlap(int pixel, double begin, double end) {
  return std::max(0.0, std::min(pixel + 1.0, end) - std::max<double>(pixel, begin));
}

}  // namespace

Picture four_corners(SizePx size) {
  constexpr double kCorners[4][3] = {{240, 20, 30}, {20, 220, 40}, {30, 40, 230}, {250, 240, 200}};
  Picture picture(size);
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width; ++x) {
      const double right = (x + 0.5) / size.width;
      const double down = (y + 0.5) / size.height;
      const double weights[4] = {(1 - right) * (1 - down), right * (1 - down), (1 - right) * down, right * down};
      for (int c = 0; c < 3; ++c) {
        double value = 0;
        for (int k = 0; k < 4; ++k) value += weights[k] * kCorners[k][c];
        picture.at(x, y)[c] = rounded(value);
      }
    }
  }
  return picture;
}

Picture noise(SizePx size, unsigned seed) {
  std::mt19937 random(seed);
  Picture picture(size);
  for (auto& value : picture.rgb) value = static_cast<std::uint8_t>(random() & 0xFFU);
  return picture;
}

// Written out case by case from EXIF's words ("row 0 is the visual right side, column 0 the visual top"), and so apart
// from the decoder's way of saying it.
Picture as_stored(const Picture& upright, Orientation orientation) {
  const int w = upright.size.width;
  const int h = upright.size.height;
  const int number = static_cast<int>(orientation);
  Picture stored(number >= 5 ? SizePx{.width = h, .height = w} : upright.size);
  for (int row = 0; row < stored.size.height; ++row) {
    for (int column = 0; column < stored.size.width; ++column) {
      std::pair<int, int> from;
      switch (number) {
        case 1:
          from = {column, row};
          break;  // row 0 top, column 0 left
        case 2:
          from = {w - 1 - column, row};
          break;  // top, right
        case 3:
          from = {w - 1 - column, h - 1 - row};
          break;  // bottom, right
        case 4:
          from = {column, h - 1 - row};
          break;  // bottom, left
        case 5:
          from = {row, column};
          break;  // left, top
        case 6:
          from = {w - 1 - row, column};
          break;  // right, top
        case 7:
          from = {w - 1 - row, h - 1 - column};
          break;  // right, bottom
        default:
          from = {row, h - 1 - column};
          break;  // left, bottom
      }
      std::copy_n(upright.at(from.first, from.second), 3, stored.at(column, row));
    }
  }
  return stored;
}

Picture area_reference(const Picture& picture, const RectF& source, SizePx to) {
  Picture result(to);
  const double step_x = source.width / to.width;
  const double step_y = source.height / to.height;
  for (int y = 0; y < to.height; ++y) {
    for (int x = 0; x < to.width; ++x) {
      double sum[3] = {};
      double whole = 0;
      for (int v = 0; v < picture.size.height; ++v) {
        const double weight_y = overlap(v, source.y + y * step_y, source.y + (y + 1) * step_y);
        if (weight_y <= 0) continue;
        for (int u = 0; u < picture.size.width; ++u) {
          const double weight = weight_y * overlap(u, source.x + x * step_x, source.x + (x + 1) * step_x);
          whole += weight;
          for (int c = 0; c < 3; ++c) sum[c] += weight * picture.at(u, v)[c];
        }
      }
      for (int c = 0; c < 3; ++c) result.at(x, y)[c] = rounded(sum[c] / whole);
    }
  }
  return result;
}

Picture bilinear_reference(const Picture& picture, const RectF& source, SizePx to) {
  Picture result(to);
  const auto clamped = [&](int x, int y) {
    return picture.at(std::clamp(x, 0, picture.size.width - 1), std::clamp(y, 0, picture.size.height - 1));
  };
  for (int y = 0; y < to.height; ++y) {
    for (int x = 0; x < to.width; ++x) {
      const double from_x = source.x + (x + 0.5) * source.width / to.width - 0.5;
      const double from_y = source.y + (y + 0.5) * source.height / to.height - 0.5;
      const int left = static_cast<int>(std::floor(from_x));
      const int top = static_cast<int>(std::floor(from_y));
      const double fx = from_x - left;
      const double fy = from_y - top;
      for (int c = 0; c < 3; ++c) {
        const double above = clamped(left, top)[c] * (1 - fx) + clamped(left + 1, top)[c] * fx;
        const double below = clamped(left, top + 1)[c] * (1 - fx) + clamped(left + 1, top + 1)[c] * fx;
        result.at(x, y)[c] = rounded(above * (1 - fy) + below * fy);
      }
    }
  }
  return result;
}

double mean_difference(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b) {
  if (a.size() != b.size() || a.empty()) return 255;
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += std::abs(int{a[i]} - int{b[i]});
  return sum / static_cast<double>(a.size());
}

int largest_difference(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b) {
  if (a.size() != b.size()) return 255;
  int largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(int{a[i]} - int{b[i]}));
  return largest;
}

Picture on_white(const Picture& picture, SizePx canvas, int left, int top) {
  Picture result(canvas);
  std::ranges::fill(result.rgb, std::uint8_t{255});
  for (int y = 0; y < picture.size.height; ++y) {
    std::copy_n(picture.at(0, y), picture.size.width * 3, result.at(left, top + y));
  }
  return result;
}

Result<Picture> read_all(Codec& codec, std::span<const std::byte> bytes) {
  const auto header = codec.open(bytes);
  if (!header) return tl::make_unexpected(header.error());
  Collector rows(header->size.width, header->channels);
  if (const auto read = codec.read(8, rows); !read) return tl::make_unexpected(read.error());
  Picture picture(header->size);
  picture.rgb = rows.rgb();
  return picture;
}

InputFormat squashed(SizePx size, Fit::Filter filter) {
  InputFormat format{.width_px = size.width, .height_px = size.height, .fit = {}};
  format.fit.filter = filter;
  return format;
}

Result<Decoded> decode(Decoder& decoder, std::span<const std::byte> bytes, const InputFormat& format) {
  Decoded decoded;
  decoded.rgb.resize(static_cast<std::size_t>(format.width_px) * format.height_px * 3);
  const auto picture = decoder.decode_into(bytes, format, decoded.rgb);
  if (!picture) return tl::make_unexpected(picture.error());
  decoded.picture = *picture;
  return decoded;
}

Bytes bytes_of(std::string_view text) {
  const auto* begin = reinterpret_cast<const std::byte*>(text.data());
  return {begin, begin + text.size()};
}

void append(Bytes& to, std::span<const std::byte> bytes) { to.insert(to.end(), bytes.begin(), bytes.end()); }

void append_number(Bytes& to, std::uint64_t value, int width, bool big_endian) {
  for (int i = 0; i < width; ++i) {
    const int shift = 8 * (big_endian ? width - 1 - i : i);
    to.push_back(static_cast<std::byte>(value >> static_cast<unsigned>(shift) & 0xFFU));
  }
}

}  // namespace curlew::made
