#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace curlew {

/// A media type with its parameters.
///
/// Shape: type, subtype and the names of parameters in lower case.
struct MediaType {
  std::string type;
  std::string subtype;
  std::vector<std::pair<std::string, std::string>> parameters = {};

  bool empty() const { return type.empty(); }
  /// "image/png", without parameters.
  std::string text() const { return empty() ? "" : type + "/" + subtype; }
  /// The value of a parameter; "" where there is none.
  std::string_view parameter(std::string_view name) const;
  /// Whether it is `pattern`: "application/json", "image/*" or "*/*".
  bool matches(std::string_view pattern) const;
};

/// Reads a `Content-Type`; nothing where it is none.
///
/// Source: RFC 9110, section 8.3.1.
std::optional<MediaType> parse_media_type(std::string_view text);

/// Which of `offered` a client wants most; the first one where it has no wish, nothing where it takes none. A header
/// that cannot be read is no wish.
///
/// Source: RFC 9110, section 12.5.1.
std::optional<std::string_view> choose_media_type(std::span<const std::string_view> accept,
                                                  std::span<const std::string_view> offered);

}  // namespace curlew
