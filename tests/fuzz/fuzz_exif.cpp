// Any bytes as an EXIF block, as the front of a JPEG, as the chunks of a PNG, and as the beginning of any file.
#include <algorithm>
#include <vector>

#include "curlew/decode/exif.hpp"
#include "curlew/decode/png_chunks.hpp"
#include "curlew/decode/sniff.hpp"
#include "fuzz/fuzz_input.hpp"

namespace curlew::fuzz {
namespace {

void check_inside(std::span<const std::byte> part, std::span<const std::byte> whole) {
  if (part.empty()) return;
  check(part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size(),
        "a part lies in its whole");
}

void check_orientation(std::span<const std::byte> tiff) {
  const auto orientation = orientation_of_exif(tiff);
  if (!orientation) return;
  check(static_cast<int>(*orientation) >= 1 && static_cast<int>(*orientation) <= 8, "there are eight orientations");
  const SizePx stored{.width = 7, .height = 3};
  check(upright_size(upright_size(stored, *orientation), *orientation) == stored, "turned back it is as before");
}

}  // namespace
}  // namespace curlew::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace curlew;
  const auto bytes = std::as_bytes(std::span(data, size));
  fuzz::check_orientation(bytes);
  const auto exif = exif_of_jpeg(bytes);
  fuzz::check_inside(exif, bytes);
  fuzz::check_orientation(exif);

  std::vector<std::byte> png(8);
  std::ranges::copy(std::as_bytes(std::span("\x89PNG\r\n\x1A\n", 8)), png.begin());
  png.insert(png.end(), bytes.begin(), bytes.end());
  if (const auto chunks = read_png_chunks(png)) {
    fuzz::check(chunks->picture.size.width >= 1 && chunks->picture.size.height >= 1, "a picture has a pixel");
    for (const auto& part : chunks->parts) fuzz::check_inside(part, png);
    fuzz::check(chunks->data_bytes <= png.size(), "data is no longer than the file");
    static_cast<void>(unpacked_bytes(*chunks));
  }

  const auto format = sniff(bytes);
  if (!format) {
    fuzz::check(format.error().code == ErrorCode::kNotAnImage || format.error().code == ErrorCode::kUnsupportedFormat,
                "a file that is not read is no picture, or one of another kind");
    fuzz::check(!format.error().message.empty() && format.error().message.size() < 200, "an error repeats little");
  }
  return 0;
}
