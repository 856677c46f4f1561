#pragma once

#include <cstddef>
#include <filesystem>
#include <vector>

#include "curlew/base/byte_count.hpp"
#include "curlew/base/result.hpp"

namespace curlew {

/// The size of the regular file at `path`, which is not opened for this.
///
/// Errors: kUrlInvalid where it is not there, no regular file, or not to be looked at; kTooLarge above `limit`. No
///         message holds the path.
Result<ByteCount> local_file_size(const std::filesystem::path& path, ByteCount limit);

/// The bytes of the regular file at `path`. Pipes, devices and sockets are never opened or waited for.
///
/// Errors: as of local_file_size; kTooLarge also where it grows above `limit` meanwhile.
/// Cost:   blocks for the disk.
Result<std::vector<std::byte>> read_local_file(const std::filesystem::path& path, ByteCount limit);

}  // namespace curlew
