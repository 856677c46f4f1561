#include "unit/decode/made_png.hpp"

#include <spng.h>

#include <algorithm>
#include <cstdlib>

namespace curlew::made {
namespace {

constexpr std::string_view kSignature = "\x89PNG\r\n\x1A\n";

std::uint32_t crc32(std::span<const std::byte> bytes) {
  std::uint32_t crc = 0xFFFFFFFFU;
  for (const std::byte byte : bytes) {
    crc ^= std::to_integer<std::uint32_t>(byte);
    for (int i = 0; i < 8; ++i) crc = (crc & 1U) != 0 ? crc >> 1U ^ 0xEDB88320U : crc >> 1U;
  }
  return ~crc;
}

std::size_t channels_of(int colour_type) {
  constexpr std::array<std::size_t, 7> kChannels{1, 0, 3, 1, 2, 0, 4};
  return kChannels.at(static_cast<std::size_t>(colour_type));
}

/// The rows of the pixels from (x0, y0) on, every dx-th of every dy-th row, each with filter 0.
void append_pass(Bytes& raw, const PngSource& source, SizePx start, SizePx step) {
  if (start.width >= source.size.width) return;
  const std::size_t channels = channels_of(source.colour_type);
  for (int y = start.height; y < source.size.height; y += step.height) {
    raw.push_back(std::byte{0});
    unsigned held = 0;
    int bits = 0;
    for (int x = start.width; x < source.size.width; x += step.width) {
      const std::size_t pixel = static_cast<std::size_t>(y) * source.size.width + static_cast<std::size_t>(x);
      for (std::size_t c = 0; c < channels; ++c) {
        const unsigned sample = source.samples.at(pixel * channels + c);
        if (source.bit_depth >= 8) {
          append_number(raw, sample, source.bit_depth / 8, true);
          continue;
        }
        held = held << static_cast<unsigned>(source.bit_depth) | sample;
        bits += source.bit_depth;
        if (bits == 8) {
          raw.push_back(static_cast<std::byte>(held));
          held = 0;
          bits = 0;
        }
      }
    }
    if (bits > 0) raw.push_back(static_cast<std::byte>(held << static_cast<unsigned>(8 - bits)));
  }
}

Bytes raw_data(const PngSource& source) {
  Bytes raw;
  if (!source.interlaced) {
    append_pass(raw, source, {.width = 0, .height = 0}, {.width = 1, .height = 1});
    return raw;
  }
  constexpr std::array<std::array<int, 4>, 7> kAdam7{
      {{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}}};
  for (const auto& pass : kAdam7) {
    append_pass(raw, source, {.width = pass[0], .height = pass[1]}, {.width = pass[2], .height = pass[3]});
  }
  return raw;
}

}  // namespace

Bytes packed(std::span<const std::byte> raw) {
  Bytes out = bytes_of("\x78\x01");
  std::uint32_t a = 1;
  std::uint32_t b = 0;
  for (const std::byte byte : raw) {
    a = (a + std::to_integer<std::uint32_t>(byte)) % 65521U;
    b = (b + a) % 65521U;
  }
  std::size_t at = 0;
  do {
    const std::size_t count = std::min<std::size_t>(65535, raw.size() - at);
    out.push_back(at + count == raw.size() ? std::byte{1} : std::byte{0});
    append_number(out, count, 2, false);
    append_number(out, ~count & 0xFFFFU, 2, false);
    append(out, raw.subspan(at, count));
    at += count;
  } while (at < raw.size());
  append_number(out, b << 16U | a, 4, true);
  return out;
}

PngSource png_source(const Picture& picture) {
  PngSource source;
  source.size = picture.size;
  source.samples.assign(picture.rgb.begin(), picture.rgb.end());
  return source;
}

Bytes png_chunk(std::string_view name, std::span<const std::byte> body) {
  Bytes named = bytes_of(name);
  append(named, body);
  Bytes chunk;
  append_number(chunk, body.size(), 4, true);
  append(chunk, named);
  append_number(chunk, crc32(named), 4, true);
  return chunk;
}

Bytes png(const PngSource& source) {
  Bytes out = bytes_of(kSignature);
  Bytes header;
  append_number(header, static_cast<unsigned>(source.size.width), 4, true);
  append_number(header, static_cast<unsigned>(source.size.height), 4, true);
  for (const int value : {source.bit_depth, source.colour_type, 0, 0, source.interlaced ? 1 : 0}) {
    header.push_back(static_cast<std::byte>(value));
  }
  append(out, png_chunk("IHDR", header));
  if (!source.exif.empty()) append(out, png_chunk("eXIf", source.exif));
  if (!source.palette.empty()) {
    Bytes palette;
    for (const auto& colour : source.palette) {
      for (const std::uint8_t value : colour) palette.push_back(std::byte{value});
    }
    append(out, png_chunk("PLTE", palette));
  }
  if (!source.transparency.empty()) append(out, png_chunk("tRNS", source.transparency));
  const Bytes data = packed(raw_data(source));
  for (std::size_t at = 0; at < data.size(); at += source.data_chunk_bytes) {
    append(out, png_chunk("IDAT", std::span(data).subspan(at, std::min(source.data_chunk_bytes, data.size() - at))));
  }
  append(out, png_chunk("IEND", {}));
  return out;
}

Bytes black_png(SizePx size) {
  spng_ctx* context = spng_ctx_new(SPNG_CTX_ENCODER);
  spng_set_option(context, SPNG_ENCODE_TO_BUFFER, 1);
  spng_set_option(context, SPNG_FILTER_CHOICE, SPNG_DISABLE_FILTERING);
  spng_set_option(context, SPNG_IMG_COMPRESSION_LEVEL, 9);
  spng_ihdr header{};
  header.width = static_cast<std::uint32_t>(size.width);
  header.height = static_cast<std::uint32_t>(size.height);
  header.bit_depth = 1;
  header.color_type = SPNG_COLOR_TYPE_GRAYSCALE;
  spng_set_ihdr(context, &header);
  int status = spng_encode_image(context, nullptr, 0, SPNG_FMT_PNG, SPNG_ENCODE_PROGRESSIVE | SPNG_ENCODE_FINALIZE);
  const std::vector<std::uint8_t> row((static_cast<std::size_t>(size.width) + 7) / 8);
  while (status == 0) status = spng_encode_row(context, row.data(), row.size());
  std::size_t length = 0;
  void* out = spng_get_png_buffer(context, &length, &status);
  if (out == nullptr) std::abort();
  const auto* begin = static_cast<const std::byte*>(out);
  Bytes bytes(begin, begin + length);
  std::free(out);  // NOLINT(cppcoreguidelines-no-malloc): libspng's
  spng_ctx_free(context);
  return bytes;
}

}  // namespace curlew::made
