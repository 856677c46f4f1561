#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "curlew/base/result.hpp"
#include "curlew/fetch/address.hpp"

namespace curlew {

/// The networks that are let in although they are not public.
class AllowList {
 public:
  AllowList() = default;

  /// Reads `fetch.allow_net`.
  ///
  /// Errors: a sentence about the first entry that is not a network.
  static Result<AllowList, std::string> parse(const std::vector<std::string>& networks);

  bool contains(const IpAddress& address) const;

 private:
  std::vector<Cidr> networks_;
};

/// The IPv4 addresses inside an IPv6 one: mapped, compatible, 6to4, NAT64, Teredo (its server and its client), ISATAP.
///
/// Source: RFC 4291, 3056, 6052, 8215, 4380, 5214.
std::vector<IpAddress> embedded_v4(const IpAddress& address);

/// Decides which addresses may be dialled: globally routable unicast ones, and those of the allow list.
///
/// Threads: any; it never changes.
/// Source: the IANA special-purpose address registries for IPv4 and IPv6.
class AddressPolicy {
 public:
  explicit AddressPolicy(AllowList allowed) : allowed_(std::move(allowed)) {}

  bool allows(const IpAddress& address) const;

  /// Whether a name with these answers may be dialled: one refused answer refuses all, and so does none at all.
  bool allows_all(std::span<const IpAddress> answers) const;

 private:
  bool allows_v4(const IpAddress& address) const;

  AllowList allowed_;
};

}  // namespace curlew
