// Any text as a CSV file and as a list of lines: entries stay within their limits.
#include <cstdlib>
#include <string_view>

#include "curlew/intake/csv.hpp"
#include "curlew/intake/url_list.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const auto& entries : {curlew::read_csv(text, 100), curlew::read_url_list(text, 100)}) {
    if (!entries) continue;
    if (entries->size() > 100) std::abort();
    const auto items = curlew::make_items(*entries, {});
    if (!items || items->size() != entries->size()) std::abort();
  }
  return 0;
}
