#include "curlew/pipeline/process.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

#include "flow/fakes.hpp"

namespace curlew {
namespace {

using fakes::FakeDecoder;
using fakes::FakeLanes;
using fakes::item_of;
using std::chrono::milliseconds;

struct Timeline {
  TimePoint accepted = now() - milliseconds(100);
  TimePoint started = accepted + milliseconds(30);
  TimePoint ended = started + milliseconds(50);
};

TEST(Process, TimingsTellWaitingAndFetchingApart) {
  const Timeline times;
  Item item = item_of(0, "http://a.example/x");
  item.accepted_at = times.accepted;
  auto outcome = fakes::bytes_outcome("bytes");
  outcome.started_at = times.started;
  outcome.ended_at = times.ended;
  FakeDecoder decoder;
  FakeLanes lanes;
  const auto lane = lanes.open_lane("fake").value();
  const auto result = process(item, outcome, decoder, *lane);
  ASSERT_TRUE(result.ok());
  EXPECT_DOUBLE_EQ(result.timings.fetch_ms, 50.0);
  EXPECT_GE(result.timings.queue_ms, 50.0) << "30 before the fetch, and at least 20 behind it";
  EXPECT_GE(result.timings.total_ms, 100.0);
  EXPECT_LE(result.timings.queue_ms + result.timings.fetch_ms, result.timings.total_ms);
}

/// A lane whose model takes a while to come.
class LateLane final : public Lane {
 public:
  explicit LateLane(Lane& lane) : lane_(lane) {}
  const InputFormat& input_format() const override { return lane_.input_format(); }
  const ModelId& model() const override { return lane_.model(); }
  std::span<std::uint8_t> input() override {
    EXPECT_FALSE(awaited_) << "the picture is decoded before anybody waits";
    return lane_.input();
  }
  void await() override {
    const TimePoint begin = now();
    while (now() - begin < kWhile) continue;
    awaited_ = true;
  }
  Result<Answer> run(const Placement& placement, const ReadOptions& options) override {
    EXPECT_TRUE(awaited_);
    return lane_.run(placement, options);
  }

  static constexpr milliseconds kWhile{20};

 private:
  Lane& lane_;
  bool awaited_ = false;
};

TEST(Process, APictureIsDecodedBeforeItsModelIsThereAndTheWaitIsNoInference) {
  FakeDecoder decoder;
  FakeLanes lanes;
  const auto lane = lanes.open_lane("fake").value();
  LateLane late(*lane);
  const auto result = process(item_of(0, "http://a.example/x"), fakes::bytes_outcome("bytes"), decoder, late);
  ASSERT_TRUE(result.ok());
  const Timings& t = result.timings;
  EXPECT_GE(t.queue_ms, to_ms(LateLane::kWhile));
  EXPECT_GE(t.total_ms, t.queue_ms + t.decode_ms + t.infer_ms);
}

/// Keeps what it was shown, after a while.
class SlowObserver : public PictureObserver {
 public:
  void named(const Item& item, std::span<const std::byte> bytes, Success& success, Decoder& decoder) override {
    seen.push_back(fmt::format("{}: {} bytes, {}", item.index, bytes.size(), success.answer.predictions.at(0).label));
    decoders.push_back(&decoder);
    const TimePoint begin = now();
    while (now() - begin < kWhile) continue;
  }

  static constexpr milliseconds kWhile{20};
  std::vector<std::string> seen;
  std::vector<Decoder*> decoders;
};

TEST(Process, AnObserverSeesWhatWasNamedAndItsTimeCounts) {
  SlowObserver observer;
  FakeDecoder decoder;
  FakeLanes lanes;
  const auto lane = lanes.open_lane("fake").value();
  const auto result =
      process(item_of(7, "http://a.example/x"), fakes::bytes_outcome("bytes"), decoder, *lane, {.observer = &observer});
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(observer.seen, std::vector<std::string>{"7: 5 bytes, seen"});
  EXPECT_EQ(observer.decoders, std::vector<Decoder*>{&decoder}) << "the worker's own";
  const Timings& t = result.timings;
  EXPECT_GE(t.total_ms, t.queue_ms + t.decode_ms + t.infer_ms + to_ms(SlowObserver::kWhile));
}

/// Adds a thumbnail, and may then break.
class AddingObserver : public PictureObserver {
 public:
  void named(const Item& item, std::span<const std::byte> /*bytes*/, Success& success, Decoder& /*decoder*/) override {
    success.image.thumbnail = "small";
    if (item.index == 1) throw std::runtime_error("an observer's bug");
  }
};

TEST(Process, WhatAnObserverAddsIsInTheResult) {
  AddingObserver observer;
  FakeDecoder decoder;
  FakeLanes lanes;
  const auto lane = lanes.open_lane("fake").value();
  testing::internal::CaptureStderr();
  for (std::uint32_t index = 0; index < 2; ++index) {
    const auto result = process(item_of(index, "http://a.example/x"), fakes::bytes_outcome("bytes"), decoder, *lane,
                                {.observer = &observer});
    ASSERT_TRUE(result.ok());
    EXPECT_EQ(std::get<Success>(result.outcome).image.thumbnail, "small");
    EXPECT_EQ(std::get<Success>(result.outcome).answer.predictions.size(), 1U);
  }
  EXPECT_NE(testing::internal::GetCapturedStderr().find("an observer's bug"), std::string::npos);
}

TEST(Process, AnObserverIsNotShownWhatFailed) {
  SlowObserver observer;
  FakeDecoder decoder;
  FakeLanes lanes;
  const auto lane = lanes.open_lane("fake").value();
  process(item_of(0, "http://a.example/x"), fakes::bytes_outcome("damaged"), decoder, *lane, {.observer = &observer});
  EXPECT_TRUE(observer.seen.empty());
}

/// Counts what it decodes.
class CountingDecoder : public FakeDecoder {
 public:
  Result<DecodedPicture> decode_into(std::span<const std::byte> bytes, const InputFormat& format,
                                     std::span<std::uint8_t> rgb) override {
    ++decoded;
    return FakeDecoder::decode_into(bytes, format, rgb);
  }
  int decoded = 0;
};

/// A worker that remembers.
struct Remembering {
  AnswerCache answers = AnswerCache(kMiB);
  CountingDecoder decoder;
  FakeLanes lanes;
  std::unique_ptr<Lane> lane = lanes.open_lane("fake").value();
  PictureObserver* observer = nullptr;

  ItemResult ask(const Item& item, const std::string& bytes) {
    return process(item, fakes::bytes_outcome(bytes), decoder, *lane, {.observer = observer, .answers = &answers});
  }
};

TEST(Process, WhatWasNamedBeforeIsNotDecodedAgain) {
  AddingObserver observer;
  Remembering worker;
  worker.observer = &observer;
  Item item = item_of(0, "http://a.example/x");
  item.thumbnail = true;
  const auto first = worker.ask(item, "bytes");
  item = item_of(5, "http://b.example/y", "another batch");
  item.thumbnail = true;
  const auto again = worker.ask(item, "bytes");
  EXPECT_EQ(worker.decoder.decoded, 1);
  EXPECT_EQ(again.batch, "another batch");
  EXPECT_EQ(again.index, 5U);
  EXPECT_EQ(again.url, "http://b.example/y");
  const auto& was = std::get<Success>(first.outcome);
  const auto& is = std::get<Success>(again.outcome);
  EXPECT_EQ(is.image.sha256, was.image.sha256);
  EXPECT_EQ(is.image.thumbnail, "small");
  EXPECT_EQ(is.answer.predictions.size(), 1U);
  EXPECT_EQ(again.timings.decode_ms, 0);
  item.top = 1;
  worker.ask(item, "bytes");
  EXPECT_EQ(worker.decoder.decoded, 2) << "another question";
  worker.ask(item, "other bytes");
  EXPECT_EQ(worker.decoder.decoded, 3);
}

TEST(Process, AnErrorIsNotRemembered) {
  Remembering worker;
  for (int i = 0; i < 2; ++i) EXPECT_FALSE(worker.ask(item_of(0, "http://a.example/x"), "damaged").ok());
  EXPECT_EQ(worker.decoder.decoded, 2);
}

TEST(Process, AnAnswerWhoseThumbnailIsMissingIsNotRemembered) {
  Remembering worker;
  Item item = item_of(0, "http://a.example/x");
  item.thumbnail = true;
  for (int i = 0; i < 2; ++i) worker.ask(item, "bytes");
  EXPECT_EQ(worker.decoder.decoded, 2);
}

TEST(Process, AFailedFetchKeepsItsTimings) {
  const Timeline times;
  Item item = item_of(3, "http://a.example/x");
  item.accepted_at = times.accepted;
  auto outcome = fakes::error_outcome(ErrorCode::kTimeout);
  outcome.started_at = times.started;
  outcome.ended_at = times.ended;
  const auto result = failed_fetch(item, outcome, outcome.body.error(), times.ended);
  EXPECT_EQ(std::get<Error>(result.outcome).code, ErrorCode::kTimeout);
  EXPECT_DOUBLE_EQ(result.timings.queue_ms, 30.0);
  EXPECT_DOUBLE_EQ(result.timings.fetch_ms, 50.0);
  EXPECT_DOUBLE_EQ(result.timings.total_ms, 80.0);
  EXPECT_DOUBLE_EQ(result.timings.infer_ms, 0.0);
}

TEST(Process, AnExceptionCostsOneItem) {
  FakeDecoder decoder;
  FakeLanes lanes;
  const auto lane = lanes.open_lane("fake").value();
  testing::internal::CaptureStderr();
  const auto result = process(item_of(0, "http://a.example/x"), fakes::bytes_outcome("throws"), decoder, *lane);
  EXPECT_NE(testing::internal::GetCapturedStderr().find("a decoder's bug"), std::string::npos);
  EXPECT_EQ(std::get<Error>(result.outcome).code, ErrorCode::kInternal);
  EXPECT_EQ(std::get<Error>(result.outcome).message.find("bug"), std::string::npos) << "no raw text to clients";
}

}  // namespace
}  // namespace curlew
