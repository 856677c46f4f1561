#include "unit/decode/made_webp.hpp"

#include <webp/encode.h>

#include <cstdlib>

namespace curlew::made {
namespace {

std::uint32_t number_at(const Bytes& bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 4; i-- > 0;) value = value << 8U | std::to_integer<std::uint32_t>(bytes.at(at + i));
  return value;
}

}  // namespace

Bytes webp(const Picture& picture, const WebpOptions& options) {
  std::vector<std::uint8_t> rgba;
  const bool has_alpha = !options.alpha.empty();
  for (std::size_t i = 0; i * 3 < picture.rgb.size(); ++i) {
    rgba.insert(rgba.end(), &picture.rgb[i * 3], &picture.rgb[i * 3] + 3);
    rgba.push_back(has_alpha ? options.alpha.at(i) : 255);
  }
  WebPConfig config;
  WebPPicture source;
  if (WebPConfigInit(&config) == 0 || WebPPictureInit(&source) == 0) std::abort();
  config.lossless = options.lossless ? 1 : 0;
  config.exact = 1;  // keeps the colour of what cannot be seen
  config.quality = options.quality;
  source.use_argb = 1;
  source.width = picture.size.width;
  source.height = picture.size.height;
  WebPMemoryWriter writer;
  WebPMemoryWriterInit(&writer);
  source.writer = WebPMemoryWrite;
  source.custom_ptr = &writer;
  if (WebPPictureImportRGBA(&source, rgba.data(), picture.size.width * 4) == 0) std::abort();
  if (WebPEncode(&config, &source) == 0) std::abort();
  const auto* begin = reinterpret_cast<const std::byte*>(writer.mem);
  Bytes out(begin, begin + writer.size);
  WebPMemoryWriterClear(&writer);
  WebPPictureFree(&source);
  return out;
}

Bytes webp_picture(const Picture& picture, const WebpOptions& options) {
  const Bytes file = webp(picture, options);
  Bytes out;
  for (std::size_t at = 12; at + 8 <= file.size();) {
    const std::size_t size = 8 + number_at(file, at + 4) + number_at(file, at + 4) % 2;
    const std::span chunk = std::span(file).subspan(at, size);
    if (chunk[3] != std::byte{'X'}) append(out, chunk);
    at += size;
  }
  return out;
}

Bytes webp_chunk(std::string_view name, std::span<const std::byte> body) {
  Bytes out = bytes_of(name);
  append_number(out, body.size(), 4, false);
  append(out, body);
  if (body.size() % 2 != 0) out.push_back(std::byte{0});
  return out;
}

Bytes webp_canvas(SizePx canvas, unsigned flags) {
  Bytes body;
  append_number(body, flags, 4, false);
  append_number(body, static_cast<unsigned>(canvas.width - 1), 3, false);
  append_number(body, static_cast<unsigned>(canvas.height - 1), 3, false);
  return webp_chunk("VP8X", body);
}

Bytes webp_frame(const RectPx& place, const Bytes& picture) {
  Bytes body;
  for (const int value : {place.x / 2, place.y / 2, place.width - 1, place.height - 1, 100}) {
    append_number(body, static_cast<unsigned>(value), 3, false);
  }
  body.push_back(std::byte{0});
  append(body, picture);
  return webp_chunk("ANMF", body);
}

Bytes webp_file(const std::vector<Bytes>& chunks) {
  Bytes body = bytes_of("WEBP");
  for (const Bytes& chunk : chunks) append(body, chunk);
  Bytes out = bytes_of("RIFF");
  append_number(out, body.size(), 4, false);
  append(out, body);
  return out;
}

}  // namespace curlew::made
