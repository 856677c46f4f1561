#include "unit/infer/fake_downloader.hpp"

#include <algorithm>

namespace curlew::test {

Result<void> FakeDownloader::download(const DownloadRequest& request, DownloadSink& sink) {
  FakeFile file;
  bool breaks = false;
  {
    const std::scoped_lock lock(mutex_);
    requests.push_back(request);
    const auto entry = files.find(request.url);
    if (entry == files.end()) return tl::make_unexpected(make_http_status_error(404));
    file = entry->second;
    breaks = entry->second.break_off_at.has_value();
    entry->second.break_off_at.reset();
  }
  if (on_request) on_request(request);
  if (request.stop.stop_requested()) return failure(ErrorCode::kCancelled, "cancelled");
  if (file.error) return tl::make_unexpected(*file.error);
  const std::size_t from = file.resumes ? request.offset : 0;
  const std::size_t to = breaks ? *file.break_off_at : file.body.size();
  if (const auto begun = sink.begin(from, file.body.size()); !begun) return begun;
  constexpr std::size_t kPiece = 7;
  for (std::size_t at = from; at < to; at += kPiece) {
    const auto piece = std::span(file.body).subspan(at, std::min(kPiece, to - at));
    if (const auto written = sink.write(std::as_bytes(piece)); !written) return written;
  }
  if (breaks) return failure(ErrorCode::kTruncated, "the origin broke off");
  return {};
}

}  // namespace curlew::test
