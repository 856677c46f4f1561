#pragma once

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace curlew {

/// Whether two texts are the same but for the case of ASCII letters.
bool equal_but_case(std::string_view a, std::string_view b);

/// Without the spaces and tabs around it.
std::string_view trimmed(std::string_view text);

/// The elements of a comma-separated header value, trimmed, empty ones left out. Quotes mean nothing here.
std::vector<std::string_view> list_elements(std::string_view value);

/// Whether `text` is a token: one or more of the characters that method names and header names are made of.
///
/// Source: RFC 9110, section 5.6.2.
bool is_token(std::string_view text);

/// Header fields in their order; names are compared without regard to case.
class HttpHeaders {
 public:
  using Field = std::pair<std::string, std::string>;

  HttpHeaders() = default;
  HttpHeaders(std::initializer_list<Field> fields) : fields_(fields) {}

  void add(std::string_view name, std::string_view value);
  /// Replaces what stands under this name.
  void set(std::string_view name, std::string_view value);

  /// The first value; nothing where there is none.
  std::optional<std::string_view> find(std::string_view name) const;
  /// The first value, or "".
  std::string_view get(std::string_view name) const { return find(name).value_or(std::string_view{}); }
  std::vector<std::string_view> all(std::string_view name) const;
  std::size_t count(std::string_view name) const;

  auto begin() const { return fields_.begin(); }
  auto end() const { return fields_.end(); }
  bool empty() const { return fields_.empty(); }

 private:
  std::vector<Field> fields_;
};

}  // namespace curlew
