#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace curlew {

/// The steps that Redis takes as one. Each has ARGV[1] = the prefix of all keys; the rest stands above its text.
enum class RedisScript : std::uint8_t {
  kStage,     ///< a piece of the items of a batch that nobody sees yet
  kCreate,    ///< the last piece, and the batch is there
  kClaim,     ///< the next items for one process
  kKeep,      ///< results, each the first of its item or none
  kGiveBack,  ///< items that one process has claimed wait again
  kRenew,     ///< items that one process has claimed are still worked on
  kSweep,     ///< items whose process is dead wait again
  kRead,      ///< a batch and some of its results, as they are at one moment
  kCancel,    ///< a batch gives no more work
  kEnd,       ///< some items that wait, of a batch that gives no more work, get their result
  kExpire     ///< what is old goes, or gives no more work
};

/// The texts, in the order of RedisScript.
std::span<const std::string> redis_script_texts();

/// So many batches without a turn for this process are looked at in one claim.
inline constexpr std::size_t kPassedBatches = 128;

/// So many items of a lane that origins share may be passed by before the lane waits for them.
inline constexpr std::size_t kLaneWindow = 64;

/// Batches of so many items, and fewer, are kept in streams without spare room.
inline constexpr std::size_t kSmallBatch = 20;

/// Once a page of results has so many bytes it is full: gathering it holds up all others (some ms).
inline constexpr std::size_t kPageBytes = 1U << 20U;

/// About how many pieces of news are kept for those who come back to read them.
inline constexpr std::size_t kNewsKept = 10'000;

/// How long the last answer to a process that handed in results is kept, in case it did not arrive.
inline constexpr std::size_t kLastAnswerSeconds = 3600;

}  // namespace curlew
