#include "curlew/infer/builtin_cards.hpp"

#include <algorithm>
#include <cstdlib>

#include "curlew/base/log.hpp"
#include "curlew/infer/embedded_cards.hpp"

namespace curlew {

const std::vector<ModelCard>& builtin_cards() {
  static const std::vector<ModelCard> cards = [] {
    std::vector<ModelCard> read;
    for (const EmbeddedCard& embedded : embedded_cards()) {
      auto card = parse_model_card(embedded.toml);
      if (!card || card->name != embedded.name || card->files.empty()) {
        log_error("models/{}.toml: {}", embedded.name, card ? "wrong name, or no files" : card.error().message);
        std::abort();  // a fault of the build: a test reads every card
      }
      read.push_back(std::move(*card));
    }
    std::ranges::sort(read, {}, &ModelCard::name);
    return read;
  }();
  return cards;
}

const ModelCard* find_builtin_card(std::string_view name) {
  const auto& cards = builtin_cards();
  const auto card = std::ranges::find(cards, name, &ModelCard::name);
  return card == cards.end() ? nullptr : &*card;
}

}  // namespace curlew
