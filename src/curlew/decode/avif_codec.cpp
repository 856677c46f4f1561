#include "curlew/decode/avif_codec.hpp"

#include <algorithm>
#include <array>
#include <new>
#include <string_view>
#include <vector>

#include "curlew/base/byte_count.hpp"
#include "curlew/decode/avif_library.hpp"
#include "curlew/decode/over_white.hpp"

namespace curlew {
namespace {

// Converted at a time: small enough to stay in the processor's cache.
constexpr int kStripRows = 32;

// Converted above and below a strip too, so that the chroma between two strips is interpolated as in the whole.
constexpr int kMarginRows = 2;

// Each frame of a sequence takes memory as the header is read; an hour's worth is none that a picture needs.
constexpr std::uint32_t kMostFrames = 100'000;

Error incomplete() {
  return make_error(ErrorCode::kDecodeFailed, "the AVIF is incomplete: its bytes end before the picture does");
}

Error error_of(avifResult result, std::string_view details) {
  switch (result) {
    case AVIF_RESULT_TRUNCATED_DATA:
      return incomplete();
    case AVIF_RESULT_OUT_OF_MEMORY:
      return make_error(ErrorCode::kInternal, "there was not enough memory for this picture");
    case AVIF_RESULT_UNSUPPORTED_DEPTH:
    case AVIF_RESULT_NOT_IMPLEMENTED:
    case AVIF_RESULT_NO_CODEC_AVAILABLE:
    case AVIF_RESULT_REFORMAT_FAILED:
      return make_error(
          ErrorCode::kUnsupportedFormat,
          "this kind of AVIF (its bit depth or its way of storing colour) is not read; save it as JPEG or "
          "PNG");
    default:
      // The library has no code of its own for its limits.
      if (details.find("too large") != std::string_view::npos) {
        return make_error(ErrorCode::kTooManyPixels, "the AVIF has more than 268 megapixels");
      }
      return make_error(ErrorCode::kDecodeFailed, "the AVIF is damaged; send it again or save it anew");
  }
}

/// `angle` quarter turns anticlockwise, then the mirror.
Orientation orientation_of(const avifImage& image) {
  using enum Orientation;
  constexpr std::array kTurned{kUpright, kTurnAnticlockwise, kUpsideDown, kTurnClockwise};
  constexpr std::array kTopToBottom{kFlipped, kTransposed, kMirrored, kTransversed};
  constexpr std::array kLeftToRight{kMirrored, kTransversed, kFlipped, kTransposed};
  const std::size_t turns = (image.transformFlags & AVIF_TRANSFORM_IROT) != 0 ? image.irot.angle & 3U : 0U;
  if ((image.transformFlags & AVIF_TRANSFORM_IMIR) == 0) return kTurned[turns];
  return image.imir.mode == 0 ? kTopToBottom[turns] : kLeftToRight[turns];
}

/// Premultiplied pixels over white. A colour that is brighter than its alpha allows is white.
void add_white(const std::uint8_t* rgba, std::size_t pixels, std::uint8_t* rgb) {
  for (std::size_t i = 0; i < pixels; ++i) {
    const unsigned white = 255U - rgba[4 * i + 3];
    for (std::size_t c = 0; c < 3; ++c)
      rgb[3 * i + c] = static_cast<std::uint8_t>(std::min(255U, rgba[4 * i + c] + white));
  }
}

struct Close {
  const AvifLibrary* library;
  void operator()(avifDecoder* decoder) const { library->decoder_destroy(decoder); }
  void operator()(avifImage* image) const { library->image_destroy(image); }
};
using DecoderHandle = std::unique_ptr<avifDecoder, Close>;
using ImageHandle = std::unique_ptr<avifImage, Close>;

/// The file as the library reads it.
struct Input {
  avifIO io{};
  std::span<const std::byte> bytes;
  std::uint64_t left = 0;  ///< may still be read

  void open(std::span<const std::byte> file) {
    io = {};
    io.read = read;
    io.persistent = AVIF_TRUE;
    io.data = this;
    // What claims to be longer is refused at once. Of a file that was cut the header is to be read all the same, so
    // that it can be told from one that is too large.
    io.sizeHint = 2 * std::uint64_t{file.size()};
    bytes = file;
    // Parts may overlap and are put together in memory of their own: without a limit, a thousand parts could each be
    // the whole file.
    left = 8 * std::uint64_t{file.size()} + 64 * kKiB;
  }

  static avifResult read(avifIO* io, std::uint32_t /*flags*/, std::uint64_t offset, std::size_t size, avifROData* out) {
    auto& self = *static_cast<Input*>(io->data);
    const auto rest = self.bytes.subspan(std::min<std::uint64_t>(offset, self.bytes.size()));
    const auto part = rest.first(std::min(size, rest.size()));
    if (part.size() > self.left) return AVIF_RESULT_IO_ERROR;
    self.left -= part.size();
    *out = {.data = reinterpret_cast<const std::uint8_t*>(part.data()), .size = part.size()};
    return AVIF_RESULT_OK;
  }
};

class AvifCodec final : public Codec {
 public:
  Result<StoredPicture> open(std::span<const std::byte> bytes) override;
  Result<void> read(int eighths, RowSink& sink) override;

 private:
  Result<void> give_rows(const avifImage& image, RowSink& sink);

  const AvifLibrary* library_ = nullptr;
  Input input_;
  DecoderHandle decoder_{nullptr, Close{nullptr}};
  SizePx size_;
  std::vector<std::uint8_t> strip_;
};

Result<StoredPicture> AvifCodec::open(std::span<const std::byte> bytes) {
  const auto& library = avif_library();
  if (!library) return tl::make_unexpected(library.error());
  library_ = &*library;
  decoder_.reset();  // it reads from what input_ held so far
  input_.open(bytes);
  decoder_ = DecoderHandle(library_->decoder_create(), Close{library_});
  if (!decoder_) throw std::bad_alloc();
  decoder_->maxThreads = 1;
  decoder_->ignoreExif = decoder_->ignoreXMP = AVIF_TRUE;
  // Encoders in use leave out what these demand, and browsers read their pictures.
  decoder_->strictFlags = AVIF_STRICT_DISABLED;
  decoder_->imageCountLimit = kMostFrames;
  library_->decoder_set_io(decoder_.get(), &input_.io);
  const avifResult result = library_->decoder_parse(decoder_.get());
  if (result != AVIF_RESULT_OK) return tl::make_unexpected(error_of(result, decoder_->diag.error));
  const avifImage& image = *decoder_->image;
  size_ = {.width = static_cast<int>(image.width), .height = static_cast<int>(image.height)};
  if (size_.width < 1 || size_.height < 1) return tl::make_unexpected(error_of(AVIF_RESULT_BMFF_PARSE_FAILED, {}));
  StoredPicture picture;
  picture.size = size_;
  picture.orientation = orientation_of(image);
  if (image.icc.size <= kMaxProfileBytes) {
    const auto* profile = reinterpret_cast<const std::byte*>(image.icc.data);
    picture.profile.assign(profile, profile + image.icc.size);
  }
  return picture;
}

Result<void> AvifCodec::read(int /*eighths*/, RowSink& sink) {
  decoder_->imageSizeLimit = most_frame_pixels(input_.bytes, size_);
  auto read = [&]() -> Result<void> {
    const avifResult result = library_->decoder_next_image(decoder_.get());
    if (result != AVIF_RESULT_OK) return tl::make_unexpected(error_of(result, {}));
    const avifImage& image = *decoder_->image;
    // The library scales a frame to the size that the container tells; a row less would be read past its end.
    if (image.width != static_cast<unsigned>(size_.width) || image.height != static_cast<unsigned>(size_.height)) {
      return tl::make_unexpected(error_of(AVIF_RESULT_ISPE_SIZE_MISMATCH, {}));
    }
    return give_rows(image, sink);
  }();
  decoder_.reset();  // the planes go at once
  return read;
}

Result<void> AvifCodec::give_rows(const avifImage& image, RowSink& sink) {
  const ImageHandle view(library_->image_create_empty(), Close{library_});
  if (!view) throw std::bad_alloc();
  const auto width = static_cast<std::size_t>(size_.width);
  strip_.resize(width * 4 * (kStripRows + 2 * kMarginRows));
  for (int y = 0; y < size_.height; y += kStripRows) {
    const int first = std::max(0, y - kMarginRows);
    const int end = std::min(size_.height, y + kStripRows);
    const int last = std::min(size_.height, end + kMarginRows);
    const avifCropRect rectangle{.x = 0,
                                 .y = static_cast<std::uint32_t>(first),
                                 .width = image.width,
                                 .height = static_cast<std::uint32_t>(last - first)};
    avifResult result = library_->image_set_view_rect(view.get(), &image, &rectangle);
    avifRGBImage rgba{};
    library_->rgb_image_set_defaults(&rgba, view.get());
    rgba.depth = 8;
    rgba.format = AVIF_RGB_FORMAT_RGBA;
    rgba.alphaPremultiplied = image.alphaPremultiplied;
    rgba.pixels = strip_.data();
    rgba.rowBytes = static_cast<std::uint32_t>(width * 4);
    if (result == AVIF_RESULT_OK) result = library_->image_yuv_to_rgb(view.get(), &rgba);
    if (result != AVIF_RESULT_OK) return tl::make_unexpected(error_of(result, {}));
    for (int row = y; row < end; ++row) {
      std::uint8_t* pixels = strip_.data() + static_cast<std::size_t>(row - first) * width * 4;
      if (image.alphaPremultiplied != AVIF_FALSE) {
        add_white(pixels, width, pixels);
      } else {
        blend_over_white(pixels, width, pixels);
      }
      sink.row(pixels);
    }
  }
  return {};
}

}  // namespace

bool load_avif() { return avif_library().has_value(); }

std::uint32_t most_frame_pixels(std::span<const std::byte> bytes, SizePx size) {
  constexpr std::string_view kPart = "infe";  // the box that tells of one part
  constexpr std::uint64_t kSmallestTile = std::uint64_t{64} * 64;
  const std::string_view file(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  std::uint64_t parts = 1;
  for (auto at = file.find(kPart); at != std::string_view::npos; at = file.find(kPart, at + kPart.size())) ++parts;
  const std::uint64_t pixels = static_cast<std::uint64_t>(size.width) * static_cast<std::uint64_t>(size.height);
  const std::uint64_t most = std::min(2 * pixels, 32 * pixels / parts) + 4 * kSmallestTile;
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(most, AVIF_DEFAULT_IMAGE_SIZE_LIMIT));
}

std::unique_ptr<Codec> make_avif_codec() { return std::make_unique<AvifCodec>(); }

}  // namespace curlew
