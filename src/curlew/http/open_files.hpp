#pragma once

#include <cstddef>

namespace curlew {

/// Raises the soft limit of open files to `wanted`, as far as the hard limit lets it; it is never lowered.
///
/// Returns: the soft limit that is in force now.
std::size_t raise_open_files(std::size_t wanted);

}  // namespace curlew
