#include "curlew/draw/layout.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

namespace curlew {
namespace {

constexpr double kLeastFontPx = 9;       // smaller letters cannot be read
constexpr double kMostLabelEm = 16;      // about 30 letters; a wide box may have more
constexpr double kPlateEm = 1.25;        // room for Å above and g below
constexpr double kPaddingEm = 0.3;       // beside the text
constexpr double kCapitalsEm = 0.729;    // DejaVu Sans: the height of a capital
constexpr int kLeastPicturePlates = 3;   // heights of a plate that a picture has, or no plate stands in it
constexpr int kLeastInsideCasings = 6;   // of the inside of a box, or it has a casing around it only
constexpr double kMostPlated = 1 / 3.0;  // of the picture: it is to be seen, too

struct Range {
  int from;
  int to;
};

int rounded(double value) { return static_cast<int>(std::lround(value)); }

/// The pixels of a line's outer edge along one axis: the line is centred on the box's edge, and shifted inside at the
/// edge of the picture.
Range outer_range(float from, float to, int line, int limit) {
  const auto most = static_cast<float>(limit);
  Range range{.from = static_cast<int>(std::floor(std::clamp(from, 0.0F, most))) - line / 2,
              .to = static_cast<int>(std::ceil(std::clamp(to, 0.0F, most))) + line / 2};
  const int least = std::min(limit, 3 * line);
  if (range.to - range.from < least) {
    range.from -= (least - (range.to - range.from)) / 2;
    range.to = range.from + least;
  }
  range = {.from = std::max(range.from, 0), .to = std::min(range.to, limit)};
  if (range.to - range.from >= least) return range;
  return range.from == 0 ? Range{.from = 0, .to = least} : Range{.from = limit - least, .to = limit};
}

PixelRect inset(const PixelRect& rect, int by) {
  return {.x1 = rect.x1 + by, .y1 = rect.y1 + by, .x2 = rect.x2 - by, .y2 = rect.y2 - by};
}

PixelRect within(const PixelRect& rect, const PictureSize& picture) {
  return {.x1 = std::max(rect.x1, 0),
          .y1 = std::max(rect.y1, 0),
          .x2 = std::min(rect.x2, picture.width_px),
          .y2 = std::min(rect.y2, picture.height_px)};
}

/// A small box in a large picture has a thinner line, so that what is in it can be seen.
int line_for(const Box& box, const DrawStyle& style) {
  const auto side = static_cast<double>(std::min(box.x2 - box.x1, box.y2 - box.y1));
  const double least = std::max(1.0, style.line_px / 3.0);
  return rounded(std::clamp(side / 8, least, std::max(least, static_cast<double>(style.line_px))));
}

Frame frame_of(const Box& box, const DrawStyle& style, const PictureSize& picture) {
  const int line = line_for(box, style);
  const Range x = outer_range(box.x1, box.x2, line, picture.width_px);
  const Range y = outer_range(box.y1, box.y2, line, picture.height_px);
  Frame frame;
  frame.line_outside = {.x1 = x.from, .y1 = y.from, .x2 = x.to, .y2 = y.to};
  frame.line_inside = inset(frame.line_outside, line);
  const int casing = std::min(style.casing_px, line);
  frame.casing_outside = within(inset(frame.line_outside, -casing), picture);
  const int inside = std::min(frame.line_inside.width(), frame.line_inside.height());
  frame.casing_inside = inside < kLeastInsideCasings * casing ? frame.line_inside : inset(frame.line_inside, casing);
  return frame;
}

/// A small box in a large picture has a smaller label, too.
double font_for(const PixelRect& frame, const DrawStyle& style) {
  const double larger_side = std::max(frame.width(), frame.height());
  return std::clamp(larger_side / 4, std::max(kLeastFontPx, 0.6 * style.font_px), style.font_px);
}

/// What all plates of a picture have to do with one another.
struct Plating {
  const DrawStyle& style;
  const PictureSize& picture;
  const AdvanceOf& advance;
  std::vector<PixelRect> frames;
  std::vector<PixelRect> taken;  ///< by the plates of surer predictions, which have the first choice
  double room;                   ///< area that plates may still take
};

std::optional<Plate> take_plate(Plating& plating, std::size_t index, const Prediction& prediction) {
  const PictureSize& picture = plating.picture;
  const int casing = plating.style.casing_px;
  const double font = font_for(plating.frames[index], plating.style);
  const double beside = 2 * (casing + kPaddingEm * font);
  const int height = static_cast<int>(std::ceil(kPlateEm * font)) + 2 * casing;
  if (kLeastPicturePlates * height > picture.height_px) return std::nullopt;
  const double most_px =
      std::min<double>(picture.width_px, std::max<double>(plating.frames[index].width(), kMostLabelEm * font + beside));
  auto text =
      label_text(prediction.label, prediction.index, prediction.score, (most_px - beside) / font, plating.advance);
  if (!text) return std::nullopt;
  const int width = std::min(static_cast<int>(std::ceil(text->width_em * font + beside)), picture.width_px);
  const auto rect =
      place_plate(index, plating.frames, {.width_px = width, .height_px = height}, casing, picture, plating.taken);
  if (!rect || rect->area() > plating.room) return std::nullopt;
  plating.room -= rect->area();
  plating.taken.push_back(*rect);
  return Plate{.rect = *rect,
               .text = std::move(text->characters),
               .font_px = font,
               .text_x = rect->x1 + beside / 2,
               .baseline_y = (rect->y1 + rect->y2 + kCapitalsEm * font) / 2};
}

}  // namespace

DrawStyle style_for(const PictureSize& picture) {
  const double mean = std::sqrt(static_cast<double>(picture.width_px) * picture.height_px);
  const double shorter = std::min(picture.width_px, picture.height_px);
  DrawStyle style;
  style.line_px = std::max(1, rounded(std::min(mean / 260, shorter / 40)));
  style.casing_px = std::max(1, rounded(style.line_px / 3.0));
  style.font_px = std::max(kLeastFontPx, std::min(4 + mean / 48, shorter / 12));
  return style;
}

Drawing layout_objects(const PictureSize& picture, std::span<const Prediction> predictions, const AdvanceOf& advance) {
  Drawing drawing;
  drawing.style = style_for(picture);
  Plating plating{.style = drawing.style,
                  .picture = picture,
                  .advance = advance,
                  .frames = {},
                  .taken = {},
                  .room = kMostPlated * picture.width_px * picture.height_px};
  std::vector<const Prediction*> boxed;
  for (const Prediction& prediction : predictions) {
    if (!prediction.box) continue;
    const Rgb8 colour = class_colour(prediction.index);
    const Frame frame = frame_of(*prediction.box, drawing.style, picture);
    boxed.push_back(&prediction);
    plating.frames.push_back(frame.casing_outside);
    drawing.objects.push_back({.colour = colour, .ink = ink_on(colour), .frame = frame, .plate = {}});
  }
  for (std::size_t i = 0; i < boxed.size(); ++i) drawing.objects[i].plate = take_plate(plating, i, *boxed[i]);
  std::ranges::reverse(drawing.objects);
  return drawing;
}

}  // namespace curlew
