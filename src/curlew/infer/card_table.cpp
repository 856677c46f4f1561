#include "curlew/infer/card_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "curlew/base/nearest_word.hpp"

namespace curlew {
namespace {

// What a message shows of a hostile card's words.
std::string shortened(std::string_view text) { return std::string(text.substr(0, 64)); }

}  // namespace

CardTable::CardTable(const toml::table& table, std::string where) : table_(&table), where_(std::move(where)) {}

std::string CardTable::name_of(std::string_view key) const {
  return where_.empty() ? shortened(key) : where_ + "." + shortened(key);
}

void CardTable::fail(std::string_view key, const std::string& what) const {
  const toml::node* node = table_->get(key);
  const auto line = node == nullptr ? table_->source().begin.line : node->source().begin.line;
  throw CardFault{line == 0 ? fmt::format("{} {}", name_of(key), what)
                            : fmt::format("line {}: {} {}", line, name_of(key), what)};
}

const toml::node* CardTable::find(std::string_view key) {
  asked_.emplace_back(key);
  return table_->get(key);
}

bool CardTable::has(std::string_view key) { return find(key) != nullptr; }

std::string CardTable::as_text(std::string_view key, const toml::node& node, std::size_t max_bytes) const {
  const auto* text = node.as_string();
  if (text == nullptr) fail(key, "must be a text in quotes");
  if ((*text)->size() > max_bytes) fail(key, fmt::format("is longer than {} bytes", max_bytes));
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  if (std::ranges::any_of(**text, is_control)) fail(key, "holds a control character");
  return **text;
}

double CardTable::as_number(std::string_view key, const toml::node& node, double low, double high) const {
  double value = 0;
  if (const auto* floating = node.as_floating_point()) {
    value = **floating;
  } else if (const auto* whole = node.as_integer()) {
    value = static_cast<double>(**whole);
  } else {
    fail(key, "must be a number");
  }
  if (std::isnan(value) || value < low || value > high) fail(key, fmt::format("must be from {} to {}", low, high));
  return value;
}

std::string CardTable::text(std::string_view key, std::size_t max_bytes) {
  const toml::node* node = find(key);
  return node == nullptr ? std::string() : as_text(key, *node, max_bytes);
}

std::string CardTable::needed_text(std::string_view key, std::size_t max_bytes) {
  std::string value = text(key, max_bytes);
  if (value.empty()) fail(key, "is missing");
  return value;
}

std::optional<std::int64_t> CardTable::integer(std::string_view key, std::int64_t low, std::int64_t high) {
  const toml::node* node = find(key);
  if (node == nullptr) return std::nullopt;
  const auto* whole = node->as_integer();
  if (whole == nullptr) fail(key, "must be a whole number");
  if (**whole < low || **whole > high) fail(key, fmt::format("must be from {} to {}", low, high));
  return **whole;
}

std::optional<double> CardTable::number(std::string_view key, double low, double high) {
  const toml::node* node = find(key);
  if (node == nullptr) return std::nullopt;
  return as_number(key, *node, low, high);
}

std::vector<double> CardTable::numbers(std::string_view key, std::size_t count, double low, double high) {
  const toml::node* node = find(key);
  if (node == nullptr) return {};
  const auto* list = node->as_array();
  if (list == nullptr || list->size() != count) fail(key, fmt::format("must be a list of {} numbers", count));
  std::vector<double> values;
  for (const toml::node& element : *list) values.push_back(as_number(key, element, low, high));
  return values;
}

std::vector<std::string> CardTable::texts(std::string_view key, std::size_t max_count, std::size_t max_bytes) {
  const toml::node* node = find(key);
  if (node == nullptr) return {};
  const auto* list = node->as_array();
  if (list == nullptr) fail(key, "must be a list of texts");
  if (list->size() > max_count) fail(key, fmt::format("has more than {} entries", max_count));
  std::vector<std::string> values;
  for (const toml::node& element : *list) values.push_back(as_text(key, element, max_bytes));
  return values;
}

std::optional<CardTable> CardTable::table(std::string_view key) {
  const toml::node* node = find(key);
  if (node == nullptr) return std::nullopt;
  const auto* inner = node->as_table();
  if (inner == nullptr) fail(key, fmt::format("must be a table: [{}]", name_of(key)));
  return CardTable(*inner, name_of(key));
}

std::vector<CardTable> CardTable::tables(std::string_view key, std::size_t max_count) {
  const toml::node* node = find(key);
  if (node == nullptr) return {};
  const auto* list = node->as_array();
  if (list == nullptr) fail(key, fmt::format("must be tables: [[{}]]", name_of(key)));
  if (list->size() > max_count) fail(key, fmt::format("has more than {} entries", max_count));
  std::vector<CardTable> values;
  for (const toml::node& element : *list) {
    if (element.as_table() == nullptr) fail(key, fmt::format("must be tables: [[{}]]", name_of(key)));
    values.emplace_back(*element.as_table(), name_of(key));
  }
  return values;
}

std::vector<CardTable> CardTable::table_or_tables(std::string_view key, std::size_t max_count) {
  const toml::node* node = find(key);
  if (node == nullptr) return {};
  if (node->as_table() != nullptr) return {CardTable(*node->as_table(), name_of(key))};
  auto values = tables(key, max_count);
  if (values.empty()) fail(key, fmt::format("is an empty list; leave it out, or write [[{}]]", name_of(key)));
  return values;
}

void CardTable::finish() const {
  for (const auto& [key, node] : *table_) {
    if (std::ranges::find(asked_, key.str()) != asked_.end()) continue;
    const std::string near = nearest_word(key.str(), asked_);
    fail(key.str(), near.empty() ? "is not a key of a model card" : fmt::format("is unknown; is \"{}\" meant?", near));
  }
}

}  // namespace curlew
