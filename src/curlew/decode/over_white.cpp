#include "curlew/decode/over_white.hpp"

namespace curlew {

void blend_over_white(const std::uint8_t* rgba, std::size_t pixels, std::uint8_t* rgb) {
  for (std::size_t i = 0; i < pixels; ++i) {
    const unsigned alpha = rgba[4 * i + 3];
    for (std::size_t c = 0; c < 3; ++c) {
      // x * 257 >> 16 is x / 255, rounded, for the products that come here.
      const unsigned mixed = rgba[4 * i + c] * alpha + 255U * (255U - alpha) + 128U;
      rgb[3 * i + c] = static_cast<std::uint8_t>(mixed * 257U >> 16U);
    }
  }
}

}  // namespace curlew
