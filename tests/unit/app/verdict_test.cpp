#include "curlew/app/verdict.hpp"

#include <gmock/gmock.h>

namespace curlew {
namespace {

using testing::HasSubstr;

SelfTestAnswer answer(int index, float score, std::optional<std::string> fault = std::nullopt) {
  SelfTestAnswer made;
  made.test.top = 499;
  made.test.score = 0.63F;
  made.test.tolerance = 0.3F;
  made.index = index;
  made.label = "Fregata magnificens";
  made.score = score;
  made.fault = std::move(fault);
  return made;
}

TEST(Verdict, SaysWhatCameOutBesideWhatWasExpected) {
  const auto verdict = judge_answers("birds", {.answers = {answer(499, 0.54F), answer(499, 0.6F)}, .precision = {}});
  EXPECT_EQ(verdict.status, ExitStatus::kOk);
  EXPECT_EQ(verdict.line,
            "birds: computes as it should on this machine: class 499 (Fregata magnificens) 0.54, expected 0.63 ± 0.30; "
            "class 499 (Fregata magnificens) 0.60, expected 0.63 ± 0.30");
}

TEST(Verdict, OneWrongAnswerIsEnough) {
  const auto verdict = judge_answers(
      "birds",
      {.answers = {answer(499, 0.54F), answer(7, 0.9F, "it answered class 7 instead of 499")}, .precision = {}});
  EXPECT_EQ(verdict.status, ExitStatus::kSomeFailed);
  EXPECT_THAT(verdict.line, HasSubstr("birds: computes wrongly on this machine"));
  EXPECT_THAT(verdict.line, HasSubstr("expected class 499 with 0.63 ± 0.30 [it answered class 7 instead of 499]"));
}

TEST(Verdict, NumbersThatAreNoneHaveNoClass) {
  SelfTestAnswer nan = answer(0, 0, "it gave numbers that are not finite");
  nan.index = std::nullopt;
  const auto verdict = judge_answers("birds", {.answers = {nan}, .precision = Precision::kF32});
  EXPECT_EQ(verdict.status, ExitStatus::kSomeFailed);
  EXPECT_THAT(verdict.line, testing::AllOf(HasSubstr(": it gave numbers that are not finite"), HasSubstr("in f32")));
}

TEST(Verdict, AMissingFileIsAFaultOfAModelThatWasAskedFor) {
  const FileCheck ok{.name = "a", .state = FileState::kOk, .path = {}, .sha256 = {}};
  const FileCheck missing{.name = "b", .state = FileState::kMissing, .path = {}, .sha256 = {}};
  const FileCheck differs{.name = "c", .state = FileState::kDiffers, .path = {}, .sha256 = {}};
  EXPECT_EQ(judge_files({ok, ok}, false, Asked::kByName), ExitStatus::kOk);
  EXPECT_EQ(judge_files({ok, missing}, true, Asked::kByName), ExitStatus::kSomeFailed);
  EXPECT_EQ(judge_files({ok, missing}, true, Asked::kAmongAll), ExitStatus::kOk);
  EXPECT_EQ(judge_files({ok, missing}, false, Asked::kAmongAll), ExitStatus::kSomeFailed);
  EXPECT_EQ(judge_files({missing, missing}, false, Asked::kAmongAll), ExitStatus::kOk);
  EXPECT_EQ(judge_files({missing, missing}, false, Asked::kByName), ExitStatus::kSomeFailed);
  EXPECT_EQ(judge_files({ok, differs}, true, Asked::kAmongAll), ExitStatus::kSomeFailed);
}

}  // namespace
}  // namespace curlew
