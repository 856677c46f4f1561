#include "curlew/fetch/download_body.hpp"

#include <fmt/format.h>

#include <charconv>
#include <string_view>
#include <utility>

namespace curlew {
namespace {

/// Takes a number off the front of `text`.
std::optional<ByteCount> take_number(std::string_view& text) {
  ByteCount value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

bool take(std::string_view& text, std::string_view expected) {
  if (!text.starts_with(expected)) return false;
  text.remove_prefix(expected.size());
  return true;
}

}  // namespace

std::optional<ContentRange> parse_content_range(std::string_view text) {
  if (!take(text, "bytes ")) return std::nullopt;
  const auto first = take_number(text);
  if (!first || !take(text, "-")) return std::nullopt;
  const auto last = take_number(text);
  if (!last || *last < *first || !take(text, "/")) return std::nullopt;
  if (text == "*") return ContentRange{*first, std::nullopt};
  const auto total = take_number(text);
  if (!total || !text.empty() || *total <= *last) return std::nullopt;
  return ContentRange{*first, total};
}

std::string DownloadBody::range() const { return request_.offset == 0 ? "" : fmt::format("{}-", request_.offset); }

bool DownloadBody::wants(int status) const { return status == 200 || (status == 206 && request_.offset > 0); }

Result<Body::Room> DownloadBody::begin(const AnswerHead& head) {
  std::optional<ByteCount> total = head.length;
  if (head.status == 206) {
    const auto range = parse_content_range(head.content_range);
    if (!range || range->first != request_.offset) return tl::make_unexpected(make_http_status_error(head.status));
    total = range->total;
    if (!total && head.length) total = request_.offset + *head.length;
    end_ = request_.offset;
  }
  if (total.value_or(0) > request_.max_bytes) {
    return failure(ErrorCode::kTooLarge,
                   fmt::format("the file has more than the {} bytes allowed", request_.max_bytes));
  }
  if (auto begun = sink_.begin(end_, total); !begun) return tl::make_unexpected(std::move(begun.error()));
  return Room::kReady;
}

Result<void> DownloadBody::write(std::span<const std::byte> bytes) {
  if (end_ > request_.max_bytes || bytes.size() > request_.max_bytes - end_) {
    return failure(ErrorCode::kTooLarge,
                   fmt::format("the file has more than the {} bytes allowed", request_.max_bytes));
  }
  end_ += bytes.size();
  return sink_.write(bytes);
}

}  // namespace curlew
