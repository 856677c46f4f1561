#include "curlew/decode/gif_codec.hpp"

#include <gif_lib.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

namespace curlew {
namespace {

// A code of LZW has at most 12 bits and stands for at most 4096 pixels; a file that claims more is cut short.
constexpr std::uint64_t kMaxPixelsPerByte = 4096 * 8 / 12 + 1;

/// Gives the bytes to giflib as it asks for them.
struct Source {
  std::span<const std::byte> rest;
  bool ended = false;  ///< more was asked for than there is

  static int read(GifFileType* file, GifByteType* to, int length) {
    auto& self = *static_cast<Source*>(file->UserData);
    const auto wanted = static_cast<std::size_t>(std::max(length, 0));
    const std::size_t count = std::min(wanted, self.rest.size());
    self.ended = self.ended || count < wanted;
    if (count > 0) std::memcpy(to, self.rest.data(), count);
    self.rest = self.rest.subspan(count);
    return static_cast<int>(count);
  }
};

struct CloseFile {
  void operator()(GifFileType* file) const { DGifCloseFile(file, nullptr); }
};
using File = std::unique_ptr<GifFileType, CloseFile>;

using Colours = std::array<std::array<std::uint8_t, 3>, 256>;

/// What each pixel's number looks like over white; numbers that the palette does not have are black.
Colours colours_of(const ColorMapObject* palette, std::optional<std::size_t> transparent) {
  Colours colours{};
  for (std::size_t i = 0; i < colours.size(); ++i) {
    if (palette == nullptr) {
      colours[i].fill(static_cast<std::uint8_t>(i));
    } else if (i < static_cast<std::size_t>(palette->ColorCount)) {
      const GifColorType& colour = palette->Colors[i];
      colours[i] = {colour.Red, colour.Green, colour.Blue};
    }
  }
  if (transparent) colours[*transparent].fill(255);
  return colours;
}

class GifCodec final : public Codec {
 public:
  Result<StoredPicture> open(std::span<const std::byte> bytes) override;
  Result<void> read(int eighths, RowSink& sink) override;

 private:
  Error error_of(int code) const;
  Result<void> go_to_picture();
  Result<void> read_extension();
  Result<void> read_lines(RowSink& sink);
  Result<void> read_interlaced(RowSink& sink);
  void give_white(int rows, RowSink& sink);
  void give_row(const GifPixelType* indices, RowSink& sink);

  Source source_;
  File file_;
  SizePx size_;   ///< of the screen
  RectPx frame_;  ///< where the picture lies on it
  std::optional<std::size_t> transparent_;
  Colours colours_{};
  std::vector<GifPixelType> line_;
  std::vector<std::uint8_t> row_;
};

Error GifCodec::error_of(int code) const {
  if (code == D_GIF_ERR_NOT_ENOUGH_MEM) {
    return make_error(ErrorCode::kInternal, "there was not enough memory for this picture");
  }
  if (source_.ended || code == D_GIF_ERR_EOF_TOO_SOON) {
    return make_error(ErrorCode::kDecodeFailed, "the GIF is incomplete: its bytes end before the picture does");
  }
  return make_error(ErrorCode::kDecodeFailed, "the GIF is damaged; send it again or save it anew");
}

Result<StoredPicture> GifCodec::open(std::span<const std::byte> bytes) {
  file_.reset();
  transparent_.reset();
  source_ = {.rest = bytes};
  int error = 0;
  file_.reset(DGifOpen(&source_, Source::read, &error));
  if (!file_) return tl::make_unexpected(error_of(error));
  if (auto found = go_to_picture(); !found) {
    file_.reset();
    return tl::make_unexpected(std::move(found.error()));
  }
  const GifImageDesc& image = file_->Image;
  frame_ = {.x = image.Left, .y = image.Top, .width = image.Width, .height = image.Height};
  if (frame_.width < 1 || frame_.height < 1) {
    file_.reset();
    return tl::make_unexpected(error_of(D_GIF_ERR_IMAGE_DEFECT));
  }
  size_ = {.width = std::max(file_->SWidth, frame_.x + frame_.width),
           .height = std::max(file_->SHeight, frame_.y + frame_.height)};
  StoredPicture picture;
  picture.size = size_;
  return picture;
}

Result<void> GifCodec::go_to_picture() {
  for (;;) {
    GifRecordType type = UNDEFINED_RECORD_TYPE;
    if (DGifGetRecordType(file_.get(), &type) == GIF_ERROR) return tl::make_unexpected(error_of(file_->Error));
    if (type == IMAGE_DESC_RECORD_TYPE) break;
    if (type != EXTENSION_RECORD_TYPE) return failure(ErrorCode::kDecodeFailed, "there is no picture in the GIF");
    if (auto read = read_extension(); !read) return read;
  }
  if (DGifGetImageDesc(file_.get()) == GIF_ERROR) return tl::make_unexpected(error_of(file_->Error));
  return {};
}

Result<void> GifCodec::read_extension() {
  int code = 0;
  GifByteType* block = nullptr;  // its first byte is its length
  if (DGifGetExtension(file_.get(), &code, &block) == GIF_ERROR) return tl::make_unexpected(error_of(file_->Error));
  while (block != nullptr) {
    GraphicsControlBlock control{};
    if (code == GRAPHICS_EXT_FUNC_CODE && DGifExtensionToGCB(block[0], block + 1, &control) == GIF_OK) {
      transparent_.reset();
      if (control.TransparentColor >= 0) transparent_ = static_cast<std::size_t>(control.TransparentColor);
    }
    if (DGifGetExtensionNext(file_.get(), &block) == GIF_ERROR) return tl::make_unexpected(error_of(file_->Error));
  }
  return {};
}

Result<void> GifCodec::read(int /*eighths*/, RowSink& sink) {
  if (!file_) return failure(ErrorCode::kInternal, "a picture is read once after it was opened");
  const std::uint64_t pixels =
      std::uint64_t{static_cast<unsigned>(frame_.width)} * static_cast<unsigned>(frame_.height);
  if (pixels > source_.rest.size() * kMaxPixelsPerByte) return tl::make_unexpected(error_of(D_GIF_ERR_EOF_TOO_SOON));
  const GifImageDesc& image = file_->Image;
  colours_ = colours_of(image.ColorMap != nullptr ? image.ColorMap : file_->SColorMap, transparent_);
  row_.assign(static_cast<std::size_t>(size_.width) * 3, 255);
  give_white(frame_.y, sink);
  auto result = image.Interlace ? read_interlaced(sink) : read_lines(sink);
  if (result) give_white(size_.height - frame_.y - frame_.height, sink);
  file_.reset();
  return result;
}

Result<void> GifCodec::read_lines(RowSink& sink) {
  line_.resize(static_cast<std::size_t>(frame_.width));
  for (int y = 0; y < frame_.height; ++y) {
    if (DGifGetLine(file_.get(), line_.data(), frame_.width) == GIF_ERROR) {
      return tl::make_unexpected(error_of(file_->Error));
    }
    give_row(line_.data(), sink);
  }
  return {};
}

Result<void> GifCodec::read_interlaced(RowSink& sink) {
  struct Pass {
    int first;
    int step;
  };
  constexpr std::array kPasses{Pass{0, 8}, Pass{4, 8}, Pass{2, 4}, Pass{1, 2}};
  // Not cleared: its pages cost nothing before there are pixels in them.
  const auto width = static_cast<std::size_t>(frame_.width);
  const auto pixels = std::make_unique_for_overwrite<GifPixelType[]>(width * static_cast<std::size_t>(frame_.height));
  const auto row_at = [&](int y) { return pixels.get() + width * static_cast<std::size_t>(y); };
  for (const Pass& pass : kPasses) {
    for (int y = pass.first; y < frame_.height; y += pass.step) {
      if (DGifGetLine(file_.get(), row_at(y), frame_.width) == GIF_ERROR) {
        return tl::make_unexpected(error_of(file_->Error));
      }
    }
  }
  for (int y = 0; y < frame_.height; ++y) give_row(row_at(y), sink);
  return {};
}

void GifCodec::give_white(int rows, RowSink& sink) {
  if (rows > 0) std::ranges::fill(row_, std::uint8_t{255});
  for (int y = 0; y < rows; ++y) sink.row(row_.data());
}

void GifCodec::give_row(const GifPixelType* indices, RowSink& sink) {
  std::uint8_t* rgb = row_.data() + static_cast<std::size_t>(frame_.x) * 3;
  for (int x = 0; x < frame_.width; ++x, rgb += 3) {
    const auto& colour = colours_[indices[x]];
    for (std::size_t c = 0; c < 3; ++c) rgb[c] = colour[c];
  }
  sink.row(row_.data());
}

}  // namespace

std::unique_ptr<Codec> make_gif_codec() { return std::make_unique<GifCodec>(); }

}  // namespace curlew
