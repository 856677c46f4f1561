#pragma once

#include <cstddef>
#include <string>

namespace curlew {

struct Progress {
  std::size_t done = 0;  ///< failed ones included
  std::size_t total = 0;
  std::size_t failed = 0;
};

/// One line for a terminal of `width` columns, at most width - 1 of them, without a line end; "" where there is no
/// room.
///
///     ██████████████░░░░░░░░░░  117/200  58 %  3 failed
std::string progress_line(const Progress& progress, std::size_t width);

}  // namespace curlew
