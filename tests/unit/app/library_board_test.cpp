#include "curlew/app/library_board.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "unit/infer/fake_downloader.hpp"
#include "unit/infer/temp_folder.hpp"
#include "unit/infer/tiny_networks.hpp"

namespace curlew {
namespace {

using State = ModelFacts::State;

class LibraryBoardTest : public testing::Test {
 protected:
  static std::filesystem::path write_tiny(const test::TempFolder& folder) {
    test::write_ir({}, folder / "own/tiny.xml");
    return folder / "own/tiny.xml";
  }

  const test::TempFolder folder_;
  test::FakeDownloader origin_;  // it has no file at all
  ModelLibrary library_{{.folders = {.search = {folder_ / "models"}, .cache = folder_ / "cache"},
                         .engine = {.streams = 1, .device = "CPU", .blob_folder = folder_ / "blobs"},
                         .on_download = {}},
                        origin_};
  const std::string tiny_ = library_.add_file(write_tiny(folder_), Task::kClassify).value();
};

TEST_F(LibraryBoardTest, AModelIsLoadingUntilItIsWaitedForAndThenReady) {
  LibraryBoard board(library_, tiny_, "");
  EXPECT_EQ(board.find(tiny_)->state, State::kLoading);
  EXPECT_EQ(board.find(tiny_)->sha256, "");
  EXPECT_TRUE(board.await(tiny_));
  EXPECT_EQ(board.find(tiny_)->state, State::kReady);
  EXPECT_EQ(board.find(tiny_)->sha256.size(), 64U);
}

TEST_F(LibraryBoardTest, OneThatNobodyNeedsAtTheStartIsIdle) {
  const LibraryBoard board(library_, "", "");
  EXPECT_EQ(board.find(tiny_)->state, State::kIdle);
}

TEST_F(LibraryBoardTest, OneThatCannotBeLoadedIsUnavailable) {
  LibraryBoard board(library_, tiny_, "coco");
  testing::internal::CaptureStderr();
  EXPECT_FALSE(board.await("coco"));
  EXPECT_NE(testing::internal::GetCapturedStderr().find("coco"), std::string::npos);
  EXPECT_EQ(board.find("coco")->state, State::kUnavailable);
  EXPECT_EQ(board.find(tiny_)->state, State::kLoading) << "the other is not harmed";
}

TEST_F(LibraryBoardTest, TheDefaultsAreThoseItWasGiven) {
  const LibraryBoard board(library_, tiny_, "");
  EXPECT_EQ(board.default_of(Task::kClassify)->name, tiny_);
  EXPECT_FALSE(board.default_of(Task::kDetect));
  EXPECT_FALSE(board.find("no such model"));
}

TEST_F(LibraryBoardTest, ModelsAreByNameAndEachCanBeFound) {
  const LibraryBoard board(library_, "", "");
  const auto models = board.models();
  EXPECT_TRUE(std::ranges::is_sorted(models, {}, &ModelFacts::name));
  for (const ModelFacts& model : models) EXPECT_EQ(board.find(model.name)->task, model.task) << model.name;
  EXPECT_EQ(board.find("coco")->task, Task::kDetect);
}

}  // namespace
}  // namespace curlew
