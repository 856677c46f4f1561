#include "curlew/http/target.hpp"

#include <utility>

namespace curlew {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_control(unsigned byte) { return byte < 0x20 || byte == 0x7f; }

std::optional<std::string> decoded(std::string_view text, bool plus_is_space, bool controls_pass) {
  std::string plain;
  plain.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      plain += ' ';
    } else if (text[i] != '%') {
      plain += text[i];
    } else {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = hex_digit(text[i + 1]);
      const int low = hex_digit(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      const auto byte = static_cast<unsigned>(high * 16 + low);
      if (is_control(byte) && !controls_pass) return std::nullopt;
      plain += static_cast<char>(byte);
      i += 2;
    }
  }
  return plain;
}

tl::unexpected<HttpProblem> malformed(std::string detail) {
  return tl::make_unexpected(make_problem(HttpErrorCode::kMalformed, std::move(detail)));
}

/// Takes `http://authority` off the front.
std::optional<std::string> take_authority(std::string_view& text, std::string_view scheme) {
  if (!equal_but_case(text.substr(0, scheme.size()), scheme)) return std::nullopt;
  text.remove_prefix(scheme.size());
  const std::size_t end = std::min(text.find_first_of("/?#"), text.size());
  std::string authority(text.substr(0, end));
  text.remove_prefix(end);
  return authority;
}

}  // namespace

std::optional<std::string> percent_decoded(std::string_view text) { return decoded(text, false, false); }

std::optional<QueryParameters> parse_query(std::string_view text) {
  QueryParameters parameters;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('&'), text.size());
    const std::string_view pair = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (pair.empty()) continue;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    // Values are checked by who reads them: a URL with a line break in it is an item error, not a broken request.
    auto name = decoded(pair.substr(0, equals), true, true);
    auto value = decoded(pair.substr(std::min(equals + 1, pair.size())), true, true);
    if (!name || !value) return std::nullopt;
    parameters.emplace_back(std::move(*name), std::move(*value));
  }
  return parameters;
}

Result<Target, HttpProblem> parse_target(std::string_view text, std::string_view scheme) {
  Target target;
  if (text == "*") {
    target.asterisk = true;
    target.path = text;
    return target;
  }
  target.authority = take_authority(text, scheme);
  if (text.find('#') != std::string_view::npos) return malformed("a request's target has no fragment");
  const std::size_t question = std::min(text.find('?'), text.size());
  std::string_view path = text.substr(0, question);
  if (path.empty() && target.authority) path = "/";
  if (path.empty() || path.front() != '/') {
    return malformed("the target must begin with a slash, or with " + std::string(scheme));
  }
  target.path = path;

  std::string_view rest = path.substr(1);
  for (bool more = true; more;) {
    const std::size_t slash = rest.find('/');
    auto segment = percent_decoded(rest.substr(0, slash));
    if (!segment) return malformed("the path has a % that is not followed by two hex digits of a printable character");
    target.segments.push_back(std::move(*segment));
    more = slash != std::string_view::npos;
    if (more) rest.remove_prefix(slash + 1);
  }
  auto query = parse_query(text.substr(std::min(question + 1, text.size())));
  if (!query) return malformed("the query has a % that is not followed by two hex digits");
  target.query = std::move(*query);
  return target;
}

}  // namespace curlew
