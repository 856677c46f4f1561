#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <stop_token>
#include <string>

#include "curlew/base/byte_count.hpp"
#include "curlew/base/result.hpp"

namespace curlew {

/// A file to be downloaded: a model's, not a picture.
struct DownloadRequest {
  std::string url;
  ByteCount offset = 0;     ///< the bytes of it that are here already
  ByteCount max_bytes = 0;  ///< more than this, offset included, ends as kTooLarge
  std::stop_token stop;     ///< ends it as kCancelled
};

/// Takes a download piece by piece.
class DownloadSink {
 public:
  DownloadSink() = default;
  DownloadSink(const DownloadSink&) = delete;
  DownloadSink& operator=(const DownloadSink&) = delete;
  virtual ~DownloadSink() = default;

  /// Once, before the first bytes: they begin at `offset`, which is the request's or, where the origin cannot resume,
  /// 0. `total` is the whole file's size where the origin told it. An error ends the download with it.
  virtual Result<void> begin(ByteCount offset, std::optional<ByteCount> total) = 0;
  virtual Result<void> write(std::span<const std::byte> bytes) = 0;
};

/// Brings large files under the same guard as pictures: URL and address policy, redirects checked, TLS verified.
///
/// Errors: as of a Fetcher. Threads: any; blocks until the download has ended.
class Downloader {
 public:
  Downloader() = default;
  Downloader(const Downloader&) = delete;
  Downloader& operator=(const Downloader&) = delete;
  virtual ~Downloader() = default;

  virtual Result<void> download(const DownloadRequest& request, DownloadSink& sink) = 0;
};

}  // namespace curlew
