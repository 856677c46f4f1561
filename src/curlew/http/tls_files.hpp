#pragma once

#include <string>

#include "curlew/base/byte_count.hpp"
#include "curlew/base/result.hpp"
#include "curlew/http/http_options.hpp"

namespace curlew {

/// What the two files hold.
struct TlsPem {
  std::string certificate;  ///< and the chain behind it
  std::string key;
};

inline constexpr ByteCount kTlsFileBytes = kMiB;  ///< no chain is longer

/// Reads both.
///
/// Errors: a sentence for whoever runs the server: one of them is not named, is not there, may not be read, or is too
///         large.
Result<TlsPem, std::string> read_tls_files(const TlsFiles& files);

}  // namespace curlew
