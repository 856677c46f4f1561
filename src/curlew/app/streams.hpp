#pragma once

#include <cstddef>
#include <iosfwd>

namespace curlew {

/// Where the program reads and writes; tests give it strings.
struct Streams {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  bool in_is_terminal = false;
  bool out_is_terminal = false;
  bool err_is_terminal = false;
  std::size_t err_width = 80;  ///< columns, where it is a terminal
  /// The process ends with the run, by _exit(): what the kernel takes down anyway need not be taken down before.
  bool ends_with_run = false;
};

}  // namespace curlew
