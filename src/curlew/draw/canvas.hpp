#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "curlew/base/result.hpp"
#include "curlew/draw/layout.hpp"
#include "curlew/draw/pixels.hpp"
#include "curlew/draw/typeface.hpp"

namespace curlew {

/// A picture that can be drawn on.
class Canvas {
 public:
  /// A copy of packed RGB.
  ///
  /// Shape:     rgb.size() == width_px * height_px * 3; another size is a bug of the caller and aborts.
  /// Errors:    kInternal: no memory, or a side of more than 32,767 pixels.
  /// Ownership: `tools` outlive it.
  static Result<Canvas> copy_of(const DrawingTools& tools, const PictureSize& size, std::span<const std::uint8_t> rgb);

  /// Errors: kInternal: no memory.
  Result<void> draw(const Drawing& drawing);

  /// Valid until the next draw().
  BgrxRows rows() const;

 private:
  struct Destroy {
    const DrawingLibrary* library;
    void operator()(cairo_surface_t* surface) const { library->surface_destroy(surface); }
  };
  using Surface = std::unique_ptr<cairo_surface_t, Destroy>;

  Canvas(const DrawingTools& tools, const PictureSize& size, Surface surface)
      : tools_(&tools), size_(size), surface_(std::move(surface)) {}

  const DrawingTools* tools_;
  PictureSize size_;
  Surface surface_;
};

}  // namespace curlew
