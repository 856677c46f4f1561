#include "curlew/decode/colour.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "curlew/base/log.hpp"
#include "curlew/base/sha256.hpp"
#include "curlew/decode/codec.hpp"
#include "curlew/decode/icc_transform.hpp"

namespace curlew {
namespace {

// Sites use one profile, a list of pictures a handful. A transform takes up to 0.5 MB.
constexpr std::size_t kKeptProfiles = 8;

// The many profiles that mean sRGB round differently; nobody sees two levels.
constexpr int kNextToNothing = 2;

using Rgb = std::array<std::uint8_t, 3>;

/// Every 32nd level of each channel with every other, and all greys.
std::vector<Rgb> sample_colours() {
  std::vector<Rgb> colours;
  const auto level = [](int i) { return static_cast<std::uint8_t>(std::min(i * 32, 255)); };
  for (int r = 0; r <= 8; ++r) {
    for (int g = 0; g <= 8; ++g) {
      for (int b = 0; b <= 8; ++b) colours.push_back({level(r), level(g), level(b)});
    }
  }
  for (int i = 0; i < 256; ++i) {
    const auto grey = static_cast<std::uint8_t>(i);
    colours.push_back({grey, grey, grey});
  }
  return colours;
}

bool changes_next_to_nothing(const IccTransform& transform) {
  const std::vector<Rgb> before = sample_colours();
  std::vector<Rgb> after(before.size());
  transform.apply(before.front().data(), after.front().data(), before.size());
  for (std::size_t i = 0; i < before.size(); ++i) {
    for (std::size_t c = 0; c < 3; ++c) {
      if (std::abs(int{before[i][c]} - int{after[i][c]}) > kNextToNothing) return false;
    }
  }
  return true;
}

std::array<Rgb, 256> grey_table(const IccTransform& transform) {
  std::array<std::uint8_t, 256> levels{};
  for (std::size_t i = 0; i < levels.size(); ++i) levels[i] = static_cast<std::uint8_t>(i);
  std::array<Rgb, 256> table{};
  transform.apply(levels.data(), table.front().data(), levels.size());
  return table;
}

bool all_grey(const RgbRect& pixels) {
  for (int y = 0; y < pixels.height; ++y) {
    const std::uint8_t* pixel = pixels.first + y * pixels.row_bytes;
    for (int x = 0; x < pixels.width; ++x, pixel += 3) {
      if (pixel[0] != pixel[1] || pixel[1] != pixel[2]) return false;
    }
  }
  return true;
}

void look_up(const std::array<Rgb, 256>& table, const RgbRect& pixels) {
  for (int y = 0; y < pixels.height; ++y) {
    std::uint8_t* pixel = pixels.first + y * pixels.row_bytes;
    for (int x = 0; x < pixels.width; ++x, pixel += 3) std::ranges::copy(table[pixel[0]], pixel);
  }
}

void plain_cmyk_to_rgb(const std::uint8_t* cmyk, const RgbRect& to) {
  for (int y = 0; y < to.height; ++y) {
    std::uint8_t* rgb = to.first + y * to.row_bytes;
    for (int x = 0; x < to.width; ++x, cmyk += 4, rgb += 3) {
      const unsigned light = 255U - cmyk[3];
      for (int c = 0; c < 3; ++c) rgb[c] = static_cast<std::uint8_t>(((255U - cmyk[c]) * light + 127U) / 255U);
    }
  }
}

void log_ignored(std::string_view why) { log_debug("a colour profile is ignored: {}", why); }

}  // namespace

/// What was made of the last profiles, by the SHA-256 of their bytes: a weaker sum could be met on purpose, and one
/// picture's profile would colour the others.
class ColourConverter::Profiles {
 public:
  struct Known {
    std::string sha256;
    std::string useless;  ///< why nothing is to be done; empty: there is a transform
    std::optional<IccTransform> transform;
    std::array<Rgb, 256> greys{};  ///< of a profile of grey
  };

  const Known& find(std::span<const std::byte> profile) {
    std::string sha256 = sha256_hex(profile);
    const auto known = std::ranges::find(known_, sha256, &Known::sha256);
    if (known != known_.end()) {
      known_.splice(known_.begin(), known_, known);
      return known_.front();
    }
    Known made = make(profile);
    made.sha256 = std::move(sha256);
    if (known_.size() == kKeptProfiles) known_.pop_back();
    return known_.emplace_front(std::move(made));
  }

 private:
  Known make(std::span<const std::byte> profile) {
    Known known;
    if (profile.size() > kMaxProfileBytes) {
      known.useless = "it is too large";
      return known;
    }
    auto transform = engine_.transform_of(profile);
    if (!transform) {
      known.useless = std::move(transform.error());
    } else if (transform->model() == ColourModel::kRgb && changes_next_to_nothing(*transform)) {
      known.useless = "it is next to sRGB";
    } else {
      if (transform->model() == ColourModel::kGrey) known.greys = grey_table(*transform);
      known.transform.emplace(std::move(*transform));
    }
    return known;
  }

  IccEngine engine_;
  std::list<Known> known_;  ///< the one used last first
};

ColourConverter::ColourConverter() = default;
ColourConverter::~ColourConverter() = default;

ColourConverter::Profiles& ColourConverter::profiles() {
  if (!profiles_) profiles_ = std::make_unique<Profiles>();
  return *profiles_;
}

void ColourConverter::rgb_to_srgb(std::span<const std::byte> profile, const RgbRect& pixels) {
  if (profile.empty()) return;
  const auto& known = profiles().find(profile);
  if (!known.transform) return log_ignored(known.useless);
  switch (known.transform->model()) {
    case ColourModel::kCmyk:
      return log_ignored("it is of CMYK, the picture is not");
    case ColourModel::kGrey:
      if (!all_grey(pixels)) return log_ignored("it is of grey, the picture is not");
      return look_up(known.greys, pixels);
    case ColourModel::kRgb:
      break;
  }
  for (int y = 0; y < pixels.height; ++y) {
    std::uint8_t* row = pixels.first + y * pixels.row_bytes;
    known.transform->apply(row, row, static_cast<std::size_t>(pixels.width));
  }
}

void ColourConverter::cmyk_to_srgb(std::span<const std::byte> profile, std::span<const std::uint8_t> cmyk,
                                   const RgbRect& to) {
  const auto width = static_cast<std::size_t>(to.width);
  if (cmyk.size() != width * static_cast<std::size_t>(to.height) * 4) std::abort();
  if (profile.empty()) return plain_cmyk_to_rgb(cmyk.data(), to);
  const auto& known = profiles().find(profile);
  if (!known.transform || known.transform->model() != ColourModel::kCmyk) {
    log_ignored(known.transform ? "it is not of CMYK, the picture is" : known.useless);
    return plain_cmyk_to_rgb(cmyk.data(), to);
  }
  for (int y = 0; y < to.height; ++y) {
    known.transform->apply(cmyk.data() + static_cast<std::size_t>(y) * width * 4, to.first + y * to.row_bytes, width);
  }
}

}  // namespace curlew
