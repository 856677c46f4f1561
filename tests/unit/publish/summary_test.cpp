#include "curlew/publish/summary.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/publish/results.hpp"

namespace curlew {
namespace {

using testing::HasSubstr;
using testing::Not;

RunSummary make_summary() {
  RunSummary summary{.total = 7, .total_ms = 1240, .model_ms = 210};
  summary.add(make_success());
  summary.add(make_success());
  summary.add(make_failure(make_http_status_error(404)));
  summary.add(make_failure(make_http_status_error(500)));
  summary.add(make_failure(make_error(ErrorCode::kNotAnImage, "")));
  summary.add(make_failure(make_error(ErrorCode::kCancelled, "")));
  return summary;
}

TEST(RunSummary, CountsEveryItemOnce) {
  const RunSummary summary = make_summary();
  EXPECT_EQ(summary.ok, 2U);
  EXPECT_EQ(summary.failed(), 3U);
  EXPECT_EQ(summary.not_done(), 2U) << "the cancelled one and the one without a result";
  EXPECT_EQ(summary.ok + summary.failed() + summary.not_done(), summary.total);
  EXPECT_DOUBLE_EQ(summary.sums.decode_ms, 13.8);
}

TEST(SummaryText, SaysHowManyHowLongAndWhere) {
  EXPECT_EQ(summary_text(make_summary(), Colour::kOff),
            "7 pictures: 2 ok, 3 failed (http_status 2, not_an_image 1), 2 not done\n"
            "1.24 s in all: model 210 ms, pictures after it 1.03 s · 4.0 pictures/s\n"
            "summed over the pictures, which overlap: fetch 6 ms, decode 14 ms, infer 7 ms\n");
}

TEST(SummaryText, SpeaksOfADownloadWhereThereWasOne) {
  RunSummary summary = make_summary();
  EXPECT_THAT(summary_text(summary, Colour::kOff), Not(HasSubstr("download")));
  summary.total_ms = 125'000;
  summary.model_ms = 61'000;
  summary.model_download_ms = 60'100;
  EXPECT_THAT(summary_text(summary, Colour::kOff),
              HasSubstr("2 min 5 s in all: model 1 min 1 s (1 min 0 s of it download), pictures after it 1 min 4 s"));
}

TEST(SummaryText, OfNothingHasNoRates) {
  EXPECT_EQ(summary_text({}, Colour::kOff), "0 pictures: 0 ok, 0 failed\n0 ms in all\n");
}

TEST(SummaryText, LeavesOutTimesOfWhichNothingIsKnown) {
  RunSummary summary{.total = 1, .total_ms = 500};
  ItemResult result = make_success();
  result.timings = {};
  summary.add(result);
  EXPECT_EQ(summary_text(summary, Colour::kOff), "1 picture: 1 ok, 0 failed\n500 ms in all · 2.0 pictures/s\n");
}

TEST(SummaryText, ColoursOnlyWhereAsked) {
  EXPECT_THAT(summary_text(make_summary(), Colour::kOff), Not(HasSubstr("\x1b")));
  EXPECT_THAT(summary_text(make_summary(), Colour::kOn), HasSubstr("\x1b[31m3 failed\x1b[0m"));
}

}  // namespace
}  // namespace curlew
