// Any text: a URL that is taken must read the same when its normal form is read again.
#include <cstdlib>
#include <string_view>

#include "curlew/core/url.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto url = curlew::parse_url(text);
  if (!url) return 0;
  const auto again = curlew::parse_url(url->text());
  if (!again || *again != *url) std::abort();
  static_cast<void>(curlew::resolve_redirect(*url, text));
  return 0;
}
