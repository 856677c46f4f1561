#include "curlew/publish/progress_bar.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace curlew {
namespace {

constexpr std::size_t kLongestBar = 40;  // longer ones say no more
constexpr std::size_t kShortestBar = 5;

std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

}  // namespace

std::string progress_line(const Progress& progress, std::size_t width) {
  const std::size_t done = std::min(progress.done, progress.total);
  const std::size_t percent = progress.total == 0 ? 100 : done * 100 / progress.total;
  // As wide as it will ever be, so that nothing moves.
  const auto digits = fmt::formatted_size("{}", progress.total);
  std::string text = fmt::format("{:>{}}/{}  {:>3} %", done, digits, progress.total, percent);
  if (progress.failed > 0) text += fmt::format("  {} failed", progress.failed);
  const std::size_t room = width > 0 ? width - 1 : 0;  // a full line would wrap
  if (text.size() > room) return {};
  if (text.size() + 2 + kShortestBar > room) return text;
  const std::size_t bar = std::min(kLongestBar, room - text.size() - 2);
  const std::size_t filled = progress.total == 0 ? bar : done * bar / progress.total;
  return fmt::format("{}{}  {}", repeated("█", filled), repeated("░", bar - filled), text);
}

}  // namespace curlew
