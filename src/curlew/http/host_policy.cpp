#include "curlew/http/host_policy.hpp"

#include <algorithm>

#include "curlew/http/client_address.hpp"

namespace curlew {
namespace {

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_port(std::string_view text) {
  if (text.empty()) return true;  // "example.org:" is allowed by the grammar
  if (text.size() > 5 || !std::ranges::all_of(text, is_digit)) return false;
  int port = 0;
  for (const char c : text) port = port * 10 + (c - '0');
  return port <= 65535;
}

bool is_name(std::string_view text) {
  constexpr std::size_t kMaxName = 253;  // of DNS
  const auto fits = [](char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || c == '-' || c == '.' || c == '_'; };
  return !text.empty() && text.size() <= kMaxName && text.front() != '.' && std::ranges::all_of(text, fits);
}

}  // namespace

std::optional<HostName> parse_host(std::string_view text) {
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) return std::nullopt;
    const auto address = parse_peer(text.substr(1, close - 1));
    const std::string_view rest = text.substr(close + 1);
    const bool port_fits = rest.empty() || (rest.front() == ':' && is_port(rest.substr(1)));
    if (!address || text.substr(0, close).find(':') == std::string_view::npos || !port_fits) return std::nullopt;
    return HostName{.name = to_text(*address), .is_address = true};
  }
  const std::size_t colon = std::min(text.find(':'), text.size());
  if (colon < text.size() && !is_port(text.substr(colon + 1))) return std::nullopt;
  std::string name = lower_case(text.substr(0, colon));
  if (name.ends_with('.')) name.pop_back();
  if (!is_name(name)) return std::nullopt;
  const auto address = parse_peer(name);
  if (address) return HostName{.name = to_text(*address), .is_address = true};
  return HostName{.name = std::move(name)};
}

HostPolicy::HostPolicy(std::string listen_address, const std::vector<std::string>& names)
    : listen_address_(std::move(listen_address)),
      listens_everywhere_(listen_address_ == "0.0.0.0" || listen_address_ == "::") {
  if (const auto address = parse_peer(listen_address_)) listen_address_ = to_text(*address);
  for (const std::string& name : names) {
    any_ = any_ || name == "*";
    const auto host = parse_host(name);
    if (host) names_.push_back(host->name);
  }
}

bool HostPolicy::allows(const HostName& host) const {
  if (any_ || std::ranges::find(names_, host.name) != names_.end()) return true;
  if (!host.is_address) return host.name == "localhost" || host.name.ends_with(".localhost");
  const auto address = parse_peer(host.name);
  return listens_everywhere_ || host.name == listen_address_ || (address && is_loopback(*address));
}

}  // namespace curlew
