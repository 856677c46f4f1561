#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "curlew/base/result.hpp"
#include "curlew/core/picture.hpp"
#include "curlew/decode/codec.hpp"
#include "curlew/decode/decoder.hpp"
#include "curlew/decode/orientation.hpp"

/// Pictures that tests make, and the plain ways of doing what the decoder does fast.
namespace curlew::made {

using Bytes = std::vector<std::byte>;

/// Packed RGB.
struct Picture {
  SizePx size;
  std::vector<std::uint8_t> rgb;

  explicit Picture(SizePx picture_size)
      : size(picture_size), rgb(static_cast<std::size_t>(picture_size.width) * picture_size.height * 3) {}
  const std::uint8_t* at(int x, int y) const { return rgb.data() + (static_cast<std::size_t>(y) * size.width + x) * 3; }
  std::uint8_t* at(int x, int y) { return rgb.data() + (static_cast<std::size_t>(y) * size.width + x) * 3; }
};

/// Four corners of different colours that run into one another: no turn or mirroring of it looks like another.
Picture four_corners(SizePx size);

/// Every value drawn, the same for the same seed.
Picture noise(SizePx size, unsigned seed);

/// What a camera would have stored: the picture that `orientation` turns into `upright`.
Picture as_stored(const Picture& upright, Orientation orientation);

/// The mean over exactly the part of `source` that each pixel covers, in double.
Picture area_reference(const Picture& picture, const RectF& source, SizePx to);
/// The four nearest pixels, half-pixel centres.
Picture bilinear_reference(const Picture& picture, const RectF& source, SizePx to);

/// Of all values, in levels.
double mean_difference(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b);
int largest_difference(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b);

/// Keeps all rows.
class Collector final : public RowSink {
 public:
  explicit Collector(int width, int channels = 3) : row_bytes_(std::ptrdiff_t{width} * channels) {}
  void row(const std::uint8_t* pixels) noexcept override { rgb_.insert(rgb_.end(), pixels, pixels + row_bytes_); }
  const std::vector<std::uint8_t>& rgb() const { return rgb_; }

 private:
  std::ptrdiff_t row_bytes_;
  std::vector<std::uint8_t> rgb_;
};

/// `picture` at a place of a white canvas.
Picture on_white(const Picture& picture, SizePx canvas, int left, int top);

/// Opens and reads the whole at full size.
Result<Picture> read_all(Codec& codec, std::span<const std::byte> bytes);

/// The input format of a whole picture squashed.
InputFormat squashed(SizePx size, Fit::Filter filter = Fit::Filter::kArea);

struct Decoded {
  DecodedPicture picture;
  std::vector<std::uint8_t> rgb;
};
Result<Decoded> decode(Decoder& decoder, std::span<const std::byte> bytes, const InputFormat& format);

Bytes bytes_of(std::string_view text);
void append(Bytes& to, std::span<const std::byte> bytes);
void append_number(Bytes& to, std::uint64_t value, int width, bool big_endian);

}  // namespace curlew::made
