// Any numbers as the outputs of a detector, of each form, with shapes that fit or lie: what is found keeps the promises
// of its readers, of non-maximum suppression and of boxes in the original.
//
// Input: 12 bytes that say what is read and how (struct Order), then the numbers, four bytes each, over and over.
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <vector>

#include "curlew/infer/detections.hpp"
#include "curlew/infer/nms.hpp"
#include "curlew/infer/objects.hpp"
#include "fuzz/fuzz_input.hpp"

namespace curlew::fuzz {
namespace {

constexpr std::size_t kHeadBytes = 12;

struct Order {
  DetectionForm form = DetectionForm::kSsd;
  float threshold = 0;
  NmsRule rule;
  InputFormat input;
  std::size_t rows = 0;
  std::size_t classes = 0;
  std::uint8_t lies = 0;  ///< a bit for each way in which a shape can lie
  Placement placement;
};

Order order_of(std::span<const std::uint8_t> head) {
  Order order;
  order.form = static_cast<DetectionForm>(head[0] % 3);
  order.threshold = static_cast<float>(head[1]) / 255.0F;
  order.rule = {.iou = static_cast<float>(head[2]) / 255.0F,
                .scope = head[3] % 2 == 0 ? NmsScope::kByClass : NmsScope::kAcrossClasses};
  order.input = {.width_px = 8 * (1 + head[4] % 32), .height_px = 8 * (1 + head[5] % 32), .fit = {}};
  order.rows = head[6] + 256U * (head[7] % 16);
  order.classes = head[8] % 96;
  order.lies = head[9];
  order.placement = {.original_width_px = 1 + 64 * head[10],
                     .original_height_px = 1 + 64 * head[11],
                     .offset_x_px = head[3] % 4 < 2 ? 0.0 : -7.5};
  order.placement.scale_x = static_cast<double>(order.input.width_px) / order.placement.original_width_px;
  order.placement.scale_y = static_cast<double>(order.input.height_px) / order.placement.original_height_px;
  return order;
}

/// The numbers behind the head, from the beginning again at their end.
class Numbers {
 public:
  explicit Numbers(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  std::uint32_t next() {
    std::uint32_t word = 0;
    for (unsigned i = 0; i < 4 && !bytes_.empty(); ++i) {
      word |= std::uint32_t{bytes_[at_]} << (8 * i);
      at_ = (at_ + 1) % bytes_.size();
    }
    return word;
  }
  std::vector<float> floats(std::size_t count) {
    std::vector<float> values(count);
    for (float& value : values) value = std::bit_cast<float>(next());
    return values;
  }
  std::vector<std::int64_t> labels(std::size_t count) {
    std::vector<std::int64_t> values(count);
    for (std::int64_t& value : values) value = static_cast<std::int32_t>(next());
    return values;
  }

 private:
  std::span<const std::uint8_t> bytes_;
  std::size_t at_ = 0;
};

/// `shape`, or one that is not that of the values: bits 0 to 5 say how.
std::vector<std::size_t> told(std::vector<std::size_t> shape, unsigned lie) {
  if ((lie & 1U) != 0) ++shape.front();
  if ((lie & 2U) != 0) shape.pop_back();
  if ((lie & 4U) != 0) shape.push_back(1);
  if ((lie & 8U) != 0 && !shape.empty()) shape.back() = ~std::size_t{0} / 3;
  if ((lie & 16U) != 0 && !shape.empty()) shape.front() = 0;
  if ((lie & 32U) != 0) std::ranges::reverse(shape);
  return shape;
}

using Found = Result<std::vector<Candidate>>;

// Bit 7 says which tensor lies, so that the others are right where it does.
Found ssd(const Order& order, Numbers& numbers) {
  const auto boxes = numbers.floats(order.rows * 4);
  const auto scores = numbers.floats(order.rows * order.classes);
  const unsigned lie = order.lies & 63U;
  const auto boxes_shape = told({1, order.rows, 4}, order.lies < 128 ? lie : 0);
  const auto scores_shape = told({1, order.rows, order.classes}, order.lies < 128 ? 0 : lie);
  return read_ssd({.values = boxes, .shape = boxes_shape}, {.values = scores, .shape = scores_shape}, order.input,
                  order.threshold);
}

Found yolox(const Order& order, Numbers& numbers) {
  std::size_t cells = 0;
  for (const int stride : {8, 16, 32}) {
    cells += static_cast<std::size_t>(order.input.width_px / stride) *
             static_cast<std::size_t>(order.input.height_px / stride);
  }
  const auto grids = numbers.floats(cells * (5 + order.classes));
  const auto shape = told({1, cells, 5 + order.classes}, order.lies & 63U);
  return read_yolox({.values = grids, .shape = shape}, order.input, order.threshold);
}

Found lists(const Order& order, Numbers& numbers) {
  const auto boxes = numbers.floats(order.rows * 4);
  const auto labels = numbers.labels(order.rows);
  const auto scores = numbers.floats(order.rows);
  const unsigned lie = order.lies & 63U;
  const auto boxes_shape = told({order.rows, 4}, order.lies < 128 ? lie : 0);
  const auto labels_shape = told({order.rows}, order.lies < 128 ? 0 : lie);
  const std::array<std::size_t, 1> scores_shape = {order.rows};
  return read_boxes_labels_scores({.values = boxes, .shape = boxes_shape}, {.values = labels, .shape = labels_shape},
                                  {.values = scores, .shape = scores_shape}, order.threshold);
}

Found read(const Order& order, Numbers& numbers) {
  switch (order.form) {
    case DetectionForm::kSsd:
      return ssd(order, numbers);
    case DetectionForm::kYolox:
      return yolox(order, numbers);
    case DetectionForm::kBoxesLabelsScores:
      break;
  }
  return lists(order, numbers);
}

void check_candidates(const std::vector<Candidate>& candidates, const Order& order) {
  check(candidates.size() <= kMaxCandidates, "candidates have a limit");
  check(std::ranges::is_sorted(candidates, std::ranges::greater{}, &Candidate::score), "the surest come first");
  for (const Candidate& candidate : candidates) {
    check(is_finite(candidate.box) && !is_empty(candidate.box), "a box holds something");
    check(candidate.score >= order.threshold && candidate.score <= 1, "a score is at or above the threshold");
    check(candidate.class_id >= 0 && candidate.class_id < static_cast<int>(kMaxClasses), "a class has a number");
    check(order.form != DetectionForm::kSsd || candidate.class_id > 0, "background is never an answer");
  }
}

void check_kept(const std::vector<Candidate>& kept, const NmsRule& rule) {
  check(kept.size() <= kMaxDetections, "detections have a limit");
  for (std::size_t i = 0; i < kept.size(); ++i) {
    for (std::size_t k = i + 1; k < kept.size(); ++k) {
      if (rule.scope == NmsScope::kByClass && kept[i].class_id != kept[k].class_id) continue;
      const double overlap = intersection_over_union(kept[i].box, kept[k].box);
      check(std::isfinite(overlap) && overlap <= static_cast<double>(rule.iou), "no two show the same thing");
    }
  }
}

void check_objects(const std::vector<Prediction>& objects, const Placement& placement) {
  check(std::ranges::is_sorted(objects, std::ranges::greater{}, &Prediction::score), "predictions fall by score");
  for (const Prediction& object : objects) {
    check(object.box && !is_empty(*object.box), "an object has a box");
    check(object.box->x1 >= 0 && object.box->x2 <= static_cast<float>(placement.original_width_px) &&
              object.box->y1 >= 0 && object.box->y2 <= static_cast<float>(placement.original_height_px),
          "a box lies in the original");
    check(!object.label.empty(), "an object has a label");
  }
}

}  // namespace
}  // namespace curlew::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace curlew;
  if (size < fuzz::kHeadBytes) return 0;
  const std::span bytes(data, size);
  const auto order = fuzz::order_of(bytes.first(fuzz::kHeadBytes));
  fuzz::Numbers numbers(bytes.subspan(fuzz::kHeadBytes));
  const auto candidates = fuzz::read(order, numbers);
  if (!candidates) {
    const Error& error = candidates.error();
    fuzz::check(error.code == ErrorCode::kInferenceFailed || error.code == ErrorCode::kNonFiniteOutput,
                "an output that is not read is not of its form, or not finite");
    fuzz::check(!error.message.empty() && error.message.size() < 200, "an error says why, shortly");
    return 0;
  }
  fuzz::check_candidates(*candidates, order);
  fuzz::check_kept(suppress_overlaps(*candidates, order.rule), order.rule);
  fuzz::check_objects(name_objects(*candidates, order.rule, order.placement, {"none", "bird"}), order.placement);
  return 0;
}
