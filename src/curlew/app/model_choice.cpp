#include "curlew/app/model_choice.hpp"

#include <filesystem>
#include <system_error>

namespace curlew {

Result<std::string, ModelUnavailable> choose_model(const std::string& wanted, Task task, ModelLibrary& library) {
  std::error_code error;
  const bool names_file = wanted.find('/') != std::string::npos ||
                          (std::filesystem::exists(wanted, error) && !library.card(wanted).has_value());
  if (names_file) return library.add_file(wanted, task);
  return library.card(wanted).map([](const ModelCard& card) { return card.name; });
}

}  // namespace curlew
