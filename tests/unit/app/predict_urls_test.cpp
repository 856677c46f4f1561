#include "curlew/app/predict_urls.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "curlew/base/startup_error.hpp"

namespace curlew {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;

class PredictUrls : public testing::Test {
 protected:
  PredictUrls()
      : file_((fs::temp_directory_path() / ("curlew-predict-" + std::to_string(getpid()) + ".csv")).string()) {}
  ~PredictUrls() override { fs::remove(file_); }

  std::vector<ListEntry> entries(const std::string& urls, const std::string& csv, std::size_t max_items = 100) {
    std::ofstream(file_) << csv;
    std::istringstream in;
    std::ostringstream out;
    PredictCommand command;
    command.urls = urls;
    if (!csv.empty()) command.csv_file = file_;
    return predict_entries(command, max_items, {.in = in, .out = out, .err = out});
  }

  std::vector<std::string> texts(const std::string& urls, const std::string& csv) {
    std::vector<std::string> found;
    for (const auto& entry : entries(urls, csv)) found.push_back(entry.text);
    return found;
  }

 private:
  const std::string file_;
};

TEST_F(PredictUrls, AreSeparatedByCommasAndTrimmed) {
  EXPECT_THAT(split_urls(" http://a/1 ,http://a/2,,\n\thttp://a/3 4\r\n, ,"),
              ElementsAre("http://a/1", "http://a/2", "http://a/3 4"));
  EXPECT_THAT(split_urls(""), IsEmpty());
  EXPECT_THAT(split_urls(" , ,"), IsEmpty());
}

TEST_F(PredictUrls, ThoseOfTheArgumentComeBeforeThoseOfTheFile) {
  EXPECT_THAT(texts("http://a/2,http://a/1", "url\nhttp://c/1\nhttp://a/1\n"),
              ElementsAre("http://a/2", "http://a/1", "http://c/1", "http://a/1"));
}

TEST_F(PredictUrls, NothingIsNothingAndNoDefaultList) { EXPECT_THAT(texts("", ""), IsEmpty()); }

TEST_F(PredictUrls, WhatADirectoryOrADashIsElsewhereIsATextHere) {
  EXPECT_THAT(texts("-,/tmp", ""), ElementsAre("-", "/tmp"));
}

TEST_F(PredictUrls, BytesThatAreNoTextStayAndHaveAProblem) {
  const auto list = entries("http://a/\xff,http://a/\xef\xbf\xbd,http://a/\xc3\xa9,http://a/\x1b", "");
  ASSERT_EQ(list.size(), 4U);
  EXPECT_EQ(list[0].text, "http://a/\xff");
  EXPECT_NE(list[0].problem, "");
  for (std::size_t i = 1; i < list.size(); ++i) EXPECT_EQ(list[i].problem, "") << list[i].text;
}

TEST_F(PredictUrls, TooManyAreAUsageError) {
  EXPECT_EQ(entries("a,b", "url\nc\n", 3).size(), 3U);
  try {
    entries("a,b", "url\nc\nd\n", 3);
    FAIL();
  } catch (const StartupError& e) {
    EXPECT_EQ(e.status(), ExitStatus::kUsage);
  }
}

}  // namespace
}  // namespace curlew
