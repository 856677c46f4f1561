// First line: any text as a URL. The rest: any text as the Location of a redirect from there.
#include <algorithm>
#include <string>

#include "curlew/core/url.hpp"
#include "curlew/fetch/address_policy.hpp"
#include "fuzz/fuzz_input.hpp"

namespace curlew::fuzz {
namespace {

bool is_printable_ascii(const std::string& text) {
  return std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

void check_url(const Url& url) {
  const std::string text = url.text();
  check(text.size() <= kMaxUrlBytes, "a URL stays within its limit");
  check(is_printable_ascii(text), "what is sent is printable ASCII without spaces");
  check(url.target().starts_with('/'), "a target begins with a slash");
  check(text.find('#') == std::string::npos, "there is no fragment");
  check(!url.host().empty() && url.host().find_first_of("/?@\\%[] ") == std::string::npos, "a host is a host");
  check(url.port() != 0, "there is a port");
  check(text == url.origin() + url.target(), "a URL is its origin and its target");
  check(url.for_log().find('?') == std::string::npos, "a log shows no query");
  const auto again = parse_url(text);
  check(again && *again == url, "the normal form reads as the same URL");

  const auto address = parse_address(url.host());
  check(address.has_value() == url.host_is_address(), "the policy sees every address that is dialled");
  if (address) static_cast<void>(AddressPolicy(AllowList{}).allows(*address));
}

}  // namespace
}  // namespace curlew::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace curlew;
  std::string_view location = fuzz::as_text(data, size);
  const std::string_view text = fuzz::take_line(location);
  const auto url = parse_url(text);
  if (!url) {
    fuzz::check(url.error().code == ErrorCode::kUrlInvalid, "a bad URL is url_invalid");
    fuzz::check(url.error().message.size() < 200, "an error repeats little");
    return 0;
  }
  fuzz::check_url(*url);
  const auto next = resolve_redirect(*url, location);
  if (!next) {
    fuzz::check(next.error().code == ErrorCode::kUrlInvalid, "a bad redirect is url_invalid");
    return 0;
  }
  fuzz::check_url(*next);
  if (const auto absolute = parse_url(location)) {
    fuzz::check(*absolute == *next, "a whole URL leads to the same place from everywhere");
  }
  return 0;
}
