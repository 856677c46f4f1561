#include "curlew/publish/text_encoder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/publish/results.hpp"

namespace curlew {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(TextEncoder, ShowsTheUrlTheBestLabelAndTheOthers) {
  EXPECT_EQ(encode_text(make_success(), Colour::kOff),
            "https://example.org/bird.jpg\n"
            "   83.2 %  Phalacrocorax varius varius  (fetch 3.2, decode 6.9, infer 3.4 ms)\n"
            "           or Microcarbo, the \"little\" 5.1 %\n");
}

TEST(TextEncoder, ShowsAnErrorWithItsCode) {
  EXPECT_EQ(encode_text(make_failure(make_http_status_error(404)), Colour::kOff),
            "https://example.org/404.jpg\n   ✗ http_status: the origin answered 404\n");
}

TEST(TextEncoder, ShowsTheBackgroundAsSuch) {
  ItemResult result = make_success();
  std::get<Success>(result.outcome).answer.background_score = 0.875F;
  const std::string text = encode_text(result, Colour::kOff);
  EXPECT_THAT(text, HasSubstr("   87.5 %  background: none of the labels"));
  EXPECT_THAT(text, HasSubstr("or Phalacrocorax varius varius 83.2 %, Microcarbo"));
}

TEST(TextEncoder, SaysWhereThereIsNoAnswer) {
  ItemResult result = make_success();
  std::get<Success>(result.outcome).answer.predictions.clear();
  EXPECT_THAT(encode_text(result, Colour::kOff), HasSubstr("nothing found"));
}

TEST(TextEncoder, GivesEachObjectALineWithItsCorners) {
  EXPECT_EQ(encode_text(make_detection(), Colour::kOff),
            "https://example.org/yard.jpg\n"
            "   87.5 %  dog  131,220 – 309,541  (fetch 3.2, decode 6.9, infer 3.4 ms)\n"
            "   50.0 %  bottle, \"small\"  0,0 – 9,1\n");
}

TEST(TextEncoder, ShowsNoTimesOfAServiceThatDoesNotTellThem) {
  ItemResult result = make_detection();
  result.timings = {};
  EXPECT_THAT(encode_text(result, Colour::kOn), HasSubstr("dog\x1b[0m  131,220 – 309,541\n"));
  std::get<Success>(result.outcome).answer.predictions.clear();
  EXPECT_EQ(encode_text(result, Colour::kOff), "https://example.org/yard.jpg\n           nothing found\n");
}

TEST(TextEncoder, AnObjectWithoutItsBoxIsShownAsAName) {
  ItemResult result = make_detection();
  std::get<Success>(result.outcome).answer.predictions[1].box.reset();
  EXPECT_THAT(encode_text(result, Colour::kOff), HasSubstr("or bottle, \"small\" 50.0 %"));
}

TEST(TextEncoder, ColoursOnlyWhereAsked) {
  EXPECT_THAT(encode_text(make_success(), Colour::kOff), Not(HasSubstr("\x1b")));
  EXPECT_THAT(encode_text(make_success(), Colour::kOn), HasSubstr("\x1b[32mPhalacrocorax varius varius\x1b[0m"));
}

TEST(TextEncoder, NothingHostileDrivesTheTerminal) {
  const std::string hostile = "x\x1b]0;owned\x07\x1b[2J\r\n\xc2\x9b";
  ItemResult success = make_success(hostile);
  std::get<Success>(success.outcome).answer.predictions[0].label = hostile;
  std::get<Success>(success.outcome).answer.predictions[1].label = hostile;
  const ItemResult failure = make_failure(make_error(ErrorCode::kInternal, hostile), hostile);
  for (const std::string& text : {encode_text(success, Colour::kOff), encode_text(failure, Colour::kOff)}) {
    for (const char* bytes : {"\x1b", "\x07", "\r", "\xc2\x9b"}) EXPECT_THAT(text, Not(HasSubstr(bytes)));
  }
  EXPECT_EQ(std::ranges::count(encode_text(success, Colour::kOff), '\n'), 3);
}

}  // namespace
}  // namespace curlew
