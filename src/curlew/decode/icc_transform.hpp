#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "curlew/base/result.hpp"

namespace curlew {

enum class ColourModel : std::uint8_t { kGrey, kRgb, kCmyk };

/// The way from the colours of one ICC profile to sRGB.
///
/// Threads: one at a time.
class IccTransform {
 public:
  ColourModel model() const { return model_; }

  /// Shape: `from` is packed, 8 bits a channel, 1, 3 or 4 of them by the model; CMYK: 255 is all of an ink. `to` takes
  /// packed RGB; it may be `from` where that is RGB too.
  void apply(const std::uint8_t* from, std::uint8_t* to, std::size_t pixels) const;

 private:
  friend class IccEngine;
  struct Close {
    void operator()(void* transform) const;
  };
  IccTransform(ColourModel model, void* transform) : model_(model), transform_(transform) {}

  ColourModel model_;
  std::unique_ptr<void, Close> transform_;
};

/// Makes transforms. It has its own context of Little CMS, so that nothing is shared between decoders.
///
/// Threads: one at a time.
class IccEngine {
 public:
  IccEngine();
  ~IccEngine();
  IccEngine(const IccEngine&) = delete;
  IccEngine& operator=(const IccEngine&) = delete;

  /// Errors:    why a profile is of no use, in words for a log. Whatever the bytes are, it takes bounded time and
  /// memory. Ownership: the transform goes before the engine.
  Result<IccTransform, std::string> transform_of(std::span<const std::byte> profile);

 private:
  struct State;
  static void* way_to_srgb(const State& state, void* profile, ColourModel model);

  std::unique_ptr<State> state_;
};

}  // namespace curlew
