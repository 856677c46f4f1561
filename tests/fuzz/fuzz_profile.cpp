// Any bytes as an ICC profile, for pixels of grey, RGB or CMYK as the profile itself says. Its length and its signature
// are made right, since no reader goes on without.
#include <algorithm>
#include <vector>

#include "curlew/decode/colour.hpp"
#include "fuzz/fuzz_input.hpp"

namespace curlew::fuzz {
namespace {

constexpr int kWidth = 6;
constexpr int kHeight = 3;
constexpr std::size_t kRowBytes = (kWidth + 2) * 3;  // a pixel on each side belongs to somebody else
constexpr std::uint8_t kUntouched = 0xAB;

using Bytes = std::vector<std::uint8_t>;

std::vector<std::byte> with_header(std::span<const std::uint8_t> data) {
  std::vector<std::byte> profile(std::as_bytes(data).begin(), std::as_bytes(data).end());
  constexpr std::size_t kHeaderBytes = 128;
  if (profile.size() < kHeaderBytes) return profile;
  for (std::size_t i = 0; i < 4; ++i) profile[i] = static_cast<std::byte>(profile.size() >> (24 - 8 * i));
  std::ranges::copy(std::as_bytes(std::span("acsp", 4)), profile.begin() + 36);
  return profile;
}

bool begins_space_with(std::span<const std::byte> profile, char letter) {
  return profile.size() > 16 && profile[16] == static_cast<std::byte>(letter);
}
bool is_cmyk(std::span<const std::byte> profile) { return begins_space_with(profile, 'C'); }
bool is_grey(std::span<const std::byte> profile) { return begins_space_with(profile, 'G'); }  // counts for grey only

/// The pixels that `converter` makes of always the same ones, and what is around them.
Bytes converted(ColourConverter& converter, std::span<const std::byte> profile) {
  Bytes picture(kRowBytes * kHeight, kUntouched);
  const RgbRect inside{.first = picture.data() + 3, .width = kWidth, .height = kHeight, .row_bytes = kRowBytes};
  if (is_cmyk(profile)) {
    Bytes inks(static_cast<std::size_t>(kWidth) * kHeight * 4);
    for (std::size_t i = 0; i < inks.size(); ++i) inks[i] = static_cast<std::uint8_t>(i * 29);
    converter.cmyk_to_srgb(profile, inks, inside);
    return picture;
  }
  for (std::size_t y = 0; y < kHeight; ++y) {
    for (std::size_t x = 0; x < kWidth * 3U; ++x) {
      picture[y * kRowBytes + 3 + x] = static_cast<std::uint8_t>(is_grey(profile) ? x / 3 * 40 + y : x * 14 + y * 5);
    }
  }
  converter.rgb_to_srgb(profile, inside);
  return picture;
}

}  // namespace
}  // namespace curlew::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace curlew;
  static ColourConverter converter;
  const auto profile = fuzz::with_header(std::span(data, size));
  const auto picture = fuzz::converted(converter, profile);
  for (std::size_t y = 0; y < fuzz::kHeight; ++y) {
    const auto row = std::span(picture).subspan(y * fuzz::kRowBytes, fuzz::kRowBytes);
    const auto untouched = [](std::uint8_t byte) { return byte == fuzz::kUntouched; };
    fuzz::check(std::ranges::all_of(row.first(3), untouched) && std::ranges::all_of(row.last(3), untouched),
                "what is beside the picture stays as it is");
  }
  if (size % 16 == 0) {
    ColourConverter fresh;
    fuzz::check(fuzz::converted(fresh, profile) == picture, "an earlier profile changes nothing");
  }
  return 0;
}
