// Any bytes as a WebP file.
#include "fuzz/picture_target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace curlew;
  constexpr auto kFormat = PictureFormat::kWebp;
  fuzz::decode_and_check(fuzz::with_magic(std::span(data, size), kFormat), kFormat);
  return 0;
}
