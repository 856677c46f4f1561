#include "curlew/pipeline/answer_cache.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace curlew {
namespace {

using Question = AnswerCache::Question;

Question question(const std::string& picture) {
  return {.picture_sha256 = picture,
          .model_sha256 = "m",
          .model = "birds",
          .top = 3,
          .threshold = 0.5F,
          .thumbnail = false};
}

Success answer(const std::string& label) {
  Success success;
  success.answer.predictions.push_back({.index = 1, .label = label, .score = 0.5F, .box = std::nullopt});
  return success;
}

std::string label_of(AnswerCache& cache, const Question& question) {
  const auto found = cache.find(question);
  return found ? found->answer.predictions.at(0).label : "none";
}

TEST(AnswerCache, GivesWhatWasKeptForTheSameQuestionAlone) {
  AnswerCache cache(kMiB);
  cache.keep(question("a"), answer("robin"));
  EXPECT_EQ(label_of(cache, question("a")), "robin");
  for (const auto& change : std::vector<std::function<void(Question&)>>{
           [](Question& q) { q.picture_sha256 = "b"; }, [](Question& q) { q.model_sha256 = "n"; },
           [](Question& q) { q.model = "mine"; }, [](Question& q) { q.top = 4; },
           [](Question& q) { q.threshold = 0.4F; }, [](Question& q) { q.thumbnail = true; }}) {
    Question other = question("a");
    change(other);
    EXPECT_EQ(label_of(cache, other), "none");
  }
  EXPECT_EQ(cache.counts().hits, 1U);
  EXPECT_EQ(cache.counts().misses, 6U);
}

TEST(AnswerCache, WhatWasAskedForLeastLatelyGoesFirst) {
  AnswerCache one(kMiB);
  one.keep(question("0"), answer("robin"));
  const ByteCount size = one.counts().bytes;
  AnswerCache cache(3 * size);
  for (const std::string name : {"0", "1", "2"}) cache.keep(question(name), answer("robin"));
  EXPECT_EQ(cache.counts().bytes, 3 * size);
  label_of(cache, question("0"));
  cache.keep(question("3"), answer("robin"));
  EXPECT_EQ(cache.counts().bytes, 3 * size);
  EXPECT_EQ(label_of(cache, question("1")), "none");
  for (const std::string name : {"0", "2", "3"}) EXPECT_EQ(label_of(cache, question(name)), "robin") << name;
}

TEST(AnswerCache, OneThatIsTooLargeIsNotKeptAndNoneGoesForIt) {
  AnswerCache one(kMiB);
  one.keep(question("0"), answer("robin"));
  AnswerCache cache(2 * one.counts().bytes);
  cache.keep(question("0"), answer("robin"));
  cache.keep(question("1"), answer(std::string(10'000, 'x')));
  EXPECT_EQ(label_of(cache, question("1")), "none");
  EXPECT_EQ(label_of(cache, question("0")), "robin");
}

TEST(AnswerCache, KeptTwiceItCountsOnce) {
  AnswerCache cache(kMiB);
  cache.keep(question("a"), answer("robin"));
  const ByteCount size = cache.counts().bytes;
  cache.keep(question("a"), answer("robin"));
  EXPECT_EQ(cache.counts().bytes, size);
}

TEST(AnswerCache, WithoutMemoryItIsOff) {
  AnswerCache cache(0);
  EXPECT_FALSE(cache.is_on());
  cache.keep(question("a"), answer("robin"));
  EXPECT_EQ(label_of(cache, question("a")), "none");
}

}  // namespace
}  // namespace curlew
