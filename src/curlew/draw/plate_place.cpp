#include "curlew/draw/plate_place.hpp"

#include <algorithm>
#include <vector>

namespace curlew {
namespace {

/// A place that may be, and what speaks against it whatever is there.
struct Corner {
  int x;
  int y;
  double cost;
};

// Costs are in parts of a box that is hidden: 1 hides one whole.
constexpr double kMostCost = 1.5;      // rather no label than that
constexpr double kMostCovered = 0.05;  // of a plate by other plates; more would cut its text
constexpr double kCoveredCost = 4;     // of a plate that is covered whole
constexpr int kMostInside = 24;        // places below one another inside a box

std::vector<Corner> corners(const PixelRect& frame, const PlateSize& plate, int joint) {
  const int left = frame.x1;
  const int right = frame.x2 - plate.width_px;
  const int beside_left = frame.x1 - plate.width_px + joint;
  const int beside_right = frame.x2 - joint;
  const int above = frame.y1 - plate.height_px + joint;
  const int below = frame.y2 - joint;
  const int top = frame.y1;
  const int bottom = frame.y2 - plate.height_px;
  std::vector<Corner> all = {
      {left, above, 0},          {right, above, 0.06},     {left, below, 0.08},          {right, below, 0.1},
      {left, top, 0.1},          {right, top, 0.12},       {left, bottom, 0.12},         {right, bottom, 0.12},
      {beside_right, top, 0.14}, {beside_left, top, 0.16}, {beside_right, bottom, 0.16}, {beside_left, bottom, 0.18}};
  const int step = plate.height_px - joint;
  for (int i = 1; i <= kMostInside && (i + 1) * step < frame.height(); ++i) {
    all.push_back({left, top + i * step, 0.2});
    all.push_back({right, top + i * step, 0.2});
  }
  return all;
}

double covered(const PixelRect& plate, std::span<const PixelRect> taken) {
  double area = 0;
  for (const PixelRect& other : taken) area += common_area(plate, other);
  return area / plate.area();
}

/// Parts of boxes, added up: a plate hides nothing much of a large one and all of a small one.
double hidden(const PixelRect& plate, std::span<const PixelRect> frames) {
  double parts = 0;
  for (const PixelRect& frame : frames) parts += common_area(plate, frame) / frame.area();
  return parts;
}

}  // namespace

double common_area(const PixelRect& a, const PixelRect& b) {
  const PixelRect both{
      .x1 = std::max(a.x1, b.x1), .y1 = std::max(a.y1, b.y1), .x2 = std::min(a.x2, b.x2), .y2 = std::min(a.y2, b.y2)};
  return both.is_empty() ? 0 : both.area();
}

std::optional<PixelRect> place_plate(std::size_t of, std::span<const PixelRect> frames, const PlateSize& plate,
                                     int joint_px, const PictureSize& picture, std::span<const PixelRect> taken) {
  const int most_x = picture.width_px - plate.width_px;
  const int most_y = picture.height_px - plate.height_px;
  if (most_x < 0 || most_y < 0) return std::nullopt;
  std::vector<Corner> tried = corners(frames[of], plate, joint_px);
  // What is left to a box at the picture's edge that is lower than a plate.
  tried.push_back({frames[of].x1, std::clamp(frames[of].y1, 0, most_y), 0.2});
  std::optional<PixelRect> best;
  double least = kMostCost;
  for (const Corner& corner : tried) {
    if (corner.y < 0 || corner.y > most_y || corner.cost >= least) continue;
    const int x = std::clamp(corner.x, 0, most_x);
    const PixelRect here{.x1 = x, .y1 = corner.y, .x2 = x + plate.width_px, .y2 = corner.y + plate.height_px};
    const double cut = covered(here, taken);
    if (cut > kMostCovered) continue;
    const double cost = corner.cost + kCoveredCost * cut + hidden(here, frames);
    if (cost >= least) continue;
    best = here;
    least = cost;
  }
  return best;
}

}  // namespace curlew
