#pragma once

#include <toml++/toml.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace curlew {

/// What a card says wrong; ends inside parse_model_card.
struct CardFault {
  std::string message;
};

/// A word of a card and what it stands for.
template <class T>
struct CardWord {
  std::string_view word;
  T value;
};

/// One table of a card, read strictly: a wrong type, a value out of range and an unknown key throw CardFault.
///
/// Threads: one at a time. Ownership: goes before the table.
class CardTable {
 public:
  /// `where` is the table's name for messages, "" for the whole card.
  CardTable(const toml::table& table, std::string where);

  bool has(std::string_view key);
  std::string text(std::string_view key, std::size_t max_bytes);  ///< "" where it is not there
  std::string needed_text(std::string_view key, std::size_t max_bytes);
  std::optional<std::int64_t> integer(std::string_view key, std::int64_t low, std::int64_t high);
  std::optional<double> number(std::string_view key, double low, double high);
  std::vector<double> numbers(std::string_view key, std::size_t count, double low, double high);  ///< empty: not there
  std::vector<std::string> texts(std::string_view key, std::size_t max_count, std::size_t max_bytes);
  std::optional<CardTable> table(std::string_view key);
  std::vector<CardTable> tables(std::string_view key, std::size_t max_count);
  /// As tables(), but [key] alone may stand for a single [[key]]. An empty list is a fault.
  std::vector<CardTable> table_or_tables(std::string_view key, std::size_t max_count);

  /// One of `words`; nothing where the key is not there.
  template <class T>
  std::optional<T> word(std::string_view key, std::span<const CardWord<T>> words) {
    if (!has(key)) return std::nullopt;
    const std::string said = text(key, 64);
    std::string known;
    for (const auto& word : words) {
      if (word.word == said) return word.value;
      known += (known.empty() ? "\"" : ", \"") + std::string(word.word) + "\"";
    }
    fail(key, "is \"" + said + "\"; it can be " + known);
  }

  /// To be called when every known key has been asked for: any other is unknown.
  void finish() const;
  [[noreturn]] void fail(std::string_view key, const std::string& what) const;

 private:
  const toml::node* find(std::string_view key);
  std::string name_of(std::string_view key) const;
  double as_number(std::string_view key, const toml::node& node, double low, double high) const;
  std::string as_text(std::string_view key, const toml::node& node, std::size_t max_bytes) const;

  const toml::table* table_;
  std::string where_;
  std::vector<std::string> asked_;
};

}  // namespace curlew
