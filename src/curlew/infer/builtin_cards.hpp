#pragma once

#include <string_view>
#include <vector>

#include "curlew/infer/model_card.hpp"

namespace curlew {

/// The cards of models/*.toml, which are in the binary, by name.
const std::vector<ModelCard>& builtin_cards();

/// The built-in card of that name; null where there is none.
const ModelCard* find_builtin_card(std::string_view name);

}  // namespace curlew
