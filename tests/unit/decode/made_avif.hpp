#pragma once

#include <optional>

#include "unit/decode/made_pictures.hpp"

namespace curlew::made {

struct AvifOptions {
  enum class Chroma { kFull, kHalved, kNone };
  Chroma chroma = Chroma::kFull;
  int depth = 8;
  std::vector<std::uint8_t> alpha = {};   ///< one a pixel, where not empty
  bool premultiplied = false;             ///< the picture's colours are multiplied already
  std::optional<int> quarter_turns = {};  ///< irot, anticlockwise
  std::optional<int> mirror = {};         ///< imir: 0 top to bottom, 1 left to right
  Bytes profile = {};
  Bytes exif = {};
  int columns = 1;  ///< of a grid; they divide the width, and are at least 64 pixels wide
  int frames = 1;   ///< all but the first are grey
};

Bytes avif(const Picture& picture, const AvifOptions& options = {});

/// Where the n-th box of this name begins with its length, from 0; the size where there is none.
std::size_t find_box(const Bytes& avif, std::string_view name, int n = 0);

}  // namespace curlew::made
