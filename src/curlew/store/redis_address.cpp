#include "curlew/store/redis_address.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace curlew {
namespace {

constexpr std::string_view kShape = "redis://[USER:PASSWORD@]HOST:PORT/DB";

tl::unexpected<std::string> refused(std::string_view why) {
  return tl::make_unexpected(fmt::format("{}; it is written {}", why, kShape));
}

/// A whole number from `low` to `high` that fills `text`.
std::optional<int> number(std::string_view text, int low, int high) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < low || value > high) return std::nullopt;
  return value;
}

std::optional<int> hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      plain += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const auto high = hex_digit(text[i + 1]);
    const auto low = hex_digit(text[i + 2]);
    if (!high || !low) return std::nullopt;
    plain += static_cast<char>(*high * 16 + *low);
    i += 2;
  }
  return plain;
}

/// Reads USER:PASSWORD; the error is "" where there is none.
std::string read_login(std::string_view login, RedisAddress& address) {
  const auto colon = login.find(':');
  if (colon == std::string_view::npos) return "a user of Redis needs a password";
  if (login.find(':', colon + 1) != std::string_view::npos) return "a colon in a password is to be written %3A";
  auto user = percent_decoded(login.substr(0, colon));
  auto password = percent_decoded(login.substr(colon + 1));
  if (!user || !password) return "user or password has a % that two hex digits do not follow (a % is written %25)";
  if (password->empty()) return "the password is empty";
  address.user = *std::move(user);
  address.password = *std::move(password);
  return {};
}

/// Reads HOST:PORT, [HOST]:PORT or HOST; the error is "" where there is none.
std::string read_place(std::string_view place, RedisAddress& address) {
  std::string_view port;
  bool has_port = false;
  if (place.starts_with('[')) {
    const auto end = place.find(']');
    if (end == std::string_view::npos) return "the IPv6 address has no closing bracket";
    address.host = std::string(place.substr(1, end - 1));
    const auto rest = place.substr(end + 1);
    if (!rest.empty() && rest.front() != ':') return "after an IPv6 address come : and the port";
    has_port = !rest.empty();
    port = has_port ? rest.substr(1) : rest;
  } else {
    const auto colon = place.find(':');
    if (colon != std::string_view::npos && place.find(':', colon + 1) != std::string_view::npos) {
      return "an IPv6 address stands in [brackets]";
    }
    address.host = std::string(place.substr(0, colon));
    has_port = colon != std::string_view::npos;
    if (has_port) port = place.substr(colon + 1);
  }
  const auto is_odd = [](unsigned char c) { return c <= ' ' || c == 0x7f || c == '%' || c == '@'; };
  if (address.host.empty() || std::ranges::any_of(address.host, is_odd)) return "the URL of Redis names no host";
  if (!has_port) return {};
  const auto value = number(port, 1, 65535);
  if (!value) return "the port of Redis is a number from 1 to 65535";
  address.port = static_cast<std::uint16_t>(*value);
  return {};
}

}  // namespace

Result<RedisAddress, std::string> parse_redis_address(std::string_view url) {
  constexpr std::string_view kScheme = "redis://";
  if (url.starts_with("rediss://")) {
    return refused("TLS to Redis is not spoken (rediss://): keep Redis in a network of its own, or behind a tunnel");
  }
  if (!url.starts_with(kScheme)) return refused("the URL of Redis begins with redis://");
  url.remove_prefix(kScheme.size());
  RedisAddress address;
  // The last one: an @ of a password may have been forgotten to be encoded, and then the error is not about the host.
  if (const auto at = url.rfind('@'); at != std::string_view::npos) {
    const auto login = url.substr(0, at);
    if (login.find_first_of("@/?#[]") != std::string_view::npos) {
      return refused("one of @/?#[] in user or password is to be percent-encoded (@ is %40)");
    }
    if (auto why = read_login(login, address); !why.empty()) return refused(why);
    url.remove_prefix(at + 1);
  }
  if (url.find_first_of("?#") != std::string_view::npos) return refused("the URL of Redis has neither ? nor #");
  const auto slash = url.find('/');
  if (auto why = read_place(url.substr(0, slash), address); !why.empty()) return refused(why);
  if (slash == std::string_view::npos || slash + 1 == url.size()) return address;
  const auto database = number(url.substr(slash + 1), 0, 1'000'000);
  if (!database) return refused("the database of Redis is a number, most often 0");
  address.database = *database;
  return address;
}

std::string to_text(const RedisAddress& address) {
  const bool is_ipv6 = address.host.find(':') != std::string::npos;
  return fmt::format("{}{}{}:{}/{}", is_ipv6 ? "[" : "", address.host, is_ipv6 ? "]" : "", address.port,
                     address.database);
}

}  // namespace curlew
