#pragma once

#include <compare>
#include <cstdint>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "curlew/base/byte_count.hpp"
#include "curlew/core/item_result.hpp"

namespace curlew {

/// Answers to pictures that came before: the same bytes and the same model give the same answer. Errors are not kept.
///
/// Who was asked for least lately goes when there is no room.
/// Threads: any. Cost: below a microsecond, and the copy of one answer.
class AnswerCache {
 public:
  /// What an answer depends on.
  struct Question {
    std::string picture_sha256;
    std::string model_sha256;
    std::string model;
    int top = 0;
    float threshold = 0;
    bool thumbnail = false;
    friend auto operator<=>(const Question&, const Question&) = default;
  };
  struct Counts {
    std::uint64_t hits = 0;
    std::uint64_t misses = 0;
    ByteCount bytes = 0;  ///< of memory, about
  };

  /// `limit` 0: nothing is kept, and nothing counted.
  explicit AnswerCache(ByteCount limit) : limit_(limit) {}

  bool is_on() const { return limit_ > 0; }
  std::optional<Success> find(const Question& question);
  void keep(const Question& question, const Success& answer);
  Counts counts() const;

 private:
  struct Entry {
    Success answer;
    ByteCount bytes = 0;
    std::list<const Question*>::iterator age;
  };
  using Entries = std::map<Question, Entry>;
  void drop_oldest();

  const ByteCount limit_;
  mutable std::mutex mutex_;
  Entries entries_;
  std::list<const Question*> by_age_;  ///< the one asked for last is first
  Counts counts_;
};

}  // namespace curlew
