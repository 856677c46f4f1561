#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace curlew {

/// Whether text may hold the escape sequences that colour it.
enum class Colour : std::uint8_t {
  kOff,
  kOn  ///< for a terminal only
};

enum class Paint : std::uint8_t { kRed, kGreen, kYellow, kDim };

/// `text` between the escape sequences of `paint`, or as it is.
std::string paint(Paint paint, std::string_view text, Colour colour);

}  // namespace curlew
