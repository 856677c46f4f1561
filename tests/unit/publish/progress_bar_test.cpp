#include "curlew/publish/progress_bar.hpp"

#include <gtest/gtest.h>

namespace curlew {
namespace {

/// Columns of text whose every character is one wide.
std::size_t columns(const std::string& text) {
  std::size_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xc0U) != 0x80 ? 1 : 0;
  return count;
}

TEST(ProgressLine, ShowsHowFarItIs) {
  EXPECT_EQ(progress_line({.done = 5, .total = 10, .failed = 0}, 25), "█████░░░░░   5/10   50 %");
  EXPECT_EQ(progress_line({.done = 10, .total = 10, .failed = 3}, 35), "██████████  10/10  100 %  3 failed");
}

TEST(ProgressLine, NeverFillsTheTerminal) {
  for (std::size_t width = 0; width < 200; ++width) {
    const std::string line = progress_line({.done = 117, .total = 200, .failed = 3}, width);
    EXPECT_LT(columns(line), std::max<std::size_t>(width, 1)) << width;
  }
}

TEST(ProgressLine, LeavesTheBarOutWhereThereIsNoRoom) {
  EXPECT_EQ(progress_line({.done = 5, .total = 10, .failed = 0}, 16), " 5/10   50 %");
  EXPECT_EQ(progress_line({.done = 5, .total = 10, .failed = 0}, 10), "");
}

TEST(ProgressLine, CopesWithNothingAndWithTooMuch) {
  EXPECT_EQ(progress_line({.done = 0, .total = 0, .failed = 0}, 20), "███████  0/0  100 %");
  EXPECT_EQ(progress_line({.done = 9, .total = 3, .failed = 0}, 14), "3/3  100 %");
}

}  // namespace
}  // namespace curlew
