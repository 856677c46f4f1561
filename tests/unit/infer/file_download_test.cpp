#include "curlew/infer/file_download.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <latch>
#include <string>
#include <thread>
#include <vector>

#include "curlew/base/sha256.hpp"
#include "unit/infer/fake_downloader.hpp"
#include "unit/infer/temp_folder.hpp"

namespace curlew {
namespace {

using testing::HasSubstr;

const std::string kBody = "these are the bytes of a network, as the card has bound them";
const std::string kFirst = "https://first.example/net";
const std::string kSecond = "https://second.example/net";

class FileDownload : public testing::Test {
 protected:
  FileDownload() {
    file.name = "net.onnx";
    file.bytes = kBody.size();
    file.sha256 = sha256_hex(std::as_bytes(std::span(kBody)));
    file.sources = {kFirst, kSecond};
    origin.files[kFirst].body = kBody;
    origin.files[kSecond].body = kBody;
  }

  Result<void, ModelUnavailable> download() {
    return download_file(file, folder.path(), origin, progress, stop.get_token());
  }
  std::string reason() {
    const auto done = download();
    return done ? "done" : done.error().message;
  }
  void expect_whole() const {
    EXPECT_EQ(test::file_text(folder / "net.onnx"), kBody);
    EXPECT_FALSE(std::filesystem::exists(folder / "net.onnx.part"));
  }
  void expect_nothing() const { EXPECT_FALSE(std::filesystem::exists(folder / "net.onnx")); }

  test::TempFolder folder;
  test::FakeDownloader origin;
  CardFile file;
  std::function<void(ByteCount)> progress;
  std::stop_source stop;
};

TEST_F(FileDownload, BringsTheFileFromTheFirstSource) {
  EXPECT_EQ(reason(), "done");
  expect_whole();
  ASSERT_EQ(origin.requests.size(), 1U);
  EXPECT_EQ(origin.requests[0].max_bytes, kBody.size());
}

TEST_F(FileDownload, TellsHowFarItIs) {
  std::vector<ByteCount> told;
  progress = [&](ByteCount done) { told.push_back(done); };
  EXPECT_EQ(reason(), "done");
  ASSERT_FALSE(told.empty());
  EXPECT_TRUE(std::ranges::is_sorted(told));
  EXPECT_EQ(told.back(), kBody.size());
}

TEST_F(FileDownload, AsksTheNextMirrorWhereOneFails) {
  origin.files[kFirst].error = make_http_status_error(500);
  EXPECT_EQ(reason(), "done");
  expect_whole();
  EXPECT_EQ(origin.requests.back().url, kSecond);
}

TEST_F(FileDownload, AWrongFileIsDeletedAndTheNextMirrorAsked) {
  origin.files[kFirst].body = std::string(kBody.size(), 'x');
  EXPECT_EQ(reason(), "done");
  expect_whole();
  EXPECT_EQ(origin.requests.size(), 2U);
}

TEST_F(FileDownload, AWrongFileFromEveryMirrorIsNeverUsed) {
  origin.files[kFirst].body = std::string(kBody.size(), 'x');
  origin.files[kSecond].body = "an error page";
  EXPECT_THAT(reason(), HasSubstr("net.onnx could not be downloaded"));
  expect_nothing();
  EXPECT_FALSE(std::filesystem::exists(folder / "net.onnx.part"));
}

TEST_F(FileDownload, ALargerFileThanTheCardSaysIsRefused) {
  origin.files[kFirst].body = kBody + "more";
  origin.files.erase(kSecond);
  EXPECT_THAT(reason(), HasSubstr("could not be downloaded"));
  expect_nothing();
}

TEST_F(FileDownload, ABrokenConnectionIsTakenUpWhereItBroke) {
  origin.files[kFirst].break_off_at = 21;
  EXPECT_EQ(reason(), "done");
  expect_whole();
  ASSERT_EQ(origin.requests.size(), 2U);
  EXPECT_EQ(origin.requests[1].offset, 21U);
  EXPECT_EQ(origin.requests[1].url, kFirst);
}

TEST_F(FileDownload, WhatAnEarlierRunLeftIsResumed) {
  test::write_file(folder / "net.onnx.part", kBody.substr(0, 30));
  EXPECT_EQ(reason(), "done");
  expect_whole();
  EXPECT_EQ(origin.requests[0].offset, 30U);
}

TEST_F(FileDownload, AnOriginThatCannotResumeSendsItAll) {
  test::write_file(folder / "net.onnx.part", kBody.substr(0, 30));
  origin.files[kFirst].resumes = false;
  EXPECT_EQ(reason(), "done");
  expect_whole();
}

TEST_F(FileDownload, AWrongBeginningIsThrownAwayAndBroughtAnew) {
  test::write_file(folder / "net.onnx.part", "rubbish of an earlier run");
  EXPECT_EQ(reason(), "done");
  expect_whole();
  EXPECT_EQ(origin.requests.back().offset, 0U);
}

TEST_F(FileDownload, APartThatIsTooLongIsThrownAway) {
  test::write_file(folder / "net.onnx.part", kBody + kBody);
  EXPECT_EQ(reason(), "done");
  expect_whole();
}

TEST_F(FileDownload, APartThatIsWholeNeedsNoOrigin) {
  test::write_file(folder / "net.onnx.part", kBody);
  EXPECT_EQ(reason(), "done");
  expect_whole();
  EXPECT_TRUE(origin.requests.empty());
}

TEST_F(FileDownload, CancellingKeepsWhatIsHereForTheNextTime) {
  origin.files[kFirst].break_off_at = 21;
  int asked = 0;
  origin.on_request = [&](const DownloadRequest&) {
    if (++asked == 2) stop.request_stop();
  };
  EXPECT_THAT(reason(), HasSubstr("cancelled"));
  expect_nothing();
  EXPECT_EQ(test::file_text(folder / "net.onnx.part"), kBody.substr(0, 21));
}

TEST_F(FileDownload, AFolderThatCannotBeMadeSaysWhatToDo) {
  test::write_file(folder / "file", "x");
  const auto done = download_file(file, folder / "file/cache", origin, progress, stop.get_token());
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().message, HasSubstr("CURLEW_CACHE"));
  EXPECT_THAT(done.error().message, testing::Not(HasSubstr(folder.path().native())));
}

TEST_F(FileDownload, AFullDiskSaysSoAndAsksNoOtherMirror) {
  struct rlimit before = {};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  struct rlimit low = before;
  low.rlim_cur = 16;
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &low), 0);
  const std::string said = reason();
  ::setrlimit(RLIMIT_FSIZE, &before);
  (void)std::signal(SIGXFSZ, handler);
  EXPECT_THAT(said, HasSubstr("free some room"));
  expect_nothing();
  EXPECT_EQ(origin.requests.size(), 1U);
}

TEST_F(FileDownload, TwoThreadsDownloadOnce) {
  std::latch second_started(1);
  origin.on_request = [&](const DownloadRequest&) { second_started.wait(); };
  Result<void, ModelUnavailable> one;
  Result<void, ModelUnavailable> two;
  {
    const std::jthread first([&] { one = download(); });
    const std::jthread second([&] {
      second_started.count_down();
      two = download();
    });
  }
  EXPECT_TRUE(one);
  EXPECT_TRUE(two);
  expect_whole();
  EXPECT_EQ(origin.requests.size(), 1U);
}

TEST_F(FileDownload, WaitingForAnotherDownloadCanBeCancelled) {
  std::latch holding(1);
  std::latch release(1);
  origin.on_request = [&](const DownloadRequest&) {
    holding.count_down();
    release.wait();
  };
  const std::jthread first([&] { EXPECT_TRUE(download()); });
  holding.wait();
  std::stop_source other;
  Result<void, ModelUnavailable> waited;
  {
    const std::jthread second([&] { waited = download_file(file, folder.path(), origin, {}, other.get_token()); });
    other.request_stop();
  }
  ASSERT_FALSE(waited);
  EXPECT_THAT(waited.error().message, HasSubstr("cancelled"));
  release.count_down();
}

TEST_F(FileDownload, TwoProcessesDownloadOnce) {
  int gate[2];
  ASSERT_EQ(::pipe(gate), 0);
  // Each child notes its requests in a file, and the first to download waits for the gate.
  origin.on_request = [&](const DownloadRequest&) {
    std::ofstream(folder / "requests", std::ios::app) << "x";
    char byte = 0;
    (void)!::read(gate[0], &byte, 1);
  };
  std::vector<pid_t> children;
  for (int i = 0; i < 2; ++i) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) ::_exit(download() ? 0 : 1);
    children.push_back(child);
  }
  ASSERT_EQ(::write(gate[1], "ab", 2), 2);
  for (const pid_t child : children) {
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
  }
  expect_whole();
  EXPECT_EQ(test::file_text(folder / "requests"), "x");
  ::close(gate[0]);
  ::close(gate[1]);
}

}  // namespace
}  // namespace curlew
