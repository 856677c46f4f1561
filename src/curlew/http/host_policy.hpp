#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace curlew {

/// A `Host` header taken apart.
struct HostName {
  std::string name;  ///< lower case, without the dot at its end; an IPv6 address without brackets
  bool is_address = false;
};

/// Reads "example.org", "example.org:8000", "127.0.0.1", "[::1]:8000"; nothing where it is none of these.
std::optional<HostName> parse_host(std::string_view text);

/// Whether a request's `Host` may be answered: against pages of other sites whose names were made to lead here (DNS
/// rebinding). Such a page cannot carry an address as its host, so addresses pass as far as we listen on them.
///
/// Threads: any; it never changes.
class HostPolicy {
 public:
  /// `listen_address`: the one that we are bound to; `names`: those of `[http] hosts`; "*" lets any host in.
  HostPolicy(std::string listen_address, const std::vector<std::string>& names);

  bool allows(const HostName& host) const;

 private:
  std::string listen_address_;
  bool listens_everywhere_;
  bool any_ = false;
  std::vector<std::string> names_;
};

}  // namespace curlew
