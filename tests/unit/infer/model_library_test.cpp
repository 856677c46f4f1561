#include "curlew/infer/model_library.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <latch>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "curlew/infer/model_files.hpp"
#include "unit/infer/fake_downloader.hpp"
#include "unit/infer/temp_folder.hpp"
#include "unit/infer/tiny_networks.hpp"

namespace curlew {
namespace {

using testing::HasSubstr;

class Library : public testing::Test {
 protected:
  LibraryOptions options() const {
    return {.folders = {.search = {folder / "models"}, .cache = folder / "cache"},
            .engine = {.streams = 2, .device = "CPU", .blob_folder = folder / "cache/blobs"},
            .on_download = {}};
  }
  std::filesystem::path tiny() const {
    test::write_ir({}, folder / "own/tiny.xml");
    return folder / "own/tiny.xml";
  }

  test::TempFolder folder;
  test::FakeDownloader origin;
};

TEST_F(Library, LoadsAUsersOwnFile) {
  ModelLibrary library(options(), origin);
  const auto name = library.add_file(tiny(), Task::kClassify);
  ASSERT_TRUE(name) << name.error().message;
  EXPECT_EQ(*name, "tiny");
  const auto lane = library.open_lane(*name);
  ASSERT_TRUE(lane) << lane.error().message;
  EXPECT_EQ(test::best_class(**lane, test::kGreen), 1);
  const auto report = library.wait(*name);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->model.sha256, sha256_of_network(folder / "own/tiny.xml"));
  EXPECT_GT(report->total_ms, 0);
  EXPECT_EQ(report->downloaded, 0U);
}

TEST_F(Library, ManyWaitForOneLoad) {
  ModelLibrary library(options(), origin);
  const std::string name = *library.add_file(tiny(), Task::kClassify);
  library.preload(name);
  library.preload(name);
  std::vector<std::jthread> threads;
  for (int i = 0; i < 6; ++i) {
    threads.emplace_back([&] {
      const auto lane = library.open_lane(name);
      ASSERT_TRUE(lane);
      EXPECT_EQ(test::best_class(**lane, test::kBlue), 2);
    });
  }
}

TEST_F(Library, AnUnknownNameSaysWhichThereAre) {
  ModelLibrary library(options(), origin);
  const auto lane = library.open_lane("brids");
  ASSERT_FALSE(lane);
  EXPECT_THAT(lane.error().message,
              HasSubstr("there is no model \"brids\"; there are birds, coco, imagenet, yolox-nano"));
}

TEST_F(Library, AFailedLoadGivesItsReasonToEverybody) {
  ModelLibrary library(options(), origin);
  for (int i = 0; i < 2; ++i) {
    const auto lane = library.open_lane("birds");
    ASSERT_FALSE(lane);
    EXPECT_THAT(lane.error().message, HasSubstr("could not be downloaded: the origin answered 404"));
  }
  EXPECT_EQ(origin.requests.size(), 1U);
  EXPECT_FALSE(library.wait("birds"));
  EXPECT_FALSE(library.self_test("birds"));
  EXPECT_EQ(origin.requests.size(), 1U);
}

TEST_F(Library, AsksAllGoldenInputsOfTheCardWhereLoadingTriesTheFirst) {
  const std::string red = "[[self_test]]\ndisc = [250, 10, 5]\nground = [250, 10, 5]\nscore = 1\ntolerance = 0.1\n";
  test::write_file(folder / "own/tiny.toml",
                   "name = \"tiny\"\ntask = \"classify\"\n" + red + "top = 0\n" + red + "top = 1\n");
  ModelLibrary library(options(), origin);
  const std::string name = *library.add_file(tiny(), Task::kClassify);
  ASSERT_TRUE(library.wait(name)) << library.wait(name).error().message;
  const auto report = library.self_test(name);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->precision, Precision::kDevices);
  ASSERT_EQ(report->answers.size(), 2U);
  EXPECT_EQ(report->answers[0].index, 0);
  EXPECT_FALSE(report->answers[0].fault);
  EXPECT_GT(report->answers[0].score, 0.9F);
  EXPECT_EQ(report->answers[1].index, 0);
  EXPECT_THAT(report->answers[1].fault.value_or(""), HasSubstr("class 0 instead of 1"));
}

class EarlyLibrary : public Library {
 protected:
  static constexpr const char* kRedWins = "[[self_test]]\ndisc = [250, 10, 5]\nground = [250, 10, 5]\ntop = 0\n";
  static constexpr const char* kGreenWins = "[[self_test]]\ndisc = [250, 10, 5]\nground = [250, 10, 5]\ntop = 1\n";

  /// The card of a network of 8 x 8 with this golden input, of which nothing hangs on what is kept.
  void write_card(const std::string& self_test) const {
    test::write_file(folder / "own/tiny.toml",
                     "name = \"tiny\"\ntask = \"classify\"\n[input]\nwidth = 8\nheight = 8\n" + self_test +
                         "score = 1\ntolerance = 0.1\n");
  }
  LibraryOptions early() const {
    LibraryOptions made = options();
    made.early_lanes = true;
    return made;
  }
  void keep(const std::filesystem::path& network) const {
    test::FakeDownloader nothing;
    ModelLibrary library(options(), nothing);
    const auto report = library.wait(*library.add_file(network, Task::kClassify));
    ASSERT_TRUE(report) << report.error().message;
  }
};

TEST_F(EarlyLibrary, LanesOfAKeptNetworkAnswerAsAllDo) {
  const auto network = tiny();
  write_card(kRedWins);
  keep(network);
  ModelLibrary library(early(), origin);
  const std::string name = *library.add_file(network, Task::kClassify);
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      const auto lane = library.open_lane(name);
      ASSERT_TRUE(lane);
      EXPECT_EQ(test::best_class(**lane, test::kBlue), 2);
      EXPECT_EQ(test::best_class(**lane, test::kGreen), 1);
    });
  }
}

TEST_F(EarlyLibrary, ANetworkThatNowFailsItsSelfTestAnswersNothing) {
  const auto network = tiny();
  write_card(kRedWins);
  keep(network);
  write_card(kGreenWins);
  ModelLibrary library(early(), origin);
  const std::string name = *library.add_file(network, Task::kClassify);
  const auto lane = library.open_lane(name);
  EXPECT_EQ(lane ? test::best_class(**lane, test::kBlue) : -1, -1);
  EXPECT_FALSE(library.wait(name));
  EXPECT_FALSE(library.open_lane(name)) << "once that is known";
}

TEST_F(EarlyLibrary, ALaneThatNobodyAwaitedOutlivesTheLibrary) {
  const auto network = tiny();
  write_card(kRedWins);
  keep(network);
  Result<std::unique_ptr<Lane>, ModelUnavailable> lane;
  {
    ModelLibrary library(early(), origin);
    lane = library.open_lane(*library.add_file(network, Task::kClassify));
  }
  ASSERT_TRUE(lane);
  EXPECT_EQ(test::best_class(**lane, test::kBlue), 2);
}

TEST_F(Library, AClassifierIsNoDetector) {
  test::write_file(folder / "own/tiny.toml", "name = \"finder\"\ntask = \"detect\"\n");
  ModelLibrary library(options(), origin);
  const auto lane = library.open_lane(*library.add_file(tiny(), Task::kClassify));
  ASSERT_FALSE(lane);
  EXPECT_THAT(lane.error().message, HasSubstr("are not those of a detector"));
}

TEST_F(Library, GoingEndsADownload) {
  const std::string url = "https://tfhub.dev/google/lite-model/aiy/vision/classifier/birds_V1/3?lite-format=tflite";
  origin.files[url].body = "x";
  std::latch asked(1);
  origin.on_request = [&](const DownloadRequest& request) {
    std::mutex mutex;
    std::condition_variable_any stopped;
    std::unique_lock lock(mutex);
    asked.count_down();
    stopped.wait(lock, request.stop, [] { return false; });
  };
  ModelLibrary library(options(), origin);
  library.preload("birds");
  asked.wait();
}

TEST_F(Library, ListsPullsAndVerifies) {
  ModelLibrary library(options(), origin);
  const std::string own = *library.add_file(tiny(), Task::kClassify);
  std::vector<std::string> names;
  for (const ModelCard& card : library.cards()) names.push_back(card.name);
  EXPECT_THAT(names, testing::IsSupersetOf({"birds", "imagenet", "tiny"}));
  EXPECT_EQ(library.status(*library.card("birds")).where, Whereabouts::kDownloadable);
  EXPECT_EQ(library.status(*library.card("imagenet")).where, Whereabouts::kMissing);
  EXPECT_EQ(library.status(*library.card(own)).where, Whereabouts::kFound);
  EXPECT_THAT(library.pull("imagenet", {}).error().message, HasSubstr("make setup"));
  EXPECT_EQ(library.verify("birds")->at(0).state, FileState::kMissing);
  EXPECT_EQ(library.verify(own)->at(0).state, FileState::kUnbound);
  EXPECT_FALSE(library.verify("nothing"));
}

}  // namespace
}  // namespace curlew
