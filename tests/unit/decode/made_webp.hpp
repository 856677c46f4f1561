#pragma once

#include <string_view>

#include "unit/decode/made_pictures.hpp"

namespace curlew::made {

struct WebpOptions {
  bool lossless = true;
  float quality = 90;                 ///< lossy only
  std::vector<std::uint8_t> alpha{};  ///< one a pixel; empty: none
};

/// A file as libwebp writes it.
Bytes webp(const Picture& picture, const WebpOptions& options = {});

/// The chunks of the picture alone (ALPH, VP8, VP8L) out of such a file.
Bytes webp_picture(const Picture& picture, const WebpOptions& options = {});

Bytes webp_chunk(std::string_view name, std::span<const std::byte> body);

constexpr unsigned kWebpAnimated = 0x02;
constexpr unsigned kWebpExif = 0x08;
constexpr unsigned kWebpAlpha = 0x10;
constexpr unsigned kWebpProfile = 0x20;

/// The chunk VP8X.
Bytes webp_canvas(SizePx canvas, unsigned flags);

/// The chunk ANMF around a picture's chunks; x and y are even.
Bytes webp_frame(const RectPx& place, const Bytes& picture);

/// RIFF around chunks.
Bytes webp_file(const std::vector<Bytes>& chunks);

}  // namespace curlew::made
