#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "curlew/base/result.hpp"

namespace curlew {

/// The address of somebody who connects.
///
/// Shape: in the order of the wire; an IPv4 one as ::ffff:a.b.c.d, so that a client is the same on either socket.
using PeerAddress = std::array<std::uint8_t, 16>;

/// Reads "192.0.2.1" or "2001:db8::1"; nothing where it is neither.
std::optional<PeerAddress> parse_peer(std::string_view text);

/// "192.0.2.1" or "2001:db8::1".
std::string to_text(const PeerAddress& address);

bool is_loopback(const PeerAddress& address);

/// The proxies in front of the service.
///
/// Threads: any; it never changes.
class TrustedProxies {
 public:
  TrustedProxies() = default;

  /// Reads `trusted_proxies`: networks ("10.0.0.0/8") and addresses.
  ///
  /// Errors: a sentence about the first entry that is neither.
  static Result<TrustedProxies, std::string> parse(std::span<const std::string> networks);

  bool contains(const PeerAddress& address) const;

 private:
  struct Network {
    PeerAddress first{};
    int bits = 128;
  };
  std::vector<Network> networks_;
};

/// Who sent a request: the peer, unless that is a trusted proxy; then the last address of `X-Forwarded-For` (its lines
/// in their order) that is no trusted proxy. What stands before is the client's own claim.
PeerAddress client_address(const PeerAddress& peer, std::span<const std::string_view> forwarded_for,
                           const TrustedProxies& proxies);

}  // namespace curlew
