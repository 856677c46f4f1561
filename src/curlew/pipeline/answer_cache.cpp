#include "curlew/pipeline/answer_cache.hpp"

namespace curlew {
namespace {

ByteCount bytes_of(const AnswerCache::Question& question, const Success& answer) {
  constexpr ByteCount kNodes = 256;  // of the map and the list
  ByteCount bytes = kNodes + sizeof(AnswerCache::Question) + sizeof(Success) + question.picture_sha256.size() +
                    question.model_sha256.size() + question.model.size() + answer.model.name.size() +
                    answer.model.sha256.size() + answer.image.sha256.size() + answer.image.thumbnail.size();
  for (const Prediction& prediction : answer.answer.predictions) bytes += sizeof(Prediction) + prediction.label.size();
  return bytes;
}

}  // namespace

std::optional<Success> AnswerCache::find(const Question& question) {
  const std::scoped_lock lock(mutex_);
  const auto found = entries_.find(question);
  if (found == entries_.end()) {
    ++counts_.misses;
    return std::nullopt;
  }
  ++counts_.hits;
  by_age_.splice(by_age_.begin(), by_age_, found->second.age);
  return found->second.answer;
}

void AnswerCache::keep(const Question& question, const Success& answer) {
  const ByteCount bytes = bytes_of(question, answer);
  if (bytes > limit_) return;
  const std::scoped_lock lock(mutex_);
  const auto [entry, is_new] = entries_.try_emplace(question);
  if (!is_new) return;  // two workers had the same picture in their hands
  by_age_.push_front(&entry->first);
  entry->second = {.answer = answer, .bytes = bytes, .age = by_age_.begin()};
  counts_.bytes += bytes;
  while (counts_.bytes > limit_) drop_oldest();
}

void AnswerCache::drop_oldest() {
  const auto oldest = entries_.find(*by_age_.back());
  counts_.bytes -= oldest->second.bytes;
  by_age_.pop_back();
  entries_.erase(oldest);
}

AnswerCache::Counts AnswerCache::counts() const {
  const std::scoped_lock lock(mutex_);
  return counts_;
}

}  // namespace curlew
