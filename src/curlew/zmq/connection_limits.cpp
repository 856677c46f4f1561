#include "curlew/zmq/connection_limits.hpp"

namespace curlew {
namespace {

/// The greeting makes what came more than what was delivered, and a reply may be counted before or after its bytes.
ByteCount beyond(ByteCount more, ByteCount less) { return more > less ? more - less : 0; }

}  // namespace

std::string_view reason_to_cut(const Traffic& traffic, const ConnectionLimits& limits) {
  if (traffic.taken > limits.taken) return "it sent more than subscriptions need";
  if (beyond(traffic.taken, traffic.delivered) > limits.held) return "it sent much that is no whole request";
  if (beyond(traffic.sent, traffic.acked) > limits.unread) return "it does not read its replies";
  return {};
}

}  // namespace curlew
