#include "curlew/http/client_address.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <ranges>

#include "curlew/http/http_headers.hpp"

namespace curlew {
namespace {

constexpr PeerAddress kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr int kMappedBits = 96;

bool is_v4(const PeerAddress& address) { return std::equal(kMapped.begin(), kMapped.begin() + 12, address.begin()); }

/// An element of `X-Forwarded-For`: some proxies write the port too.
std::optional<PeerAddress> forwarded_address(std::string_view text) {
  if (text.starts_with('[')) return parse_peer(text.substr(1, text.find(']') - 1));
  const std::size_t colon = text.find(':');
  const bool has_port = colon != std::string_view::npos && text.find(':', colon + 1) == std::string_view::npos;
  return parse_peer(has_port ? text.substr(0, colon) : text);
}

}  // namespace

std::optional<PeerAddress> parse_peer(std::string_view text) {
  constexpr std::size_t kLongest = INET6_ADDRSTRLEN;
  if (text.size() >= kLongest || text.find('\0') != std::string_view::npos) return std::nullopt;
  const std::string zero_ended(text);
  PeerAddress address = kMapped;
  if (inet_pton(AF_INET, zero_ended.c_str(), address.data() + 12) == 1) return address;
  if (inet_pton(AF_INET6, zero_ended.c_str(), address.data()) == 1) return address;
  return std::nullopt;
}

std::string to_text(const PeerAddress& address) {
  if (is_v4(address)) return fmt::format("{}.{}.{}.{}", address[12], address[13], address[14], address[15]);
  std::array<char, INET6_ADDRSTRLEN> text{};
  return inet_ntop(AF_INET6, address.data(), text.data(), text.size()) != nullptr ? text.data() : "?";
}

bool is_loopback(const PeerAddress& address) {
  constexpr PeerAddress kOne{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  return address == kOne || (is_v4(address) && address[12] == 127);
}

Result<TrustedProxies, std::string> TrustedProxies::parse(std::span<const std::string> networks) {
  TrustedProxies proxies;
  for (const std::string& text : networks) {
    const auto wrong = [&text] {
      return tl::make_unexpected(
          fmt::format("\"{}\" is not a network; write it like 10.0.0.0/8, fd00::/8 or 192.168.1.7", text));
    };
    const std::string_view all = text;
    const std::size_t slash = all.find('/');
    const auto first = parse_peer(all.substr(0, slash));
    if (!first) return wrong();
    Network network{.first = *first};
    if (slash != std::string_view::npos) {
      const std::string_view bits = all.substr(slash + 1);
      const auto [end, error] = std::from_chars(bits.data(), bits.data() + bits.size(), network.bits);
      const bool v4_text = all.substr(0, slash).find(':') == std::string_view::npos;
      const int longest = v4_text ? 32 : 128;
      const bool fits = error == std::errc() && end == bits.data() + bits.size() && network.bits >= 0;
      if (!fits || network.bits > longest) return wrong();
      if (v4_text) network.bits += kMappedBits;
    }
    proxies.networks_.push_back(network);
  }
  return proxies;
}

bool TrustedProxies::contains(const PeerAddress& address) const {
  return std::ranges::any_of(networks_, [&](const Network& network) {
    const int whole = network.bits / 8;
    const int rest = network.bits % 8;
    if (!std::equal(address.begin(), address.begin() + whole, network.first.begin())) return false;
    const auto next = static_cast<std::size_t>(whole);
    return rest == 0 || ((address[next] ^ network.first[next]) >> (8 - rest)) == 0;
  });
}

PeerAddress client_address(const PeerAddress& peer, std::span<const std::string_view> forwarded_for,
                           const TrustedProxies& proxies) {
  PeerAddress client = peer;
  for (const std::string_view line : std::views::reverse(forwarded_for)) {
    const auto elements = list_elements(line);
    for (const std::string_view element : std::views::reverse(elements)) {
      if (!proxies.contains(client)) return client;
      const auto before = forwarded_address(element);
      if (!before) return client;
      client = *before;
    }
  }
  return client;
}

}  // namespace curlew
