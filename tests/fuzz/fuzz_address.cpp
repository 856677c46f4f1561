// Byte 0 says as what the rest is read: an address, a network, a Retry-After header, or the 16 raw bytes of an address.
#include <algorithm>
#include <string>
#include <vector>

#include "curlew/fetch/address_policy.hpp"
#include "curlew/fetch/retry_policy.hpp"
#include "fuzz/fuzz_input.hpp"

namespace curlew::fuzz {
namespace {

void check_address(const IpAddress& address) {
  const AddressPolicy nobody(AllowList{});
  const bool allowed = nobody.allows(address);
  const auto again = parse_address(to_string(address));
  check(again && *again == address, "an address reads back as itself");
  check(nobody.allows_all(std::vector{address, address}) == allowed, "the same answer twice changes nothing");
  for (const IpAddress& inside : embedded_v4(address)) {
    check(inside.family == IpAddress::Family::kV4, "what is inside is IPv4");
    check(!allowed || nobody.allows(inside), "an address is no better than the one inside");
  }
  if (address.family == IpAddress::Family::kV4) {
    IpAddress mapped{.family = IpAddress::Family::kV6, .bytes = {}};
    mapped.bytes[10] = mapped.bytes[11] = 0xff;
    std::copy_n(address.bytes.begin(), 4, mapped.bytes.begin() + 12);
    check(nobody.allows(mapped) == allowed, "a mapped address is judged as the one inside");
    check(!(allowed && address.bytes[0] == 127), "loopback is refused");
  }
  const auto self = AllowList::parse({to_string(address)});
  check(self && self->contains(address), "an address alone is a network of one");
  check(AddressPolicy(*self).allows(address), "what is let in is let in");
}

void check_network(std::string_view text) {
  const auto network = parse_cidr(text);
  if (!network) {
    check(!network.error().empty() && network.error().size() < text.size() + 200, "an error repeats little");
    return;
  }
  const int bits = network->first.family == IpAddress::Family::kV4 ? 32 : 128;
  check(network->prefix_bits >= 0 && network->prefix_bits <= bits, "a prefix fits its family");
  check(network->contains(network->first), "a network holds its first address");
  const auto again = parse_cidr(to_string(network->first) + "/" + std::to_string(network->prefix_bits));
  check(again && again->first == network->first && again->prefix_bits == network->prefix_bits,
        "a network reads back as itself");
}

void check_retry_after(std::string_view rest) {
  const std::string_view header = take_line(rest);
  const auto today = std::chrono::sys_days(std::chrono::year(2024) / 2 / 29);
  const auto wait = parse_retry_after(header, rest, today);
  check(!wait || *wait >= Duration::zero(), "nobody waits for less than nothing");
  if (!wait) return;
  const FailedTry failed{.number = 1,
                         .tries = 3,
                         .error = make_http_status_error(503),
                         .retry_after = wait,
                         .elapsed = std::chrono::seconds(1),
                         .total = std::chrono::seconds(30)};
  const auto delay = wait_before_retry(failed, 0.5);
  check(!delay || *delay < failed.total, "no wait goes beyond the total time");
}

}  // namespace
}  // namespace curlew::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace curlew;
  if (size == 0) return 0;
  const std::string_view rest = fuzz::as_text(data + 1, size - 1);
  switch (data[0]) {
    case 'a':
      if (const auto address = parse_address(rest)) fuzz::check_address(*address);
      break;
    case 'n':
      fuzz::check_network(rest);
      break;
    case 'r':
      fuzz::check_retry_after(rest);
      break;
    default: {
      IpAddress address{.family = size > 16 ? IpAddress::Family::kV6 : IpAddress::Family::kV4, .bytes = {}};
      std::copy_n(rest.begin(), std::min<std::size_t>(rest.size(), size > 16 ? 16 : 4), address.bytes.begin());
      fuzz::check_address(address);
    }
  }
  return 0;
}
