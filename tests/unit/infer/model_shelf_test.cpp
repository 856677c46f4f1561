#include "curlew/infer/model_shelf.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "curlew/base/sha256.hpp"
#include "unit/infer/fake_downloader.hpp"
#include "unit/infer/temp_folder.hpp"

namespace curlew {
namespace {

using testing::HasSubstr;

std::string sum(const std::string& text) { return sha256_hex(std::as_bytes(std::span(text))); }

class Shelf : public testing::Test {
 protected:
  Shelf() {
    card.name = "mine";
    card.network = "net.xml";
    card.labels = CardLabels{.file = "labels.txt", .format = LabelFormat::kLines, .names = {}};
    for (const std::string name : {"net.xml", "net.bin", "labels.txt"}) {
      const std::string body = "right " + name;
      const std::string url = "https://a.example/" + name;
      origin.files[url].body = body;
      card.files.push_back({.name = name, .bytes = body.size(), .sha256 = sum(body), .sources = {url}});
    }
  }

  ModelShelf shelf() { return {{.search = {folder / "one", folder / "two"}, .cache = folder / "cache"}, origin}; }
  Result<FoundModel, ModelUnavailable> find() { return shelf().find(card, {}, {}); }
  std::string reason() {
    const auto found = find();
    return found ? "found" : found.error().message;
  }
  void put(const std::string& place, const std::string& name, const std::string& text) const {
    test::write_file(folder.path() / place / name, text);
  }
  void forbid_download() {
    for (CardFile& file : card.files) file.sources.clear();
  }

  test::TempFolder folder;
  test::FakeDownloader origin;
  ModelCard card;
  const std::string cached = "cache/models/mine";
};

TEST_F(Shelf, DownloadsIntoTheCacheWhatIsNowhereAndFindsItThereAfterwards) {
  EXPECT_EQ(shelf().status(card).where, Whereabouts::kDownloadable);
  const auto found = find();
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->network, folder / (cached + "/net.xml"));
  EXPECT_EQ(found->labels, folder / (cached + "/labels.txt"));
  EXPECT_EQ(found->sha256, sum("right net.xmlright net.bin"));
  EXPECT_EQ(origin.requests.size(), 3U);
  EXPECT_TRUE(find());
  EXPECT_EQ(origin.requests.size(), 3U);
  EXPECT_EQ(shelf().status(card).where, Whereabouts::kCached);
}

TEST_F(Shelf, TellsWhichFileOfWhichModelIsComing) {
  std::vector<std::string> told;
  ASSERT_TRUE(shelf().find(card,
                           [&](const DownloadProgress& p) {
                             if (p.done == p.total) told.push_back(p.model + "/" + p.file);
                           },
                           {}));
  EXPECT_THAT(told, testing::ElementsAre("mine/net.xml", "mine/net.bin", "mine/labels.txt"));
}

TEST_F(Shelf, FoldersAreSearchedInOrderAndUsedAsTheyAre) {
  for (const std::string name : {"net.xml", "net.bin", "labels.txt"}) {
    put("two", name, "two's " + name);
    put(cached, name, "right " + name);
  }
  auto found = find();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->network, folder / "two/net.xml");
  EXPECT_EQ(found->sha256, sum("two's net.xmltwo's net.bin"));
  for (const std::string name : {"net.xml", "net.bin"}) put("one", name, "one's " + name);
  found = find();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->network, folder / "one/net.xml");
  EXPECT_EQ(found->labels, folder / "two/labels.txt");
  EXPECT_TRUE(origin.requests.empty());
  EXPECT_EQ(shelf().status(card).where, Whereabouts::kFound);
}

TEST_F(Shelf, HalvesOfANetworkFromTwoFoldersAreNotMixed) {
  put("one", "net.xml", "one's graph");
  put("two", "net.bin", "two's weights");
  const auto found = find();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->network, folder / (cached + "/net.xml"));
}

TEST_F(Shelf, LabelsAreDownloadedForANetworkThatIsHere) {
  put("one", "net.xml", "g");
  put("one", "net.bin", "w");
  const auto found = find();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->network, folder / "one/net.xml");
  EXPECT_EQ(found->labels, folder / (cached + "/labels.txt"));
  EXPECT_EQ(origin.requests.size(), 1U);
}

TEST_F(Shelf, ADamagedFileInTheCacheIsBroughtAnew) {
  ASSERT_TRUE(find());
  put(cached, "net.bin", "wrong net.bin");
  const auto found = find();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->sha256, sum("right net.xmlright net.bin"));
  EXPECT_EQ(origin.requests.size(), 4U);
}

TEST_F(Shelf, WhatCannotBeHadSaysWhichFilesAreWantedAndHow) {
  forbid_download();
  card.hint = "Ask the owl";
  EXPECT_THAT(reason(), HasSubstr("the model \"mine\" cannot be had"));
  EXPECT_THAT(reason(), HasSubstr("Ask the owl."));
  EXPECT_THAT(reason(), HasSubstr("net.xml, net.bin and labels.txt into a folder and name it in CURLEW_MODELS"));
  EXPECT_EQ(shelf().status(card).where, Whereabouts::kMissing);
}

TEST_F(Shelf, AFailedDownloadSaysWhyAndWhatToDo) {
  origin.files.clear();
  EXPECT_THAT(reason(), HasSubstr("net.xml could not be downloaded: the origin answered 404"));
  EXPECT_THAT(reason(), HasSubstr("CURLEW_MODELS"));
}

TEST_F(Shelf, WithoutACacheNothingIsDownloaded) {
  const ModelShelf none({.search = {folder / "one"}, .cache = {}}, origin);
  const auto found = none.find(card, {}, {});
  ASSERT_FALSE(found);
  EXPECT_THAT(found.error().message, HasSubstr("no cache"));
  EXPECT_TRUE(origin.requests.empty());
}

TEST_F(Shelf, VerifySaysWhatIsRightWrongUnboundAndMissing) {
  put("one", "net.xml", "right net.xml");
  put("one", "net.bin", "something else");
  auto checks = shelf().verify(card);
  ASSERT_EQ(checks.size(), 3U);
  EXPECT_EQ(checks[0].state, FileState::kOk);
  EXPECT_EQ(checks[1].state, FileState::kDiffers);
  EXPECT_EQ(checks[1].sha256, sum("something else"));
  EXPECT_EQ(checks[2].state, FileState::kMissing);
  card.files[0].sha256.clear();
  EXPECT_EQ(shelf().verify(card)[0].state, FileState::kUnbound);
  EXPECT_TRUE(origin.requests.empty());
}

TEST_F(Shelf, AModelWithoutLabelsNeedsNone) {
  card.labels.reset();
  card.files.pop_back();
  const auto found = find();
  ASSERT_TRUE(found);
  EXPECT_FALSE(found->labels);
  EXPECT_EQ(shelf().status(card).where, Whereabouts::kCached);
}

}  // namespace
}  // namespace curlew
