#include "curlew/http/client_rate.hpp"

#include <algorithm>

namespace curlew {
namespace {

PeerAddress network_of(PeerAddress client) {
  constexpr std::size_t kNetworkBytes = 8;
  const bool v4 = std::all_of(client.begin(), client.begin() + 10, [](auto byte) { return byte == 0; });
  if (!v4) std::fill(client.begin() + kNetworkBytes, client.end(), std::uint8_t{0});
  return client;
}

}  // namespace

ClientRate::ClientRate(double per_s, std::size_t max_clients)
    : per_s_(per_s), depth_(std::max(per_s, 1.0)), max_clients_(std::max<std::size_t>(max_clients, 1)) {}

ClientRate::Bucket& ClientRate::bucket_of(const PeerAddress& client, TimePoint time) {
  const auto found = by_client_.find(client);
  if (found != by_client_.end()) {
    buckets_.splice(buckets_.begin(), buckets_, found->second);
    return buckets_.front();
  }
  if (buckets_.size() >= max_clients_) {
    by_client_.erase(buckets_.back().client);
    buckets_.pop_back();
  }
  buckets_.push_front({.client = client, .tokens = depth_, .filled = time});
  by_client_.emplace(client, buckets_.begin());
  return buckets_.front();
}

std::optional<Duration> ClientRate::wait_for(const PeerAddress& client, TimePoint time) {
  if (per_s_ <= 0) return std::nullopt;
  Bucket& bucket = bucket_of(network_of(client), time);
  const double seconds = std::chrono::duration<double>(time - bucket.filled).count();
  bucket.tokens = std::min(depth_, bucket.tokens + seconds * per_s_);
  bucket.filled = time;
  if (bucket.tokens < 1) {
    return std::chrono::duration_cast<Duration>(std::chrono::duration<double>((1 - bucket.tokens) / per_s_));
  }
  bucket.tokens -= 1;
  return std::nullopt;
}

}  // namespace curlew
