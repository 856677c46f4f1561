#include "curlew/http/request_id.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <random>

namespace curlew {

bool is_request_id(std::string_view text) {
  constexpr std::size_t kLongest = 64;
  return !text.empty() && text.size() <= kLongest && std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '_' ||
           c == '-';
  });
}

RequestIds::RequestIds() {
  std::random_device random;
  prefix_ = fmt::format("{:08x}{:08x}", random(), random());
}

std::string RequestIds::next() { return fmt::format("{}-{:x}", prefix_, ++count_); }

}  // namespace curlew
