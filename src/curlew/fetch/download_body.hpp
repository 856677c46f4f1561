#pragma once

#include "curlew/core/download.hpp"
#include "curlew/fetch/body.hpp"

namespace curlew {

/// Hands the body of a download on, from where the request or the origin lets it begin.
class DownloadBody : public Body {
 public:
  DownloadBody(const DownloadRequest& request, DownloadSink& sink) : request_(request), sink_(sink) {}

  std::string range() const override;
  bool wants(int status) const override;
  Result<Room> begin(const AnswerHead& head) override;
  Result<void> write(std::span<const std::byte> bytes) override;

 private:
  const DownloadRequest& request_;
  DownloadSink& sink_;
  ByteCount end_ = 0;  // of what has been written, counted from the file's beginning
};

/// What a 206 says: "bytes 100-199/200" begins at 100 of 200.
struct ContentRange {
  ByteCount first = 0;
  std::optional<ByteCount> total;  ///< nothing where the origin writes "*"
};

/// Source: RFC 9110, 14.4.
std::optional<ContentRange> parse_content_range(std::string_view text);

}  // namespace curlew
