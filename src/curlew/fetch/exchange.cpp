// The part of a Transfer that libcurl calls: one request and its answer.

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <new>
#include <utility>

#include "curlew/base/log.hpp"
#include "curlew/fetch/transfer.hpp"

namespace curlew {
namespace {

/// Of one answer, interim answers and trailers included; what is longer is no answer but an attack.
constexpr ByteCount kMaxHeadBytes = 64 * kKiB;
/// The body of a redirect or an error is read up to here, since a connection that is read to its end can be used again.
constexpr ByteCount kMaxDroppedBytes = 16 * kKiB;

std::optional<ByteCount> parse_length(const std::string& text) {
  ByteCount length = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return length;
}

Error unforeseen() {
  return make_error(ErrorCode::kInternal, "the transfer failed for a reason of our own; the log has more");
}

}  // namespace

bool Transfer::set_up_exchange(std::span<const IpAddress> addresses) {
  head_ = {};
  body_state_ = BodyState::kNone;
  paused_ = dialled_refused_ = went_well_ = false;
  head_bytes_ = dropped_bytes_ = 0;
  stopped_by_.reset();

  easy_ = shared_.handles.take();
  pins_ = url_.host_is_address() ? nullptr : make_slist(pin(url_, addresses));
  if (!easy_ || (!pins_ && !url_.host_is_address())) return false;
  EasyOptions easy(easy_.get());
  set_url_options(easy, url_);
  easy.set(CURLOPT_RESOLVE, pins_.get());
  const std::string range = body_.range();
  easy.set(CURLOPT_RANGE, range.empty() ? nullptr : range.c_str());
  easy.set(CURLOPT_PRIVATE, static_cast<void*>(this));
  easy.set(CURLOPT_HEADERFUNCTION, &Transfer::header_callback);
  easy.set(CURLOPT_HEADERDATA, static_cast<void*>(this));
  easy.set(CURLOPT_WRITEFUNCTION, &Transfer::write_callback);
  easy.set(CURLOPT_WRITEDATA, static_cast<void*>(this));
  easy.set(CURLOPT_OPENSOCKETFUNCTION, &Transfer::open_socket_callback);
  easy.set(CURLOPT_OPENSOCKETDATA, static_cast<void*>(this));
  return easy.all_taken();
}

std::string Transfer::header(const char* name) const {
  curl_header* found = nullptr;
  if (curl_easy_header(easy_.get(), name, 0, CURLH_HEADER, -1, &found) != CURLHE_OK) return {};
  return found->value;
}

bool Transfer::on_header_line(std::string_view line) {
  head_bytes_ += line.size();
  if (head_bytes_ > kMaxHeadBytes) {
    stopped_by_ = make_error(ErrorCode::kTooLarge, "the head of the origin's answer is too long");
    return false;
  }
  if (body_state_ != BodyState::kNone) return true;  // a trailer
  if (line == "\r\n" || line == "\n") on_head_complete();
  return !stopped_by_;
}

void Transfer::on_head_complete() {
  long status = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
  if (status < 200) return;  // an interim answer; the real one follows
  head_.status = static_cast<int>(status);
  head_.content_range = header("Content-Range");
  if (header("Transfer-Encoding").empty()) head_.length = parse_length(header("Content-Length"));
  if (!body_.wants(head_.status)) {
    body_state_ = BodyState::kDropped;
    return;
  }
  const bool others_wait = !shared_.waiting_for_room.empty();
  const Result<Body::Room> room = others_wait ? Body::Room::kNone : body_.begin(head_);
  if (!room) {
    stopped_by_ = room.error();
  } else if (*room == Body::Room::kNone) {
    body_state_ = BodyState::kNoRoom;
    waits_since_ = now();
    shared_.waiting_for_room.push_back(this);
  } else {
    body_state_ = BodyState::kTaken;
  }
}

std::size_t Transfer::on_bytes(std::span<const std::byte> bytes) {
  switch (body_state_) {
    case BodyState::kNoRoom:
      paused_ = true;
      return CURL_WRITEFUNC_PAUSE;
    case BodyState::kTaken:
      if (auto written = body_.write(bytes); !written) {
        stopped_by_ = std::move(written.error());
        return 0;
      }
      return bytes.size();
    case BodyState::kDropped:
      dropped_bytes_ += bytes.size();
      return std::max(dropped_bytes_, head_.length.value_or(0)) > kMaxDroppedBytes ? 0 : bytes.size();
    case BodyState::kNone:
      break;
  }
  return 0;  // a body without a head: not HTTP
}

// Exceptions must not cross libcurl, which is C.
std::size_t Transfer::header_callback(char* line, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<Transfer*>(self);
  try {
    return transfer.on_header_line(std::string_view(line, size * count)) ? size * count : 0;
  } catch (const std::exception& e) {
    log_error("reading the head of an answer: {}", e.what());
    transfer.stopped_by_ = unforeseen();
    return 0;
  }
}

std::size_t Transfer::write_callback(char* bytes, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<Transfer*>(self);
  try {
    return transfer.on_bytes(std::as_bytes(std::span(bytes, size * count)));
  } catch (const std::exception& e) {
    log_error("keeping the body of an answer: {}", e.what());
    transfer.stopped_by_ = unforeseen();
    return 0;
  }
}

curl_socket_t Transfer::open_socket_callback(void* self, curlsocktype purpose, curl_sockaddr* address) {
  auto& transfer = *static_cast<Transfer*>(self);
  const auto fd = purpose == CURLSOCKTYPE_IPCXN ? open_allowed_socket(transfer.shared_.policy, *address) : std::nullopt;
  if (!fd) transfer.dialled_refused_ = true;
  return fd.value_or(CURL_SOCKET_BAD);
}

}  // namespace curlew
