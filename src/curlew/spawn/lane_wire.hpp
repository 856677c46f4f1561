#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "curlew/base/result.hpp"
#include "curlew/core/item_result.hpp"
#include "curlew/core/picture.hpp"
#include "curlew/infer/engine.hpp"
#include "curlew/spawn/child_seat.hpp"

// What a naming child and its parent say to each other, as plain structs: both run the same binary. Pixels and answers
// lie in the memory that both see.

namespace curlew {

/// The most predictions that one answer holds; the lowest scores beyond it are left out.
inline constexpr std::size_t kMaxSpawnedPredictions = 1000;

/// The first message to the child.
struct LaneSetup {
  std::uint64_t pixel_bytes = 0;   ///< the part of the shared memory for pixels; a LaneBoard lies at board_offset()
  std::uint64_t memory_bytes = 0;  ///< SandboxLimits::memory
};

/// "Name what the pixels show."
struct LaneRequest {
  Placement placement;
  std::int32_t top = 0;
  float threshold = 0;
};

struct LaneReply {
  std::uint8_t answered = 0;  ///< 1: the answer is on the board; else `code` and `message` say why not
  ErrorCode code = ErrorCode::kInferenceFailed;
  ChildText message;
};

struct SpawnedPrediction {
  std::int32_t index = 0;
  float score = 0;
  std::uint8_t has_box = 0;
  Box box;
  std::uint16_t label_bytes = 0;
  std::array<char, 254> label{};
};

/// What the child writes where its parent reads it.
struct LaneBoard {
  InputFormat input;
  std::uint16_t name_bytes = 0;
  std::array<char, 64> name{};
  std::array<char, 64> sha256{};  ///< hex

  std::uint8_t background_won = 0;
  float background_score = 0;
  std::uint32_t predictions = 0;
  std::array<SpawnedPrediction, kMaxSpawnedPredictions> prediction{};
};

/// What a lane says of itself.
struct LaneFacts {
  InputFormat input;
  ModelId model;
};

/// Where in the shared memory the LaneBoard lies, and how large that is with it.
std::uint64_t board_offset(std::uint64_t pixel_bytes);
std::uint64_t lane_memory(std::uint64_t pixel_bytes);

void write_facts(const Lane& lane, LaneBoard& board);
/// Nothing where no child can have said it: an input that does not fit `pixel_bytes`, a name or hash that is none.
std::optional<LaneFacts> read_facts(const LaneBoard& board, std::uint64_t pixel_bytes);

void write_answer(const Answer& answer, LaneBoard& board);
/// Nothing where it is no answer: scores that do not fall or are none, boxes outside the picture, lengths beyond the
/// board. `board` is a copy that the child cannot change any more.
std::optional<Answer> read_answer(const LaneBoard& board, const Placement& placement);

}  // namespace curlew
