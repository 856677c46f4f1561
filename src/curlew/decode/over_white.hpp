#pragma once

#include <cstddef>
#include <cstdint>

namespace curlew {

/// Lays pixels over white, each level rounded.
///
/// Shape: `rgba` is packed RGBA, `rgb` takes packed RGB; the two may begin at the same place.
void blend_over_white(const std::uint8_t* rgba, std::size_t pixels, std::uint8_t* rgb);

}  // namespace curlew
