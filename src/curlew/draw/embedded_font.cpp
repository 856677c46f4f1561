#include "curlew/draw/embedded_font.hpp"

// The assembler takes the file up as it is: as numbers it would cost the compiler half a minute.
asm(R"(
  .pushsection .rodata
  .balign 16
  .global kCurlewFontBegin
  .global kCurlewFontEnd
kCurlewFontBegin:
  .incbin ")" CURLEW_FONT_FILE R"("
kCurlewFontEnd:
  .popsection
)");

extern "C" {
extern const std::byte kCurlewFontBegin[];
extern const std::byte kCurlewFontEnd[];
}

namespace curlew {

std::span<const std::byte> embedded_font() { return {kCurlewFontBegin, kCurlewFontEnd}; }

}  // namespace curlew
