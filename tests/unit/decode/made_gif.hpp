#pragma once

#include <array>
#include <optional>

#include "unit/decode/made_pictures.hpp"

namespace curlew::made {

/// A picture of numbers with the colours that they stand for.
struct GifSource {
  SizePx size;
  std::vector<std::uint8_t> indices;
  std::vector<std::array<std::uint8_t, 3>> palette;  ///< 2, 4, 8 … 256 colours
};

/// Six levels a channel.
GifSource gif_source(const Picture& picture);

/// What such a picture looks like.
Picture picture_of(const GifSource& source);

struct GifOptions {
  bool interlaced = false;
  bool local_palette = false;
  std::optional<std::uint8_t> transparent{};
  std::optional<SizePx> screen{};  ///< nothing: as large as the picture
  int left = 0;
  int top = 0;
  int pictures = 1;  ///< all the same
};

Bytes gif(const GifSource& source, const GifOptions& options = {});

}  // namespace curlew::made
