#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "curlew/core/item_result.hpp"
#include "curlew/draw/class_colours.hpp"
#include "curlew/draw/label_text.hpp"
#include "curlew/draw/plate_place.hpp"

namespace curlew {

/// How thick and large things are in a picture of some size; they grow with it.
struct DrawStyle {
  int line_px = 1;     ///< of a box
  int casing_px = 1;   ///< the edge on both sides of a line and around a plate
  double font_px = 0;  ///< of a large box's label
};

DrawStyle style_for(const PictureSize& picture);

/// A box as rings: the casing fills what is between `casing_outside` and `casing_inside`, the line what is between its
/// two. An inside that is empty leaves a ring filled.
struct Frame {
  PixelRect casing_outside;
  PixelRect line_outside;
  PixelRect line_inside;
  PixelRect casing_inside;
};

/// A filled rectangle with text; its casing lies within `rect`.
struct Plate {
  PixelRect rect;
  std::u32string text;
  double font_px = 0;
  double text_x = 0;
  double baseline_y = 0;
};

struct DrawnObject {
  Rgb8 colour;  ///< of line and plate
  Rgb8 ink;     ///< of casing and text: black or white
  Frame frame;
  std::optional<Plate> plate;  ///< nothing where it would not fit
};

struct Drawing {
  DrawStyle style;
  std::vector<DrawnObject> objects;  ///< in the order of drawing: the surest last, on top
};

/// What is drawn for the predictions that have a box.
///
/// Shape: `predictions` by falling score. All rectangles lie within the picture.
Drawing layout_objects(const PictureSize& picture, std::span<const Prediction> predictions, const AdvanceOf& advance);

}  // namespace curlew
