#include "curlew/spawn/spawned_decoder.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

// The child is a program of the tests (child_main.cpp) whose pictures are words.

namespace curlew {
namespace {

using namespace std::chrono_literals;

constexpr int kSide = 4;

SpawnedDecoderOptions options() {
  SpawnedDecoderOptions options;
  options.command.program = CURLEW_TEST_CHILD;
  options.limits = {.pixels = 5'000, .side_px = 100};
  options.picture_bytes = 100'000;
  options.pixel_bytes = 1'000;
  options.memory = 256 * kMiB;
  options.log_level = LogLevel::kError;
  return options;
}

/// This process's children that still are, dead or alive.
std::vector<pid_t> children() {
  std::vector<pid_t> found;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    std::ifstream file(task.path() / "children");
    for (pid_t pid = 0; file >> pid;) found.push_back(pid);
  }
  return found;
}

class SpawnedDecoderTest : public ::testing::Test {
 protected:
  Result<DecodedPicture> decode(std::string_view word) {
    return decoder_->decode_into(std::as_bytes(std::span(word)), {.width_px = kSide, .height_px = kSide, .fit = {}},
                                 rgb_);
  }
  void expect_grey(char grey) {
    const auto picture = decode(std::string("grey:") + grey);
    ASSERT_TRUE(picture) << picture.error().message;
    EXPECT_TRUE(std::ranges::all_of(rgb_, [&](std::uint8_t value) { return value == grey; }));
  }
  void begin(const SpawnedDecoderOptions& how = options()) { decoder_ = std::make_unique<SpawnedDecoder>(how); }

  std::unique_ptr<SpawnedDecoder> decoder_;
  std::vector<std::uint8_t> rgb_ = std::vector<std::uint8_t>(kSide * kSide * 3);
};

TEST_F(SpawnedDecoderTest, DecodesInAChildThatIsKept) {
  begin();
  expect_grey('a');
  const auto first = children();
  ASSERT_EQ(first.size(), 1U);
  for (const char grey : {'b', 'c', 'd'}) expect_grey(grey);
  EXPECT_EQ(children(), first);
}

TEST_F(SpawnedDecoderTest, GivesTheChildsErrors) {
  begin();
  const auto picture = decode("nonsense");
  ASSERT_FALSE(picture);
  EXPECT_EQ(picture.error().code, ErrorCode::kNotAnImage);
  EXPECT_EQ(picture.error().message, "this is no word");
  expect_grey('a');
}

TEST_F(SpawnedDecoderTest, ACrashCostsThePictureInHandOnly) {
  begin();
  for (const std::string how : {"crash", "abort", "exit"}) {
    expect_grey('a');
    const auto before = children();
    const auto picture = decode("curlew-test:" + how);
    ASSERT_FALSE(picture);
    EXPECT_EQ(picture.error().code, ErrorCode::kDecodeFailed);
    EXPECT_NE(picture.error().message.find("crash"), std::string::npos);
    expect_grey('b');
    EXPECT_NE(children(), before) << "it was replaced";
    EXPECT_EQ(children().size(), 1U);
  }
}

TEST_F(SpawnedDecoderTest, WhatHangsIsEndedWhenTheTimeIsUp) {
  auto how = options();
  how.timeout = 200ms;
  begin(how);
  for (const std::string word : {"hang", "spin"}) {
    const auto picture = decode("curlew-test:" + word);
    ASSERT_FALSE(picture);
    EXPECT_EQ(picture.error().code, ErrorCode::kDecodeFailed);
    EXPECT_NE(picture.error().message.find("longer than 0.2 s"), std::string::npos) << picture.error().message;
    expect_grey('x');
  }
}

TEST_F(SpawnedDecoderTest, WhatEatsMemoryIsStoppedAtItsLimit) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "sanitizers need terabytes of address space, so that it is not limited under them";
#endif
  begin();
  const auto picture = decode("curlew-test:eat");
  ASSERT_FALSE(picture);
  EXPECT_EQ(picture.error().code, ErrorCode::kInternal);
  EXPECT_NE(picture.error().message.find("memory"), std::string::npos);
  expect_grey('x');
}

TEST_F(SpawnedDecoderTest, ALiarIsReplaced) {
  begin();
  expect_grey('a');
  const auto before = children();
  const auto picture = decode("curlew-test:lie");
  ASSERT_FALSE(picture);
  EXPECT_EQ(picture.error().code, ErrorCode::kDecodeFailed);
  expect_grey('b');
  EXPECT_NE(children(), before);
}

TEST_F(SpawnedDecoderTest, AChildThatWasTakenOverCanDoNothing) {
  begin();
  const auto picture = decode("curlew-test:escape");
  ASSERT_FALSE(picture);
  const std::string& tries = picture.error().message;
  EXPECT_EQ(tries.find("SUCCEEDED"), std::string::npos) << tries;
  for (const std::string_view what :
       {"open EPERM", "create EPERM", "socket EPERM", "connect EPERM", "sendto EPERM", "exec EPERM", "fork EPERM",
        "ptrace EPERM", "kill EPERM", "unlink EPERM", "read EPERM", "setrlimit EPERM", "mmap-exec EPERM"}) {
    EXPECT_NE(tries.find(what), std::string::npos) << what << " in " << tries;
  }
  expect_grey('x');
}

TEST_F(SpawnedDecoderTest, AChildKilledBetweenPicturesCostsNone) {
  begin();
  expect_grey('a');
  ASSERT_EQ(children().size(), 1U);
  const pid_t child = children().front();
  ASSERT_EQ(kill(child, SIGKILL), 0);
  siginfo_t ended{};
  ASSERT_EQ(waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOWAIT), 0);  // it is dead, and not yet reaped
  expect_grey('b');
}

TEST_F(SpawnedDecoderTest, WhatIsLoadedAtFirstUseComesWithANewChild) {
  begin();
  expect_grey('a');
  const auto before = children();
  ASSERT_TRUE(decode("load"));
  const auto after = children();
  EXPECT_NE(after, before);
  ASSERT_TRUE(decode("load"));
  expect_grey('b');
  EXPECT_EQ(children(), after);
}

TEST_F(SpawnedDecoderTest, AFileThatIsTooLargeIsToldSo) {
  begin();
  const auto picture = decode(std::string(100'001, 'x'));
  ASSERT_FALSE(picture);
  EXPECT_EQ(picture.error().code, ErrorCode::kTooLarge);
  expect_grey('a');
}

TEST_F(SpawnedDecoderTest, AProgramThatIsNoneIsToldForEachPicture) {
  auto how = options();
  how.command.program = "/nowhere/to/be/found";
  begin(how);
  for (int i = 0; i < 2; ++i) {
    const auto picture = decode("grey:a");
    ASSERT_FALSE(picture);
    EXPECT_EQ(picture.error().code, ErrorCode::kInternal);
  }
  how.command.program = "/bin/true";
  begin(how);
  const auto picture = decode("grey:a");
  ASSERT_FALSE(picture);
  EXPECT_EQ(picture.error().code, ErrorCode::kInternal);
}

TEST_F(SpawnedDecoderTest, LeavesNothingBehind) {
  for (int i = 0; i < 5; ++i) {
    begin();
    if (i % 2 == 0) expect_grey('a');
  }
  decoder_.reset();
  EXPECT_TRUE(children().empty());
}

TEST(SpawnedDecoders, WorkBesideEachOther) {
  std::vector<std::jthread> threads;
  std::atomic<int> right = 0;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&right, t] {
      SpawnedDecoder decoder(options());
      std::vector<std::uint8_t> rgb(kSide * kSide * 3);
      for (int i = 0; i < 50; ++i) {
        const std::string word = i % 10 == 9 ? "curlew-test:crash" : std::string("grey:") + static_cast<char>('a' + t);
        const auto picture = decoder.decode_into(std::as_bytes(std::span(word)),
                                                 {.width_px = kSide, .height_px = kSide, .fit = {}}, rgb);
        if (picture.has_value() == (i % 10 != 9) && (!picture || rgb.front() == 'a' + t)) ++right;
      }
    });
  }
  threads.clear();
  EXPECT_EQ(right, 200);
}

}  // namespace
}  // namespace curlew
