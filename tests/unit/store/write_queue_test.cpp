#include "curlew/store/write_queue.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace curlew {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint kNoon{1h};

WriteJob patient(TimePoint due, std::size_t results = 1) {
  return {.kind = WriteJob::Kind::kPatient, .due = due, .results = results, .write = {}, .kept = {}, .lost = {}};
}

WriteJob urgent() { return {.kind = WriteJob::Kind::kUrgent, .results = 0, .write = {}, .kept = {}, .lost = {}}; }

TEST(WriteQueue, IsNeverDueWhileThereIsNothing) {
  const WriteQueue queue;
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(queue.due(), TimePoint::max());
}

TEST(WriteQueue, IsDueWhenTheMostImpatientIs) {
  WriteQueue queue;
  queue.add(patient(kNoon + 25ms));
  EXPECT_EQ(queue.due(), kNoon + 25ms);
  queue.add(patient(kNoon + 5ms));
  queue.add(patient(kNoon + 30ms));
  EXPECT_EQ(queue.due(), kNoon + 5ms);
}

TEST(WriteQueue, WhatIsUrgentIsDueAtOnceAndTakesTheOthersAlong) {
  WriteQueue queue;
  queue.add(patient(kNoon));
  queue.add(urgent());
  EXPECT_TRUE(queue.has_urgent());
  EXPECT_EQ(queue.due(), TimePoint::min());
  EXPECT_EQ(queue.take().size(), 2U);
  EXPECT_TRUE(queue.empty());
  EXPECT_FALSE(queue.has_urgent());
  EXPECT_EQ(queue.due(), TimePoint::max());
}

TEST(WriteQueue, EnoughResultsWaitNoLonger) {
  WriteQueue queue;
  queue.add(patient(kNoon, kGatherResults - 1));
  EXPECT_EQ(queue.due(), kNoon);
  queue.add(patient(kNoon));
  EXPECT_EQ(queue.due(), TimePoint::min());
  EXPECT_FALSE(queue.has_urgent());
}

TEST(WriteQueue, WhatComesBackIsWrittenFirst) {
  WriteQueue queue;
  queue.add(patient(kNoon, 1));
  queue.add(patient(kNoon, 2));
  auto unwritten = queue.take();
  queue.add(patient(kNoon + 1s, 3));
  queue.put_back(std::move(unwritten));
  EXPECT_EQ(queue.due(), kNoon);
  std::vector<std::size_t> order;
  for (const WriteJob& job : queue.take()) order.push_back(job.results);
  EXPECT_EQ(order, (std::vector<std::size_t>{1, 2, 3}));
}

}  // namespace
}  // namespace curlew
