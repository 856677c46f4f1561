#include "curlew/spawn/lane_wire.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>

namespace curlew {
namespace {

bool is_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

bool is_score(float value) { return std::isfinite(value) && value >= 0 && value <= 1; }

bool is_inside(const Box& box, const Placement& placement) {
  const auto between = [](float low, float value, double high) { return value >= low && value <= high; };
  return between(0, box.x1, placement.original_width_px) && between(box.x1, box.x2, placement.original_width_px) &&
         between(0, box.y1, placement.original_height_px) && between(box.y1, box.y2, placement.original_height_px);
}

bool fits(const InputFormat& input, std::uint64_t pixel_bytes) {
  return input.width_px >= 1 && input.height_px >= 1 &&
         static_cast<std::uint64_t>(input.width_px) * static_cast<std::uint64_t>(input.height_px) <= pixel_bytes / 3;
}

// A label is cut between characters, not within one.
std::uint16_t cut_label(std::string_view label, std::size_t room) {
  if (label.size() <= room) return static_cast<std::uint16_t>(label.size());
  std::size_t end = room;
  while (end > 0 && (static_cast<unsigned char>(label[end]) & 0xC0U) == 0x80U) --end;
  return static_cast<std::uint16_t>(end);
}

SpawnedPrediction on_board(const Prediction& prediction) {
  SpawnedPrediction copy;
  copy.index = prediction.index;
  copy.score = prediction.score;
  copy.has_box = prediction.box ? 1 : 0;
  if (prediction.box) copy.box = *prediction.box;
  copy.label_bytes = cut_label(prediction.label, copy.label.size());
  std::copy_n(prediction.label.begin(), copy.label_bytes, copy.label.begin());
  return copy;
}

}  // namespace

std::uint64_t board_offset(std::uint64_t pixel_bytes) {
  constexpr std::uint64_t kAlignment = alignof(std::max_align_t);
  return (pixel_bytes + kAlignment - 1) / kAlignment * kAlignment;
}

std::uint64_t lane_memory(std::uint64_t pixel_bytes) { return board_offset(pixel_bytes) + sizeof(LaneBoard); }

void write_facts(const Lane& lane, LaneBoard& board) {
  board.input = lane.input_format();
  const ModelId& model = lane.model();
  board.name_bytes = static_cast<std::uint16_t>(std::min(model.name.size(), board.name.size()));
  std::copy_n(model.name.begin(), board.name_bytes, board.name.begin());
  std::copy_n(model.sha256.begin(), std::min(model.sha256.size(), board.sha256.size()), board.sha256.begin());
}

std::optional<LaneFacts> read_facts(const LaneBoard& board, std::uint64_t pixel_bytes) {
  if (!fits(board.input, pixel_bytes) || board.name_bytes < 1 || board.name_bytes > board.name.size() ||
      !std::ranges::all_of(board.sha256, is_hex)) {
    return std::nullopt;
  }
  return LaneFacts{.input = board.input,
                   .model = {.name = std::string(board.name.data(), board.name_bytes),
                             .sha256 = std::string(board.sha256.data(), board.sha256.size())}};
}

void write_answer(const Answer& answer, LaneBoard& board) {
  board.background_won = answer.background_score ? 1 : 0;
  board.background_score = answer.background_score.value_or(0);
  board.predictions = static_cast<std::uint32_t>(std::min(answer.predictions.size(), kMaxSpawnedPredictions));
  for (std::uint32_t i = 0; i < board.predictions; ++i) board.prediction[i] = on_board(answer.predictions[i]);
}

std::optional<Answer> read_answer(const LaneBoard& board, const Placement& placement) {
  Answer answer;
  if (board.background_won != 0) {
    if (!is_score(board.background_score)) return std::nullopt;
    answer.background_score = board.background_score;
  }
  if (board.predictions > kMaxSpawnedPredictions) return std::nullopt;
  float most = 1;
  for (std::uint32_t i = 0; i < board.predictions; ++i) {
    const SpawnedPrediction& each = board.prediction[i];
    const bool sane = each.index >= 0 && is_score(each.score) && each.score <= most &&
                      each.label_bytes <= each.label.size() && (each.has_box == 0 || is_inside(each.box, placement));
    if (!sane) return std::nullopt;
    most = each.score;
    answer.predictions.push_back({.index = each.index,
                                  .label = std::string(each.label.data(), each.label_bytes),
                                  .score = each.score,
                                  .box = each.has_box != 0 ? std::optional(each.box) : std::nullopt});
  }
  return answer;
}

}  // namespace curlew
