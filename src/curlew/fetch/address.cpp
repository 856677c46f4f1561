#include "curlew/fetch/address.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace curlew {

IpAddress make_v4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d) {
  return IpAddress{.family = IpAddress::Family::kV4, .bytes = {a, b, c, d}};
}

std::optional<IpAddress> parse_address(std::string_view text) {
  const std::string zero_ended(text);
  if (zero_ended.find('\0') != std::string::npos) return std::nullopt;
  IpAddress address;
  if (inet_pton(AF_INET, zero_ended.c_str(), address.bytes.data()) == 1) return address;
  address.family = IpAddress::Family::kV6;
  if (inet_pton(AF_INET6, zero_ended.c_str(), address.bytes.data()) == 1) return address;
  return std::nullopt;
}

std::optional<IpAddress> address_of(const sockaddr& address) {
  IpAddress result;
  if (address.sa_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &address, sizeof v4);
    std::memcpy(result.bytes.data(), &v4.sin_addr, 4);
    return result;
  }
  if (address.sa_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &address, sizeof v6);
    result.family = IpAddress::Family::kV6;
    std::memcpy(result.bytes.data(), &v6.sin6_addr, 16);
    return result;
  }
  return std::nullopt;
}

std::string to_string(const IpAddress& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const int family = address.family == IpAddress::Family::kV4 ? AF_INET : AF_INET6;
  return inet_ntop(family, address.bytes.data(), text.data(), text.size()) != nullptr ? text.data() : "?";
}

bool Cidr::contains(const IpAddress& address) const {
  if (address.family != first.family) return false;
  const auto whole = static_cast<std::size_t>(prefix_bits / 8);
  if (!std::equal(first.bytes.begin(), first.bytes.begin() + prefix_bits / 8, address.bytes.begin())) return false;
  const int rest = prefix_bits % 8;
  return rest == 0 || ((first.bytes[whole] ^ address.bytes[whole]) >> (8 - rest)) == 0;
}

Result<Cidr, std::string> parse_cidr(std::string_view text) {
  const auto wrong = [&](std::string_view why) {
    return tl::make_unexpected(
        fmt::format("\"{}\" is not a network: {}; write it like 10.0.0.0/8, fd00::/8 or 192.168.1.7", text, why));
  };
  const std::size_t slash = text.find('/');
  const auto first = parse_address(text.substr(0, slash));
  if (!first) return wrong("what stands before the slash is not an IPv4 or IPv6 address");
  const int longest = first->family == IpAddress::Family::kV4 ? 32 : 128;
  Cidr cidr{.first = *first, .prefix_bits = longest};
  if (slash == std::string_view::npos) return cidr;

  const std::string_view bits = text.substr(slash + 1);
  const auto [end, error] = std::from_chars(bits.data(), bits.data() + bits.size(), cidr.prefix_bits);
  const bool is_number = error == std::errc() && end == bits.data() + bits.size();
  if (!is_number || cidr.prefix_bits < 0 || cidr.prefix_bits > longest) {
    return wrong(fmt::format("what stands after the slash must be a number from 0 to {}", longest));
  }
  for (int bit = cidr.prefix_bits; bit < longest; ++bit) {
    const int mask = 0x80 >> (bit % 8);
    if ((first->bytes[static_cast<std::size_t>(bit / 8)] & mask) != 0) {
      return wrong(fmt::format("the address has bits set after the first {}", cidr.prefix_bits));
    }
  }
  return cidr;
}

}  // namespace curlew
