#include "curlew/publish/csv_encoder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>

#include "curlew/intake/csv.hpp"
#include "curlew/publish/printable.hpp"
#include "unit/publish/results.hpp"

namespace curlew {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST(CsvEncoder, NamesItsColumns) {
  EXPECT_EQ(make_csv_encoder(Task::kClassify, 2)->header(),
            "index,url,status,label,score,label_2,score_2,background_score,error_code,error_message,http_status,model,"
            "width,height,format,bytes,queue_ms,fetch_ms,decode_ms,infer_ms,total_ms\n");
}

TEST(CsvEncoder, WritesASuccessAsOneRow) {
  EXPECT_EQ(make_csv_encoder(Task::kClassify, 3)->rows(make_success()),
            "0,https://example.org/bird.jpg,ok,Phalacrocorax varius varius,0.83203,\"Microcarbo, the \"\"little\"\"\","
            "0.051,,,,,,,birds,1080,864,jpeg,610995,0.1,3.2,6.9,3.4,13.7\n");
}

TEST(CsvEncoder, WritesAnErrorAsOneRow) {
  EXPECT_EQ(
      make_csv_encoder(Task::kClassify, 1)->rows(make_failure(make_http_status_error(404))),
      "1,https://example.org/404.jpg,error,,,,http_status,the origin answered 404,404,,,,,,0.0,0.0,0.0,0.0,0.0\n");
}

TEST(CsvEncoder, GivesTheBackgroundItsColumn) {
  ItemResult result = make_success();
  std::get<Success>(result.outcome).answer.background_score = 0.875F;
  EXPECT_THAT(make_csv_encoder(Task::kClassify, 1)->rows(result), HasSubstr("varius,0.83203,0.875,,"));
}

TEST(CsvEncoder, EveryRowHasAsManyCellsAsTheHeader) {
  for (const int top : {0, 1, 3, 20}) {
    const auto encoder = make_csv_encoder(Task::kClassify, top);
    const auto commas = [](const std::string& row) { return std::ranges::count(row, ','); };
    ItemResult result = make_success();
    std::get<Success>(result.outcome).answer.predictions[1].label = "plain";
    EXPECT_EQ(commas(encoder->rows(result)), commas(encoder->header()));
    EXPECT_EQ(commas(encoder->rows(make_failure(make_http_status_error(404)))), commas(encoder->header()));
  }
}

TEST(CsvEncoder, GivesEachObjectARow) {
  const auto encoder = make_csv_encoder(Task::kDetect, 3);
  EXPECT_EQ(encoder->header(),
            "index,url,status,label,score,x1,y1,x2,y2,error_code,error_message,http_status,model,width,height,format,"
            "bytes,queue_ms,fetch_ms,decode_ms,infer_ms,total_ms\n");
  EXPECT_EQ(
      encoder->rows(make_detection()),
      "0,https://example.org/yard.jpg,ok,dog,0.875,131.50,220.25,309.00,541.00,,,,coco,1080,864,jpeg,610995,0.1,"
      "3.2,6.9,3.4,13.7\n"
      "0,https://example.org/yard.jpg,ok,\"bottle, \"\"small\"\"\",0.5,0.00,0.00,10.00,1.00,,,,coco,1080,864,jpeg,"
      "610995,0.1,3.2,6.9,3.4,13.7\n");
}

TEST(CsvEncoder, GivesAnItemWithoutObjectsOneRow) {
  const auto encoder = make_csv_encoder(Task::kDetect, 3);
  ItemResult none = make_detection();
  std::get<Success>(none.outcome).answer.predictions.clear();
  EXPECT_EQ(encoder->rows(none),
            "0,https://example.org/yard.jpg,ok,,,,,,,,,,coco,1080,864,jpeg,610995,0.1,3.2,6.9,3.4,13.7\n");
  EXPECT_EQ(encoder->rows(make_failure(make_http_status_error(404))),
            "1,https://example.org/404.jpg,error,,,,,,,http_status,the origin answered 404,404,,,,,,0.0,0.0,0.0,0.0,"
            "0.0\n");
}

TEST(CsvEncoder, LeavesCellsEmptyWhereNothingIsKnown) {
  ItemResult result = make_detection();
  auto& success = std::get<Success>(result.outcome);
  success.model = {};
  success.image = {};
  success.answer.predictions.pop_back();
  success.answer.predictions[0].box.reset();
  EXPECT_EQ(make_csv_encoder(Task::kDetect, 3)->rows(result),
            "0,https://example.org/yard.jpg,ok,dog,0.875,,,,,,,,,,,,,0.1,3.2,6.9,3.4,13.7\n");
}

TEST(CsvEncoder, NeutralisesFormulas) {
  for (const std::string formula : {"=1+1", "+1", "-1", "@SUM(A1)", "  =1+1"}) {
    const std::string row = make_csv_encoder(Task::kClassify, 1)->rows(make_success(formula));
    EXPECT_TRUE(row.starts_with("0,'" + formula + ",") || row.starts_with("0,\"'" + formula + "\",")) << row;
  }
  EXPECT_THAT(make_csv_encoder(Task::kClassify, 1)->rows(make_success("\t=1")), StartsWith("0,\\t=1,"));
}

TEST(CsvEncoder, LetsNoControlCharacterThrough) {
  const std::string row = make_csv_encoder(Task::kClassify, 1)->rows(make_success("https://a/\x1b[2J\r\nx"));
  EXPECT_THAT(row, StartsWith("0,https://a/\\x1b[2J\\x0d\\nx,ok"));
  EXPECT_EQ(std::ranges::count(row, '\n'), 1);
}

TEST(CsvEncoder, NeverWritesWhatIsNoNumber) {
  ItemResult result = make_success();
  std::get<Success>(result.outcome).answer.predictions[0].score = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THAT(make_csv_encoder(Task::kClassify, 1)->rows(result), Not(HasSubstr("nan")));
}

TEST(CsvEncoder, WhatItWritesIsAListThatCurlewReads) {
  std::mt19937 random(5);
  static constexpr std::string_view kBytes = "ab:/,;\"\"' \t\r\n\xc3\xa9\xff=+-@#";
  const auto encoder = make_csv_encoder(Task::kClassify, 3);
  std::string csv = encoder->header();
  std::vector<std::string> expected;
  for (int i = 0; i < 2'000; ++i) {
    std::string url = "x";
    for (auto length = random() % 20; length > 0; --length) url += kBytes[random() % kBytes.size()];
    csv += encoder->rows(make_success(url));
    expected.push_back(printable(url));
  }
  const auto entries = read_csv(csv);
  ASSERT_TRUE(entries);
  ASSERT_EQ(entries->size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ((*entries)[i].text, expected[i]);
    EXPECT_EQ((*entries)[i].problem, "");
  }
}

}  // namespace
}  // namespace curlew
