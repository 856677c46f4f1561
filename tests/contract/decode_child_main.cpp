// The decoder of every format as a child process.
#include <memory>

#include "curlew/decode/avif_codec.hpp"
#include "curlew/decode/picture_decoder.hpp"
#include "curlew/decode/sniff.hpp"
#include "curlew/spawn/serve_decoder.hpp"

int main() {
  using namespace curlew;
  return serve_decoder(
      {.make_decoder = [](const DecodeLimits& limits) { return std::make_unique<PictureDecoder>(limits); },
       .load_everything = [] { load_avif(); },
       .needs_loading = [](std::span<const std::byte> bytes) { return sniff(bytes) == PictureFormat::kAvif; }});
}
