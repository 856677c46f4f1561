#include "curlew/decode/png_codec.hpp"

#include <spng.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <vector>

#include "curlew/decode/icc_profile.hpp"
#include "curlew/decode/over_white.hpp"
#include "curlew/decode/png_chunks.hpp"

namespace curlew {
namespace {

// The most that deflate packs into one byte; a file that claims more is cut short, whatever it holds.
constexpr std::uint64_t kMaxDeflateRatio = 1032;

struct FreeContext {
  void operator()(spng_ctx* context) const { spng_ctx_free(context); }
};
using Context = std::unique_ptr<spng_ctx, FreeContext>;

/// Gives the parts of a PNG to libspng as one stream.
class PartsStream {
 public:
  explicit PartsStream(const PngChunks& chunks) : parts_(chunks.parts) {}

  static int read(spng_ctx* /*context*/, void* self, void* to, std::size_t length) {
    return static_cast<PartsStream*>(self)->read(static_cast<std::byte*>(to), length);
  }

 private:
  int read(std::byte* to, std::size_t length) {
    while (length > 0) {
      while (part_ < parts_.size() && parts_[part_].empty()) ++part_;
      if (part_ == parts_.size()) return SPNG_IO_EOF;
      auto& part = parts_[part_];
      const std::size_t count = std::min(length, part.size());
      std::memcpy(to, part.data(), count);
      part = part.subspan(count);
      to += count;
      length -= count;
    }
    return 0;
  }

  std::array<std::span<const std::byte>, 4> parts_;
  std::size_t part_ = 0;
};

Error incomplete() {
  return make_error(ErrorCode::kDecodeFailed, "the PNG is incomplete: its bytes end before the picture does");
}

Error error_of(int status) {
  switch (status) {
    case SPNG_EMEM:
      return make_error(ErrorCode::kInternal, "there was not enough memory for this picture");
    case SPNG_IO_EOF:
    case SPNG_EOF:
    case SPNG_EIDAT_TOO_SHORT:
      return incomplete();
    default:
      return make_error(ErrorCode::kDecodeFailed, "the PNG is damaged; send it again or save it anew");
  }
}

class PngCodec final : public Codec {
 public:
  Result<StoredPicture> open(std::span<const std::byte> bytes) override {
    auto chunks = read_png_chunks(bytes);
    if (!chunks) return tl::make_unexpected(chunks.error());
    chunks_ = *chunks;
    StoredPicture picture = chunks_.picture;
    if (!chunks_.profile.empty()) picture.profile = icc_of_png(chunks_.profile);
    return picture;
  }

  Result<void> read(int eighths, RowSink& sink) override;

 private:
  int read_rows(spng_ctx* context, RowSink& sink);
  int read_interlaced(spng_ctx* context, RowSink& sink);
  void give_row(std::uint8_t* pixels, RowSink& sink) const;
  spng_format format() const { return chunks_.has_transparency ? SPNG_FMT_RGBA8 : SPNG_FMT_RGB8; }
  std::size_t row_bytes() const {
    return static_cast<std::size_t>(chunks_.picture.size.width) * (chunks_.has_transparency ? 4 : 3);
  }

  PngChunks chunks_;
  std::vector<std::uint8_t> row_;
};

Result<void> PngCodec::read(int /*eighths*/, RowSink& sink) {
  if (unpacked_bytes(chunks_) > (chunks_.data_bytes + 1) * kMaxDeflateRatio) return tl::make_unexpected(incomplete());
  const Context context(spng_ctx_new(0));
  if (!context) throw std::bad_alloc();
  PartsStream stream(chunks_);
  spng_ctx* spng = context.get();
  int status = spng_set_image_limits(spng, static_cast<std::uint32_t>(chunks_.picture.size.width),
                                     static_cast<std::uint32_t>(chunks_.picture.size.height));
  if (status == 0) status = spng_set_png_stream(spng, PartsStream::read, &stream);
  if (status == 0) status = chunks_.interlaced ? read_interlaced(spng, sink) : read_rows(spng, sink);
  if (status != 0) return tl::make_unexpected(error_of(status));
  return {};
}

int PngCodec::read_rows(spng_ctx* context, RowSink& sink) {
  int status = spng_decode_image(context, nullptr, 0, format(), SPNG_DECODE_TRNS | SPNG_DECODE_PROGRESSIVE);
  row_.resize(row_bytes());
  for (int y = 0; status == 0 && y < chunks_.picture.size.height; ++y) {
    status = spng_decode_row(context, row_.data(), row_.size());
    const bool last = y + 1 == chunks_.picture.size.height;
    if (status == SPNG_EOI && last) status = 0;
    if (status == 0) give_row(row_.data(), sink);
  }
  return status;
}

int PngCodec::read_interlaced(spng_ctx* context, RowSink& sink) {
  // Not kept and not cleared: its pages cost nothing before there are pixels in them.
  const std::size_t bytes = row_bytes() * static_cast<std::size_t>(chunks_.picture.size.height);
  const auto pixels = std::make_unique_for_overwrite<std::uint8_t[]>(bytes);
  const int status = spng_decode_image(context, pixels.get(), bytes, format(), SPNG_DECODE_TRNS);
  if (status != 0) return status;
  for (std::size_t at = 0; at < bytes; at += row_bytes()) give_row(pixels.get() + at, sink);
  return 0;
}

void PngCodec::give_row(std::uint8_t* pixels, RowSink& sink) const {
  if (chunks_.has_transparency) {
    blend_over_white(pixels, static_cast<std::size_t>(chunks_.picture.size.width), pixels);
  }
  sink.row(pixels);
}

}  // namespace

std::unique_ptr<Codec> make_png_codec() { return std::make_unique<PngCodec>(); }

}  // namespace curlew
