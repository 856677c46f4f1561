#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "curlew/core/download.hpp"

namespace curlew::test {

/// What the fake origin has under one URL, and how it misbehaves.
struct FakeFile {
  std::string body;
  bool resumes = true;                      ///< else it sends everything from the start, whatever is asked
  std::optional<std::size_t> break_off_at;  ///< drops the connection there, once
  std::optional<Error> error;               ///< answers with this instead
};

/// A Downloader over strings, which remembers what it was asked.
class FakeDownloader final : public Downloader {
 public:
  Result<void> download(const DownloadRequest& request, DownloadSink& sink) override;

  std::map<std::string, FakeFile> files;
  std::function<void(const DownloadRequest&)> on_request;  ///< called first, from the downloading thread
  std::vector<DownloadRequest> requests;

 private:
  std::mutex mutex_;
};

}  // namespace curlew::test
