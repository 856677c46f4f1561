#include "curlew/spawn/spawned_lanes.hpp"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

// The child is a program of the tests (child_main.cpp) whose network does what the first pixel says.

namespace curlew {
namespace {

using namespace std::chrono_literals;

SpawnedLanesOptions options(const std::string& what = "lane") {
  SpawnedLanesOptions options;
  options.command_for = [what](const std::string&) {
    ChildCommand command;
    command.program = CURLEW_TEST_CHILD;
    command.arguments = {what};
    return command;
  };
  options.pixel_bytes = 100;
  options.memory = 64 * kMiB;
  return options;
}

Result<Answer> name(Lane& lane, std::uint8_t what, const ReadOptions& how = {.top = 1, .threshold = 0.25F}) {
  lane.input()[0] = what;
  return lane.run({.original_width_px = 30, .original_height_px = 20}, how);
}

void expect_named(Lane& lane, std::uint8_t what) {
  const auto answer = name(lane, what);
  ASSERT_TRUE(answer) << answer.error().message;
  ASSERT_EQ(answer->predictions.size(), 1U);
  EXPECT_EQ(answer->predictions[0].index, what);
}

TEST(SpawnedLanes, NameInAChild) {
  SpawnedLanes lanes(options());
  ASSERT_TRUE(lanes.preload("test", 1));
  const auto lane = lanes.open_lane("test");
  ASSERT_TRUE(lane) << lane.error().message;
  EXPECT_EQ((*lane)->model().name, "test");
  EXPECT_EQ((*lane)->model().sha256, std::string(64, 'a'));
  EXPECT_EQ((*lane)->input_format().width_px, 3);
  EXPECT_EQ((*lane)->input_format().fit.kind, Fit::Kind::kLetterbox);
  EXPECT_EQ((*lane)->input().size(), 18U);
  const auto answer = name(**lane, 42, {.top = 4, .threshold = 0.75F});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->predictions.size(), 4U);
  EXPECT_EQ(answer->predictions[0].box->x2, 30);
  EXPECT_EQ(answer->background_score, 0.75F);
}

TEST(SpawnedLanes, GiveTheirErrors) {
  SpawnedLanes lanes(options());
  ASSERT_TRUE(lanes.preload("test", 1));
  const auto lane = lanes.open_lane("test");
  ASSERT_TRUE(lane);
  const auto answer = name(**lane, 253);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::kNonFiniteOutput);
  EXPECT_EQ(answer.error().message, "not a number");
}

TEST(SpawnedLanes, ACrashOrAHangOrNonsenseCostsThePictureInHand) {
  auto how = options();
  how.timeout = 300ms;
  SpawnedLanes lanes(how);
  ASSERT_TRUE(lanes.preload("test", 1));
  const auto lane = lanes.open_lane("test");
  ASSERT_TRUE(lane);
  for (const std::uint8_t what : std::to_array<std::uint8_t>({255, 254, 251})) {
    expect_named(**lane, 1);
    const auto answer = name(**lane, what);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, ErrorCode::kInferenceFailed);
    expect_named(**lane, 2);
  }
}

TEST(SpawnedLanes, CanDoNothingButCompute) {
  SpawnedLanes lanes(options());
  ASSERT_TRUE(lanes.preload("test", 1));
  const auto lane = lanes.open_lane("test");
  ASSERT_TRUE(lane);
  const auto answer = name(**lane, 252);
  ASSERT_FALSE(answer);
  const std::string& tries = answer.error().message;
  for (const std::string_view what : {"open EPERM", "create EPERM", "socket EPERM", "connect EPERM", "exec EPERM",
                                      "fork EPERM", "ptrace EPERM", "kill EPERM"}) {
    EXPECT_NE(tries.find(what), std::string::npos) << what << " in " << tries;
  }
}

TEST(SpawnedLanes, LetThreadsOfTheirLibraryStart) {
  SpawnedLanes lanes(options());
  ASSERT_TRUE(lanes.preload("test", 1));
  const auto lane = lanes.open_lane("test");
  ASSERT_TRUE(lane);
  const auto answer = name(**lane, 250);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().message, "set_robust_list ok, rseq not refused");
}

TEST(SpawnedLanes, AModelThatIsNotToBeHadIsTold) {
  SpawnedLanes lanes(options("no-lane"));
  const auto ready = lanes.preload("test", 2);
  ASSERT_FALSE(ready);
  EXPECT_EQ(ready.error().message, "no such model");
  const auto lane = lanes.open_lane("test");
  ASSERT_FALSE(lane);
  EXPECT_EQ(lane.error().message, "no such model");
}

TEST(SpawnedLanes, AnInputThatIsTooLargeIsTold) {
  auto how = options();
  how.pixel_bytes = 17;
  SpawnedLanes lanes(how);
  const auto ready = lanes.preload("test", 1);
  ASSERT_FALSE(ready);
  EXPECT_NE(ready.error().message.find("too large"), std::string::npos);
}

TEST(SpawnedLanes, AChildThatDoesNotGetReadyIsNotWaitedForForEver) {
  auto how = options();
  how.start_timeout = 100ms;
  how.command_for = [](const std::string&) {
    ChildCommand command;
    command.program = "/bin/sleep";
    command.arguments = {"600"};
    return command;
  };
  SpawnedLanes lanes(how);
  const auto ready = lanes.preload("test", 1);
  ASSERT_FALSE(ready);
  EXPECT_EQ(ready.error().message, "it does not answer");
}

TEST(SpawnedLanes, ServeEachWorkerFromItsOwnThread) {
  SpawnedLanes lanes(options());
  std::atomic<int> right = 0;
  std::vector<std::jthread> workers;
  for (std::uint8_t w = 0; w < 4; ++w) {
    workers.emplace_back([&, w] {
      const auto lane = lanes.open_lane("test");  // waits for preload()
      for (int i = 0; lane && i < 50; ++i) {
        const auto answer = name(**lane, i % 10 == 9 ? std::uint8_t{255} : w);
        if (answer.has_value() == (i % 10 != 9) && (!answer || answer->predictions[0].index == w)) ++right;
      }
    });
  }
  ASSERT_TRUE(lanes.preload("test", 3));  // the fourth gets a child when it asks
  workers.clear();
  EXPECT_EQ(right, 200);
}

TEST(SpawnedLanes, LetWhoWaitsGoWhenCancelled) {
  SpawnedLanes lanes(options());
  std::jthread worker([&] { EXPECT_FALSE(lanes.open_lane("test")); });
  lanes.cancel();
  worker.join();
}

}  // namespace
}  // namespace curlew
