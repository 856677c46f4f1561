// Any text as a model card.
#include <string_view>

#include "curlew/infer/model_card.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static_cast<void>(curlew::parse_model_card(std::string_view(reinterpret_cast<const char*>(data), size)));
  return 0;
}
