#include "curlew/fetch/address_policy.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>

namespace curlew {
namespace {

Cidr cidr(std::string_view text) {
  const auto parsed = parse_cidr(text);
  if (!parsed) std::abort();  // the tables below are ours
  return *parsed;
}

bool any_contains(std::span<const Cidr> networks, const IpAddress& address) {
  return std::any_of(networks.begin(), networks.end(), [&](const Cidr& network) { return network.contains(address); });
}

bool is_refused_v4(const IpAddress& address) {
  static const std::array kRefused{
      cidr("0.0.0.0/8"),        // this network; Linux dials itself
      cidr("10.0.0.0/8"),       // private
      cidr("100.64.0.0/10"),    // carrier's NAT
      cidr("127.0.0.0/8"),      // loopback
      cidr("169.254.0.0/16"),   // link-local, cloud metadata
      cidr("172.16.0.0/12"),    // private
      cidr("192.0.0.0/24"),     // protocol assignments
      cidr("192.0.2.0/24"),     // documentation
      cidr("192.88.99.0/24"),   // 6to4 relays, withdrawn
      cidr("192.168.0.0/16"),   // private
      cidr("198.18.0.0/15"),    // benchmarks
      cidr("198.51.100.0/24"),  // documentation
      cidr("203.0.113.0/24"),   // documentation
      cidr("224.0.0.0/4"),      // multicast
      cidr("240.0.0.0/4"),      // reserved, broadcast
  };
  return any_contains(kRefused, address);
}

/// Outside 2000::/3 nothing is global unicast: ::, ::1, fe80::/10, fec0::/10, fc00::/7, ff00::/8 and all the rest.
bool is_refused_v6(const IpAddress& address) {
  static const Cidr kGlobalUnicast = cidr("2000::/3");
  static const std::array kRefused{
      cidr("2001::/23"),      // protocol assignments: benchmarks, ORCHID; Teredo is unwrapped before this
      cidr("2001:db8::/32"),  // documentation
      cidr("3fff::/20"),      // documentation
  };
  return !kGlobalUnicast.contains(address) || any_contains(kRefused, address);
}

IpAddress v4_at(const IpAddress& address, std::size_t at) {
  const auto& b = address.bytes;
  return make_v4(b[at], b[at + 1], b[at + 2], b[at + 3]);
}

bool is_zero_from(const IpAddress& address, std::size_t at) {
  return std::all_of(address.bytes.begin() + static_cast<std::ptrdiff_t>(at), address.bytes.end(),
                     [](std::uint8_t byte) { return byte == 0; });
}

/// 64:ff9b:1::/48 is cut by whoever runs it with a prefix of 48, 56, 64 or 96 bits; each reading that fits is given.
/// Byte 8 is always zero, and so is what comes after the IPv4 address.
std::vector<IpAddress> embedded_in_local_nat64(const IpAddress& address) {
  const auto& b = address.bytes;
  std::vector<IpAddress> found;
  const auto add = [&](const IpAddress& v4) {
    if (v4 != IpAddress{}) found.push_back(v4);
  };
  if (b[8] == 0) {
    if (is_zero_from(address, 11)) add(make_v4(b[6], b[7], b[9], b[10]));
    if (is_zero_from(address, 12)) add(make_v4(b[7], b[9], b[10], b[11]));
    if (is_zero_from(address, 13)) add(v4_at(address, 9));
    add(v4_at(address, 12));
  }
  if (found.empty()) found.push_back(IpAddress{});  // no reading fits: 0.0.0.0 is refused
  return found;
}

/// What the prefix says of the addresses inside; empty where it says nothing.
std::vector<IpAddress> embedded_by_prefix(const IpAddress& address) {
  static const std::array kLast32Bits{cidr("::ffff:0:0/96"), cidr("::/96"), cidr("64:ff9b::/96")};
  static const Cidr kLocalNat64 = cidr("64:ff9b:1::/48");
  static const Cidr k6to4 = cidr("2002::/16");
  static const Cidr kTeredo = cidr("2001::/32");
  if (any_contains(kLast32Bits, address)) return {v4_at(address, 12)};
  if (kLocalNat64.contains(address)) return embedded_in_local_nat64(address);
  if (k6to4.contains(address)) return {v4_at(address, 2)};
  if (kTeredo.contains(address)) {
    IpAddress client = v4_at(address, 12);
    for (std::size_t i = 0; i < 4; ++i) client.bytes[i] ^= 0xff;  // Teredo writes its client with all bits flipped
    return {v4_at(address, 4), client};
  }
  return {};
}

bool is_isatap(const IpAddress& address) {
  const auto& b = address.bytes;
  return (b[8] & 0xfd) == 0 && b[9] == 0 && b[10] == 0x5e && b[11] == 0xfe;  // ::5efe or ::200:5efe before the address
}

}  // namespace

Result<AllowList, std::string> AllowList::parse(const std::vector<std::string>& networks) {
  AllowList list;
  for (const std::string& text : networks) {
    auto network = parse_cidr(text);
    if (!network) return tl::make_unexpected(std::move(network.error()));
    list.networks_.push_back(*network);
  }
  return list;
}

bool AllowList::contains(const IpAddress& address) const { return any_contains(networks_, address); }

std::vector<IpAddress> embedded_v4(const IpAddress& address) {
  if (address.family == IpAddress::Family::kV4) return {};
  std::vector<IpAddress> found = embedded_by_prefix(address);
  if (is_isatap(address)) found.push_back(v4_at(address, 12));
  return found;
}

bool AddressPolicy::allows_v4(const IpAddress& address) const {
  return allowed_.contains(address) || !is_refused_v4(address);
}

bool AddressPolicy::allows(const IpAddress& address) const {
  if (address.family == IpAddress::Family::kV4) return allows_v4(address);
  if (allowed_.contains(address)) return true;
  const bool is_wrapper = !embedded_by_prefix(address).empty();
  if (!is_wrapper && is_refused_v6(address)) return false;
  const std::vector<IpAddress> inside = embedded_v4(address);
  return std::all_of(inside.begin(), inside.end(), [this](const IpAddress& v4) { return allows_v4(v4); });
}

bool AddressPolicy::allows_all(std::span<const IpAddress> answers) const {
  return !answers.empty() &&
         std::all_of(answers.begin(), answers.end(), [this](const IpAddress& a) { return allows(a); });
}

}  // namespace curlew
