#include "curlew/pipeline/origin.hpp"

#include <variant>

namespace curlew {

std::string origin_of(const Item& item) {
  const auto* url = std::get_if<Url>(&item.source);
  return url == nullptr ? std::string() : url->origin();
}

}  // namespace curlew
