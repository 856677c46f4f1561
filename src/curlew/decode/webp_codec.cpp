#include "curlew/decode/webp_codec.hpp"

#include <webp/decode.h>

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "curlew/decode/over_white.hpp"
#include "curlew/decode/webp_chunks.hpp"

// libwebp can scale while it decodes. That is not used: photographs came no sooner (1 megapixel: 8 ms in full, 9-13 ms
// at a half), and 0.5-2 levels away from the mean of their full size.

namespace curlew {
namespace {

const std::uint8_t* data_of(std::span<const std::byte> bytes) {
  return reinterpret_cast<const std::uint8_t*>(bytes.data());
}

Error damaged() { return make_error(ErrorCode::kDecodeFailed, "the WebP is damaged; send it again or save it anew"); }
Error incomplete() {
  return make_error(ErrorCode::kDecodeFailed, "the WebP is incomplete: its bytes end before the picture does");
}

Error error_of(VP8StatusCode status) {
  switch (status) {
    case VP8_STATUS_OUT_OF_MEMORY:
      return make_error(ErrorCode::kInternal, "there was not enough memory for this picture");
    case VP8_STATUS_SUSPENDED:
    case VP8_STATUS_NOT_ENOUGH_DATA:
      return incomplete();
    default:
      return damaged();
  }
}

/// libwebp's options, and the pixels that it sets aside.
class Decoding {
 public:
  Decoding() { ready_ = WebPInitDecoderConfig(&config_) != 0; }
  Decoding(const Decoding&) = delete;
  Decoding& operator=(const Decoding&) = delete;
  ~Decoding() { WebPFreeDecBuffer(&config_.output); }

  bool ready() const { return ready_; }
  WebPDecoderConfig& config() { return config_; }
  const std::uint8_t* row(int y) const {
    const WebPRGBABuffer& pixels = config_.output.u.RGBA;
    return pixels.rgba + static_cast<std::ptrdiff_t>(y) * pixels.stride;
  }

 private:
  WebPDecoderConfig config_{};
  bool ready_ = false;
};

class WebpCodec final : public Codec {
 public:
  Result<StoredPicture> open(std::span<const std::byte> bytes) override;
  Result<void> read(int eighths, RowSink& sink) override;

 private:
  Result<void> read_features();
  void give_rows(const Decoding& decoding, RowSink& sink);

  WebpChunks chunks_;
  SizePx size_;   ///< of the canvas
  RectPx frame_;  ///< where the picture lies on it
  bool has_alpha_ = false;
  std::vector<std::uint8_t> row_;
};

Result<StoredPicture> WebpCodec::open(std::span<const std::byte> bytes) {
  chunks_ = {};
  auto chunks = read_webp_chunks(bytes);
  if (!chunks) return tl::make_unexpected(std::move(chunks.error()));
  chunks_ = *chunks;
  if (auto read = read_features(); !read) {
    chunks_ = {};
    return tl::make_unexpected(std::move(read.error()));
  }
  StoredPicture picture;
  picture.size = size_;
  picture.orientation = chunks_.orientation;
  if (chunks_.profile.size() <= kMaxProfileBytes) {
    picture.profile.assign(chunks_.profile.begin(), chunks_.profile.end());
  }
  return picture;
}

Result<void> WebpCodec::read_features() {
  const bool bare = chunks_.canvas.width == 0;
  WebPBitstreamFeatures features{};
  VP8StatusCode status = VP8_STATUS_NOT_ENOUGH_DATA;
  if (!chunks_.image.empty()) status = WebPGetFeatures(data_of(chunks_.image), chunks_.image.size(), &features);
  if (status == VP8_STATUS_NOT_ENOUGH_DATA && !bare) {
    // The canvas tells the size, so that a picture that is too large is called that, not incomplete.
    chunks_.whole = false;
    size_ = chunks_.canvas;
    return {};
  }
  if (status != VP8_STATUS_OK) return tl::make_unexpected(error_of(status));
  const SizePx coded{.width = features.width, .height = features.height};
  if (coded.width < 1 || coded.height < 1) return tl::make_unexpected(damaged());
  size_ = bare ? coded : chunks_.canvas;
  frame_ = chunks_.placed ? chunks_.frame : RectPx{.x = 0, .y = 0, .width = size_.width, .height = size_.height};
  const bool inside = frame_.width <= size_.width - frame_.x && frame_.height <= size_.height - frame_.y;
  if (coded != SizePx{.width = frame_.width, .height = frame_.height} || !inside) {
    return tl::make_unexpected(damaged());
  }
  has_alpha_ = features.has_alpha != 0;
  return {};
}

Result<void> WebpCodec::read(int /*eighths*/, RowSink& sink) {
  if (!chunks_.whole) return tl::make_unexpected(incomplete());
  Decoding decoding;
  if (!decoding.ready())
    return failure(ErrorCode::kInternal, "the WebP library is not the one that Curlew was built for");
  WebPDecoderConfig& config = decoding.config();
  config.output.colorspace = has_alpha_ ? MODE_RGBA : MODE_RGB;
  const auto status = WebPDecode(data_of(chunks_.image), chunks_.image.size(), &config);
  if (status != VP8_STATUS_OK) return tl::make_unexpected(error_of(status));
  if (config.output.width != frame_.width || config.output.height != frame_.height) {
    return tl::make_unexpected(damaged());
  }
  give_rows(decoding, sink);
  return {};
}

void WebpCodec::give_rows(const Decoding& decoding, RowSink& sink) {
  const auto width = static_cast<std::size_t>(frame_.width);
  row_.assign(static_cast<std::size_t>(size_.width) * 3, 255);
  std::uint8_t* inside = row_.data() + static_cast<std::size_t>(frame_.x) * 3;
  const int below = frame_.y + frame_.height;
  for (int y = 0; y < size_.height; ++y) {
    if (y == below) std::ranges::fill(row_, std::uint8_t{255});
    if (y >= frame_.y && y < below) {
      const std::uint8_t* pixels = decoding.row(y - frame_.y);
      if (has_alpha_) {
        blend_over_white(pixels, width, inside);
      } else {
        std::copy_n(pixels, width * 3, inside);
      }
    }
    sink.row(row_.data());
  }
}

}  // namespace

std::unique_ptr<Codec> make_webp_codec() { return std::make_unique<WebpCodec>(); }

}  // namespace curlew
