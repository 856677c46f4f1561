#include "unit/decode/made_gif.hpp"

#include <gif_lib.h>

#include <cstdlib>
#include <memory>

namespace curlew::made {
namespace {

struct FreePalette {
  void operator()(ColorMapObject* palette) const { GifFreeMapObject(palette); }
};

int write(GifFileType* file, const GifByteType* bytes, int length) {
  const auto* begin = reinterpret_cast<const std::byte*>(bytes);
  append(*static_cast<Bytes*>(file->UserData), {begin, static_cast<std::size_t>(length)});
  return length;
}

void check(int status) {
  if (status != GIF_OK) std::abort();
}

void write_picture(GifFileType* file, const GifSource& source, const GifOptions& options, ColorMapObject* palette) {
  if (options.transparent) {
    const GraphicsControlBlock control{
        .DisposalMode = 0, .UserInputFlag = false, .DelayTime = 10, .TransparentColor = *options.transparent};
    GifByteType block[4];
    check(EGifPutExtension(file, GRAPHICS_EXT_FUNC_CODE, static_cast<int>(EGifGCBToExtension(&control, block)), block));
  }
  const auto [width, height] = source.size;
  check(EGifPutImageDesc(file, options.left, options.top, width, height, options.interlaced, palette));
  std::vector<GifPixelType> pixels = source.indices;  // giflib wants to write into them
  const auto put = [&](int y) {
    check(EGifPutLine(file, pixels.data() + static_cast<std::ptrdiff_t>(y) * width, width));
  };
  if (!options.interlaced) {
    for (int y = 0; y < height; ++y) put(y);
    return;
  }
  for (int y = 0; y < height; y += 8) put(y);
  for (int y = 4; y < height; y += 8) put(y);
  for (int y = 2; y < height; y += 4) put(y);
  for (int y = 1; y < height; y += 2) put(y);
}

}  // namespace

GifSource gif_source(const Picture& picture) {
  GifSource source{.size = picture.size, .indices = {}, .palette = {}};
  for (int i = 0; i < 256; ++i) {
    source.palette.push_back({static_cast<std::uint8_t>(i < 216 ? i / 36 * 51 : 7),
                              static_cast<std::uint8_t>(i < 216 ? i / 6 % 6 * 51 : 7),
                              static_cast<std::uint8_t>(i < 216 ? i % 6 * 51 : 7)});
  }
  for (std::size_t i = 0; i < picture.rgb.size(); i += 3) {
    const auto level = [&](std::size_t c) { return (picture.rgb[i + c] + 25) / 51; };
    source.indices.push_back(static_cast<std::uint8_t>(level(0) * 36 + level(1) * 6 + level(2)));
  }
  return source;
}

Picture picture_of(const GifSource& source) {
  Picture picture(source.size);
  for (std::size_t i = 0; i < source.indices.size(); ++i) {
    for (std::size_t c = 0; c < 3; ++c) picture.rgb[i * 3 + c] = source.palette.at(source.indices[i])[c];
  }
  return picture;
}

Bytes gif(const GifSource& source, const GifOptions& options) {
  Bytes out;
  int error = 0;
  GifFileType* file = EGifOpen(&out, write, &error);
  if (file == nullptr) std::abort();
  EGifSetGifVersion(file, true);
  std::vector<GifColorType> colours;
  for (const auto& colour : source.palette) colours.push_back({colour[0], colour[1], colour[2]});
  const std::unique_ptr<ColorMapObject, FreePalette> palette(
      GifMakeMapObject(static_cast<int>(colours.size()), colours.data()));
  const SizePx screen = options.screen.value_or(source.size);
  check(EGifPutScreenDesc(file, screen.width, screen.height, 8, 0, options.local_palette ? nullptr : palette.get()));
  for (int i = 0; i < options.pictures; ++i) {
    write_picture(file, source, options, options.local_palette ? palette.get() : nullptr);
  }
  check(EGifCloseFile(file, &error));
  return out;
}

}  // namespace curlew::made
