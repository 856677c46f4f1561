#include "curlew/app/sources.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "curlew/base/startup_error.hpp"

namespace curlew {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

class Sources : public testing::Test {
 protected:
  Sources() : folder_(fs::temp_directory_path() / ("curlew-sources-" + std::to_string(getpid()))) {
    fs::create_directories(folder_ / "photos" / "deeper.jpg");
    for (const char* name : {"b.JPG", "a.png", "notes.txt", ".hidden.jpg"}) write("photos/" + std::string(name), "x");
  }
  ~Sources() override { fs::remove_all(folder_); }

  void write(const std::string& name, const std::string& text) const { std::ofstream(folder_ / name) << text; }
  std::string path(const std::string& name) const { return (folder_ / name).string(); }

  std::vector<std::string> gather(const std::vector<std::string>& sources, const std::optional<std::string>& csv = {},
                                  const std::string& input = "", std::size_t max_items = 100) {
    std::istringstream in(input);
    std::ostringstream out;
    std::ostringstream err;
    std::vector<std::string> texts;
    for (const auto& entry : gather_entries(sources, csv, max_items, {.in = in, .out = out, .err = err})) {
      texts.push_back(entry.text);
    }
    return texts;
  }

  std::string refusal(const std::vector<std::string>& sources, const std::optional<std::string>& csv = {},
                      const std::string& input = "") {
    try {
      gather(sources, csv, input, 3);
    } catch (const StartupError& e) {
      EXPECT_EQ(e.status(), ExitStatus::kUsage);
      return e.what();
    }
    return "";
  }

 private:
  fs::path folder_;
};

TEST_F(Sources, NothingMeansTheFiveDefaultPhotographs) {
  const auto texts = gather({});
  EXPECT_EQ(texts.size(), 5U);
  EXPECT_EQ(texts[2], "https://upload.wikimedia.org/wikipedia/commons/8/81/Eumomota_superciliosa.jpg");
}

TEST_F(Sources, AFolderIsItsPicturesByName) {
  EXPECT_THAT(gather({path("photos")}), ElementsAre(path("photos/a.png"), path("photos/b.JPG")));
}

TEST_F(Sources, ArgumentsStandardInputAndCsvKeepTheirOrder) {
  write("list.csv", "url\nhttp://c.example/1\n");
  EXPECT_THAT(gather({"http://a.example/1", "-", "missing.jpg"}, path("list.csv"), "http://b.example/1\n\n"),
              ElementsAre("http://a.example/1", "http://b.example/1", "missing.jpg", "http://c.example/1"));
}

TEST_F(Sources, AnEmptyListIsNotTheDefaultList) { EXPECT_TRUE(gather({"-"}).empty()); }

TEST_F(Sources, WhatCannotBeReadIsAUsageErrorThatNamesIt) {
  EXPECT_THAT(refusal({}, path("none.csv")), HasSubstr("none.csv"));
  EXPECT_THAT(refusal({}, path("photos")), HasSubstr("photos"));
  EXPECT_THAT(refusal({"-"}, {}, "1\n2\n3\n4\n"), HasSubstr("3"));
}

TEST_F(Sources, AFileIsLocalAndAFolderIsNot) {
  EXPECT_TRUE(is_local_file(path("photos/a.png")));
  EXPECT_FALSE(is_local_file(path("photos")));
  EXPECT_FALSE(is_local_file(path("none.png")));
  EXPECT_FALSE(is_local_file(std::string(5000, 'x'))) << "longer than any name of a file";
}

}  // namespace
}  // namespace curlew
