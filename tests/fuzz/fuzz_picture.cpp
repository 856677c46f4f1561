// Any bytes as a picture, for each way of fitting.
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

#include "curlew/decode/picture_decoder.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // Small limits: the fuzzer looks for wrong code, not for slow pictures.
  static curlew::PictureDecoder decoder(curlew::DecodeLimits{.pixels = 1'000'000, .side_px = 4096});
  static std::vector<std::uint8_t> rgb(32 * 24 * 3);
  using Kind = curlew::Fit::Kind;
  const Kind kinds[] = {Kind::kSquash, Kind::kCentreCrop, Kind::kLetterbox};
  const curlew::InputFormat format{.width_px = 32, .height_px = 24, .fit = {.kind = kinds[size % 3]}};
  const auto picture = decoder.decode_into(std::as_bytes(std::span(data, size)), format, rgb);
  if (picture && (picture->info.width_px < 1 || picture->info.height_px < 1)) std::abort();
  return 0;
}
