#include "curlew/zmq/request_turns.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace curlew {
namespace {

/// A frame's own object counts too: a message may be ten thousand empty frames.
ByteCount cost_of(const Request& request) {
  ByteCount bytes = sizeof(Request);
  for (const Frames* frames : {&request.envelope, &request.body}) {
    for (const std::string& frame : *frames) bytes += sizeof(std::string) + frame.size();
  }
  return bytes;
}

}  // namespace

std::optional<Request> split_envelope(Frames message) {
  if (message.empty()) return std::nullopt;
  // The first frame names the client, and is never empty.
  const auto empty = std::find(message.begin() + 1, message.end(), std::string());
  if (empty == message.end()) return std::nullopt;
  Request request;
  request.body.assign(std::make_move_iterator(empty + 1), std::make_move_iterator(message.end()));
  message.erase(empty + 1, message.end());
  request.envelope = std::move(message);
  return request;
}

std::optional<Request> RequestTurns::arrived(Request request) {
  const auto [place, is_first] = waiting_.try_emplace(request.client());
  if (is_first) return request;
  waiting_bytes_ += cost_of(request);
  place->second.push_back(std::move(request));
  return std::nullopt;
}

std::optional<Request> RequestTurns::done(const std::string& client) {
  const auto place = waiting_.find(client);
  if (place == waiting_.end()) return std::nullopt;
  if (place->second.empty()) {
    waiting_.erase(place);
    return std::nullopt;
  }
  Request next = std::move(place->second.front());
  place->second.pop_front();
  waiting_bytes_ -= cost_of(next);
  return next;
}

}  // namespace curlew
