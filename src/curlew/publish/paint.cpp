#include "curlew/publish/paint.hpp"

#include <fmt/format.h>

namespace curlew {
namespace {

/// SGR codes of ECMA-48.
int sgr(Paint paint) {
  switch (paint) {
    case Paint::kRed:
      return 31;
    case Paint::kGreen:
      return 32;
    case Paint::kYellow:
      return 33;
    case Paint::kDim:
      break;
  }
  return 2;
}

}  // namespace

std::string paint(Paint paint, std::string_view text, Colour colour) {
  if (colour == Colour::kOff) return std::string(text);
  return fmt::format("\x1b[{}m{}\x1b[0m", sgr(paint), text);
}

}  // namespace curlew
