#include "curlew/app/verdict.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace curlew {
namespace {

std::string expectation(const CardSelfTest& test, int index) {
  if (!test.top) return "no class is expected";
  const std::string other = *test.top == index ? "" : fmt::format("class {} with ", *test.top);
  return fmt::format("expected {}{:.2f} ± {:.2f}", other, test.score, test.tolerance);
}

std::string text_of(const SelfTestAnswer& answer) {
  std::string fault = answer.fault.value_or("");
  if (!answer.index) return fault.empty() ? "nothing found, nothing is expected" : fault;
  auto said = fmt::format("class {} ({}) {:.2f}, {}", *answer.index, answer.label, answer.score,
                          expectation(answer.test, *answer.index));
  return fault.empty() ? said : fmt::format("{} [{}]", said, fault);
}

}  // namespace

ExitStatus judge_files(const std::vector<FileCheck>& checks, bool can_be_downloaded, Asked asked) {
  const auto is = [](FileState state) { return [state](const FileCheck& check) { return check.state == state; }; };
  if (std::ranges::any_of(checks, is(FileState::kDiffers))) return ExitStatus::kSomeFailed;
  if (std::ranges::none_of(checks, is(FileState::kMissing))) return ExitStatus::kOk;
  const bool not_here = std::ranges::all_of(checks, is(FileState::kMissing));
  const bool excused = asked == Asked::kAmongAll && (not_here || can_be_downloaded);
  return excused ? ExitStatus::kOk : ExitStatus::kSomeFailed;
}

Verdict judge_answers(const std::string& model, const SelfTestReport& report) {
  const bool right = std::ranges::none_of(report.answers, [](const auto& answer) { return answer.fault.has_value(); });
  std::string line = fmt::format("{}: computes {} on this machine", model, right ? "as it should" : "wrongly");
  if (report.precision == Precision::kF32) line += " (in f32; in the device's own precision it does not)";
  std::string separator = ": ";
  for (const SelfTestAnswer& answer : report.answers) {
    line += separator + text_of(answer);
    separator = "; ";
  }
  return {.line = line, .status = right ? ExitStatus::kOk : ExitStatus::kSomeFailed};
}

}  // namespace curlew
