#include "curlew/app/result_printer.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <sstream>

namespace curlew {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

ItemResult named(std::uint32_t index, const std::string& label) {
  ItemResult result{.batch = "b",
                    .index = index,
                    .url = "http://a.example/" + std::to_string(index),
                    .outcome = Success{},
                    .timings = {}};
  std::get<Success>(result.outcome)
      .answer.predictions.push_back({.index = 1, .label = label, .score = 0.5F, .box = {}});
  return result;
}

ItemResult failed(std::uint32_t index, ErrorCode code) {
  return {.batch = "b", .index = index, .url = "u", .outcome = make_error(code, "why"), .timings = {}};
}

std::ptrdiff_t lines(const std::string& text) { return std::count(text.begin(), text.end(), '\n'); }

struct Printing {
  explicit Printing(OutputFormat format, bool model_found = true) {
    ready.set_value(model_found);
    printer.emplace(ResultPrinter::Options{.format = format, .top = 3, .total = 3}, line, ready.get_future().share(),
                    [this] { ++write_failures; });
  }
  std::istringstream in;
  std::ostringstream out;
  std::ostringstream err;
  Streams streams{.in = in, .out = out, .err = err};
  StatusLine line{streams, false};
  std::promise<bool> ready;
  int write_failures = 0;
  std::optional<ResultPrinter> printer;
};

TEST(ResultPrinter, NdjsonIsThereAtOnceAndInTheOrderOfCompletion) {
  Printing p(OutputFormat::kNdjson);
  p.printer->deliver(named(2, "late"));
  EXPECT_THAT(p.out.str(), StartsWith(R"({"index":2)"));
  p.printer->deliver(named(0, "early"));
  p.printer->finish(p.printer->counts());
  EXPECT_EQ(lines(p.out.str()), 2);
  EXPECT_EQ(p.err.str(), "") << "no bar where there is no terminal";
}

TEST(ResultPrinter, JsonIsOneObjectInTheOrderOfTheList) {
  Printing p(OutputFormat::kJson);
  p.printer->deliver(named(2, "second"));
  p.printer->deliver(named(0, "first"));
  EXPECT_EQ(p.out.str(), "");
  p.printer->finish(p.printer->counts());
  EXPECT_LT(p.out.str().find("first"), p.out.str().find("second"));
}

TEST(ResultPrinter, CsvHasOneHeaderEvenWithoutResults) {
  Printing p(OutputFormat::kCsv);
  p.printer->finish(p.printer->counts());
  EXPECT_THAT(p.out.str(), StartsWith("index,url,status,label"));
  Printing q(OutputFormat::kCsv);
  q.printer->deliver(named(0, "a"));
  q.printer->deliver(named(1, "b"));
  q.printer->finish(q.printer->counts());
  EXPECT_EQ(lines(q.out.str()), 3);
}

TEST(ResultPrinter, CancelledItemsAreCountedAndNotWritten) {
  Printing p(OutputFormat::kText);
  p.printer->deliver(failed(0, ErrorCode::kCancelled));
  EXPECT_EQ(p.out.str(), "");
  EXPECT_EQ(p.printer->counts().not_done(), 3U);
  p.printer->deliver(failed(1, ErrorCode::kTimeout));
  EXPECT_THAT(p.out.str(), HasSubstr("timeout"));
  EXPECT_EQ(p.printer->counts().failed(), 1U);
}

TEST(ResultPrinter, WithoutItsModelNothingIsWritten) {
  Printing p(OutputFormat::kText, false);
  p.printer->deliver(failed(0, ErrorCode::kHttpStatus));
  EXPECT_EQ(p.out.str(), "");
}

TEST(ResultPrinter, TellsOnceThatStdoutTakesNoMore) {
  Printing p(OutputFormat::kNdjson);
  p.out.setstate(std::ios::badbit);
  p.printer->deliver(named(0, "a"));
  p.printer->deliver(named(1, "b"));
  EXPECT_TRUE(p.printer->write_failed());
  EXPECT_EQ(p.write_failures, 1);
}

}  // namespace
}  // namespace curlew
