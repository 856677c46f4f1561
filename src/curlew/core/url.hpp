#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "curlew/base/byte_count.hpp"
#include "curlew/base/result.hpp"

namespace curlew {

/// A URL longer than this is refused: longer ones are attacks or mistakes, and each is kept and logged.
inline constexpr ByteCount kMaxUrlBytes = 8 * kKiB;

/// An http or https URL that passed every check which needs no network. What is dialled is built from this, never from
/// the text that a client sent.
class Url {
 public:
  bool is_https() const { return https_; }
  /// Lower case; an IPv4 address in dotted form, an IPv6 one without brackets.
  const std::string& host() const { return host_; }
  bool host_is_address() const { return host_is_address_; }
  std::uint16_t port() const { return port_; }
  /// Path and query, percent-encoded, never empty; the fragment is gone.
  const std::string& target() const { return target_; }
  /// The whole URL, normalised; this goes to the HTTP client.
  std::string text() const;
  /// `scheme://host:port`: whose limits a transfer counts against.
  std::string origin() const;
  /// For logs: without query.
  std::string for_log() const;

  friend bool operator==(const Url&, const Url&) = default;

 private:
  friend Result<Url> parse_url(std::string_view);
  friend Result<Url> resolve_redirect(const Url&, std::string_view);
  bool https_ = false;
  bool host_is_address_ = false;
  std::uint16_t port_ = 0;
  std::string host_;
  std::string target_;
};

/// Reads what a person pasted: spaces around it are dropped, spaces and UTF-8 in path and query are percent-encoded,
/// and IPv4 in decimal, hex, octal and short forms is normalised.
///
/// Errors: kUrlInvalid for any other scheme, userinfo, a backslash in the authority, control characters, zone ids, a
/// host
///         that is not ASCII, a port out of range, more than kMaxUrlBytes.
/// Source: RFC 3986; the IPv4 forms as in the WHATWG URL standard.
Result<Url> parse_url(std::string_view text);

/// Where a `Location` header leads from `base`; the same checks as parse_url.
Result<Url> resolve_redirect(const Url& base, std::string_view location);

}  // namespace curlew
