#include "curlew/core/url.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/url/ipv6_address.hpp>
#include <boost/url/parse.hpp>
#include <charconv>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

namespace curlew {
namespace {

namespace urls = boost::urls;

/// RFC 1035's limit on a name; longer ones cannot be resolved.
constexpr std::size_t kMaxHostBytes = 253;

tl::unexpected<Error> invalid(std::string why) { return failure(ErrorCode::kUrlInvalid, std::move(why)); }

// Not the <cctype> ones: they look at the locale.
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_alpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

std::string to_lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) { return to_lower(c); });
  return lower;
}

/// A URL reference cut at its seams, nothing checked.
struct Pieces {
  std::optional<std::string_view> scheme;
  std::optional<std::string_view> authority;
  std::string_view rest;  // path and query
};

Pieces cut(std::string_view text) {
  Pieces pieces;
  text = text.substr(0, text.find('#'));
  const std::size_t colon = text.find_first_of(":/?\\");
  if (colon != std::string_view::npos && colon > 0 && text[colon] == ':' && is_alpha(text.front())) {
    pieces.scheme = text.substr(0, colon);
    text.remove_prefix(colon + 1);
  }
  if (text.starts_with("//")) {
    text.remove_prefix(2);
    const std::size_t end = std::min(text.find_first_of("/?"), text.size());
    pieces.authority = text.substr(0, end);
    text.remove_prefix(end);
  }
  pieces.rest = text;
  return pieces;
}

/// Percent-encodes what RFC 3986 does not let stand in a path or query: spaces and UTF-8, which people paste, and a
/// percent sign that begins no code.
std::string encode_rest(std::string_view rest) {
  static constexpr std::string_view kAllowed = "-._~!$&'()*+,;=:@/?";
  static constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string encoded;
  encoded.reserve(rest.size());
  for (std::size_t i = 0; i < rest.size(); ++i) {
    const char c = rest[i];
    const bool is_code = c == '%' && i + 2 < rest.size() && is_hex(rest[i + 1]) && is_hex(rest[i + 2]);
    if (is_code || is_digit(c) || is_alpha(c) || kAllowed.find(c) != std::string_view::npos) {
      encoded += c;
    } else {
      encoded += '%';
      encoded += kDigits[static_cast<unsigned char>(c) >> 4];
      encoded += kDigits[static_cast<unsigned char>(c) & 15];
    }
  }
  return encoded;
}

/// One part of an IPv4 address as inet_aton reads it: decimal, 0x hex or 0 octal.
std::optional<std::uint64_t> parse_ipv4_part(std::string_view part) {
  int base = 10;
  if (part.starts_with("0x")) {
    base = 16;
    part.remove_prefix(2);
  } else if (part.size() > 1 && part.front() == '0') {
    base = 8;
    part.remove_prefix(1);
  } else if (part.empty()) {
    return std::nullopt;
  }
  std::uint64_t value = 0;
  for (const char c : part) {
    const int digit = is_digit(c) ? c - '0' : is_hex(c) ? c - 'a' + 10 : base;
    if (digit >= base) return std::nullopt;
    value = value * static_cast<unsigned>(base) + static_cast<unsigned>(digit);
    if (value > 0xffffffffU) return std::nullopt;
  }
  return value;
}

std::vector<std::string_view> split_at_dots(std::string_view text) {
  std::vector<std::string_view> parts;
  for (std::size_t dot = text.find('.'); dot != std::string_view::npos; dot = text.find('.')) {
    parts.push_back(text.substr(0, dot));
    text.remove_prefix(dot + 1);
  }
  parts.push_back(text);
  return parts;
}

/// Whether a lower-case host is meant as an IPv4 address: its last label is a number.
bool ends_in_number(std::string_view last) {
  if (last.starts_with("0x")) return std::all_of(last.begin() + 2, last.end(), is_hex);
  return !last.empty() && std::all_of(last.begin(), last.end(), is_digit);
}

std::optional<std::string> dotted_ipv4(const std::vector<std::string_view>& parts) {
  if (parts.size() > 4) return std::nullopt;
  std::uint64_t address = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto value = parse_ipv4_part(parts[i]);
    const bool last = i + 1 == parts.size();
    const std::uint64_t limit = last ? std::uint64_t{1} << (8 * (4 - i)) : 256;  // the last part fills what is left
    if (!value || *value >= limit) return std::nullopt;
    address |= last ? *value : *value << (8 * (3 - i));
  }
  return fmt::format("{}.{}.{}.{}", address >> 24, (address >> 16) & 255, (address >> 8) & 255, address & 255);
}

struct Host {
  std::string name;
  bool is_address = false;
};

Result<Host> read_ipv6(std::string_view text) {
  const auto address = urls::parse_ipv6_address(urls::string_view(text.data(), text.size()));
  if (address.has_error()) return invalid("the host's IPv6 address is malformed");
  return Host{address->to_string(), true};
}

Result<Host> read_name(std::string_view text) {
  std::string name = to_lower(text);
  if (name.ends_with('.')) name.pop_back();  // the root's dot changes nothing but the spelling
  if (name.empty()) return invalid("the URL names no host");
  if (name.size() > kMaxHostBytes) return invalid("the host's name is too long");
  const bool clean = std::all_of(name.begin(), name.end(),
                                 [](char c) { return is_alpha(c) || is_digit(c) || c == '-' || c == '.' || c == '_'; });
  if (!clean) return invalid("the host's name may have ASCII letters, digits, '-', '_' and '.' only");
  const auto labels = split_at_dots(name);
  if (ends_in_number(labels.back())) {
    auto dotted = dotted_ipv4(labels);
    if (!dotted) return invalid("the host looks like an IPv4 address but is none");
    return Host{std::move(*dotted), true};
  }
  for (const std::string_view label : labels) {
    if (label.empty() || label.size() > 63) return invalid("the host's name has an empty or too long part");
  }
  return Host{std::move(name), false};
}

Result<std::uint16_t> read_port(std::string_view digits, bool https) {
  if (digits.empty()) return https ? std::uint16_t{443} : std::uint16_t{80};
  unsigned port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc() || end != digits.data() + digits.size() || port == 0 || port > 65535) {
    return invalid("the port must be a number between 1 and 65535");
  }
  return static_cast<std::uint16_t>(port);
}

/// What can be refused before the parser sees it; some of it parsers disagree on, and there attacks hide.
Result<void> check_raw(std::string_view text) {
  if (text.size() > kMaxUrlBytes) return invalid(fmt::format("the URL is longer than {} bytes", kMaxUrlBytes));
  if (std::any_of(text.begin(), text.end(), is_control)) return invalid("the URL holds control characters");
  return {};
}

Result<void> check_authority(std::string_view authority) {
  if (authority.find('@') != std::string_view::npos)
    return invalid("a URL with a user name or password is not fetched");
  if (authority.find('\\') != std::string_view::npos) return invalid("the URL has a backslash before its path");
  if (authority.find('%') != std::string_view::npos) return invalid("the host may hold no '%': no zones, no codes");
  const bool ascii = std::all_of(authority.begin(), authority.end(), [](char c) { return c > 0x20 && c < 0x7f; });
  if (!ascii) return invalid("the host's name must be ASCII; write an international name in its xn-- form");
  return {};
}

std::string_view trim_spaces(std::string_view text) {
  const std::size_t first = std::min(text.find_first_not_of(' '), text.size());
  text.remove_prefix(first);
  return text.substr(0, text.find_last_not_of(' ') + 1);
}

struct Checked {
  bool https = false;
  std::uint16_t port = 0;
  Host host;
  std::string target;
};

/// RFC 3986, 5.2.4, for an absolute path.
std::string remove_dot_segments(std::string_view path) {
  std::string kept;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/', 1), path.size());
    const std::string_view segment = path.substr(0, end);  // with its slash
    path.remove_prefix(end);
    const bool up = segment == "/..";
    if (!up && segment != "/.") {
      kept += segment;
      continue;
    }
    if (up) kept.erase(std::min(kept.rfind('/'), kept.size()));
    if (path.empty()) kept += '/';
  }
  return kept;
}

Result<std::string> read_target(std::string_view rest) {
  const std::string encoded = encode_rest(rest);
  const std::size_t query = std::min(encoded.find('?'), encoded.size());
  std::string target = remove_dot_segments(std::string_view(encoded).substr(0, query));
  if (target.empty()) target = "/";
  target.append(encoded, query);
  if (urls::parse_uri("http://host" + target).has_error()) return invalid("the URL's path or query is malformed");
  return target;
}

// Boost 1.81 reads "1.2.3.4.example" as an address and a path, and "[::1]x" too, so the authority is cut here and
// Boost reads what is inside.
Result<Checked> check(const std::string& scheme, std::string_view authority, std::string_view rest) {
  if (scheme != "http" && scheme != "https") return invalid("only http and https URLs are fetched");
  if (auto fine = check_authority(authority); !fine) return tl::make_unexpected(fine.error());
  const bool brackets = authority.starts_with('[');
  const std::size_t host_end = std::min(brackets ? authority.find(']') : authority.find(':'), authority.size());
  std::string_view port_part = authority.substr(host_end);
  if (brackets) {
    if (port_part.empty()) return invalid("the host's address has no closing bracket");
    port_part.remove_prefix(1);
  }
  if (!port_part.empty() && !port_part.starts_with(':')) return invalid("the host's address is followed by rubbish");
  auto host = brackets ? read_ipv6(authority.substr(1, host_end - 1)) : read_name(authority.substr(0, host_end));
  if (!host) return tl::make_unexpected(std::move(host.error()));
  const bool https = scheme == "https";
  const auto port = read_port(port_part.substr(std::min<std::size_t>(1, port_part.size())), https);
  if (!port) return tl::make_unexpected(port.error());
  auto target = read_target(rest);
  if (!target) return tl::make_unexpected(std::move(target.error()));
  return Checked{https, *port, std::move(*host), std::move(*target)};
}

}  // namespace

std::string Url::text() const { return origin() + target_; }

std::string Url::origin() const {
  const bool brackets = host_.find(':') != std::string::npos;
  return fmt::format("{}://{}{}{}:{}", https_ ? "https" : "http", brackets ? "[" : "", host_, brackets ? "]" : "",
                     port_);
}

std::string Url::for_log() const { return origin() + target_.substr(0, target_.find('?')); }

Result<Url> parse_url(std::string_view text) {
  text = trim_spaces(text);
  if (auto fine = check_raw(text); !fine) return tl::make_unexpected(fine.error());
  const Pieces pieces = cut(text);
  if (!pieces.scheme) return invalid("the URL must begin with http:// or https://");
  if (!pieces.authority) {
    const std::string scheme = to_lower(*pieces.scheme);
    return invalid(scheme == "http" || scheme == "https" ? "the URL must have // and a host after its scheme"
                                                         : "only http and https URLs are fetched");
  }
  auto checked = check(to_lower(*pieces.scheme), *pieces.authority, pieces.rest);
  if (!checked) return tl::make_unexpected(std::move(checked.error()));
  Url url;
  url.https_ = checked->https;
  url.host_is_address_ = checked->host.is_address;
  url.port_ = checked->port;
  url.host_ = std::move(checked->host.name);
  url.target_ = std::move(checked->target);
  if (url.text().size() > kMaxUrlBytes) return invalid(fmt::format("the URL is longer than {} bytes", kMaxUrlBytes));
  return url;
}

Result<Url> resolve_redirect(const Url& base, std::string_view location) {
  location = trim_spaces(location);
  if (auto fine = check_raw(location); !fine) return tl::make_unexpected(fine.error());
  const Pieces pieces = cut(location);
  if (pieces.scheme) return parse_url(location);
  if (pieces.authority) return parse_url(fmt::format("{}:{}", base.https_ ? "https" : "http", location));

  const std::string_view base_target = base.target_;
  const std::string_view base_path = base_target.substr(0, base_target.find('?'));
  std::string_view kept;  // of the base, before what the location says
  if (pieces.rest.empty()) {
    kept = base_target;
  } else if (pieces.rest.starts_with('?')) {
    kept = base_path;
  } else if (!pieces.rest.starts_with('/')) {
    kept = base_path.substr(0, base_path.rfind('/') + 1);
  }
  return parse_url(fmt::format("{}{}{}", base.origin(), kept, pieces.rest));
}

}  // namespace curlew
