#pragma once

#include <string>

#include "curlew/core/task.hpp"
#include "curlew/infer/model_library.hpp"

namespace curlew {

/// The name in `library` of what a person asked for: a model by name, or a file, which is let into the library first;
/// one without a card is taken to do `task`.
Result<std::string, ModelUnavailable> choose_model(const std::string& wanted, Task task, ModelLibrary& library);

}  // namespace curlew
