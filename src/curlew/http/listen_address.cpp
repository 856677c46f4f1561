#include "curlew/http/listen_address.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <charconv>
#include <system_error>

#include "curlew/http/client_address.hpp"

namespace curlew {

Result<ListenAddress, std::string> parse_listen_address(std::string_view text) {
  const auto wrong = [&](std::string_view why) {
    return tl::make_unexpected(
        fmt::format("\"{}\" is no address to listen on: {}; write it like 127.0.0.1:8000 or [::1]:8000", text, why));
  };
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return wrong("the port is missing");
  std::string_view host = text.substr(0, colon);
  const std::string_view digits = text.substr(colon + 1);
  ListenAddress address;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), address.port);
  if (error != std::errc() || end != digits.data() + digits.size())
    return wrong("the port must be a number up to 65535");
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (bracketed != (host.find(':') != std::string_view::npos)) return wrong("an IPv6 address stands in brackets");
  if (host == "localhost") host = "127.0.0.1";
  if (host == "*") host = "0.0.0.0";
  if (!parse_peer(host)) return wrong("what stands before the port is not an address of this machine, localhost or *");
  address.host = host;
  return address;
}

std::string bind_failure(std::string_view text, int error) {
  switch (error) {
    case EADDRINUSE:
      return fmt::format("{} is in use by another process: stop that, or listen elsewhere ([http] listen)", text);
    case EACCES:
    case EPERM:
      return fmt::format("listening on {} is not allowed: ports below 1024 need a privilege; take a higher one", text);
    case EADDRNOTAVAIL:
      return fmt::format("{} is not an address of this machine ([http] listen)", text);
    case EAFNOSUPPORT:
      return fmt::format("this machine has no network of the kind of {} ([http] listen)", text);
    default:
      return fmt::format("cannot listen on {}: {}", text, std::generic_category().message(error));
  }
}

}  // namespace curlew
