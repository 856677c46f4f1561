#pragma once

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "curlew/base/result.hpp"

namespace curlew {

/// An IPv4 or IPv6 address, in the order of the wire.
///
/// Shape: an IPv4 address fills bytes 0-3, the others are zero.
struct IpAddress {
  enum class Family : std::uint8_t { kV4, kV6 };
  Family family = Family::kV4;
  std::array<std::uint8_t, 16> bytes{};

  friend bool operator==(const IpAddress&, const IpAddress&) = default;
};

/// The IPv4 address a.b.c.d.
IpAddress make_v4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d);

/// Reads "192.0.2.1" or "2001:db8::1" (no brackets, no zone, no other form); nothing where it is neither.
std::optional<IpAddress> parse_address(std::string_view text);

/// The address that a socket call is about; nothing where it is of another family.
std::optional<IpAddress> address_of(const sockaddr& address);

/// "192.0.2.1" or "2001:db8::1". Never for a message that a client sees.
std::string to_string(const IpAddress& address);

/// The addresses that share the first `prefix_bits` bits with `first`.
struct Cidr {
  IpAddress first;
  int prefix_bits = 0;

  bool contains(const IpAddress& address) const;
};

/// Reads "10.0.0.0/8", "fd00::/8", or a single address.
///
/// Errors: a sentence that names what is wrong, for whoever wrote the configuration.
Result<Cidr, std::string> parse_cidr(std::string_view text);

}  // namespace curlew
