#include "curlew/http/multipart.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace curlew {
namespace {

tl::unexpected<HttpProblem> malformed(std::string detail) {
  return tl::make_unexpected(make_problem(HttpErrorCode::kMalformed, std::move(detail)));
}

bool is_boundary(std::string_view text) {
  constexpr std::size_t kLongest = 70;  // of RFC 2046
  return !text.empty() && text.size() <= kLongest && text.back() != ' ' &&
         std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7f; });
}

/// Takes `"…"` or a token off the front of a parameter's value. Browsers write a quote within as %22; some programs put
/// a backslash before it, while in a Windows path a backslash is itself.
std::optional<std::string> take_value(std::string_view& rest) {
  std::string value;
  if (rest.empty() || rest.front() != '"') {
    const std::size_t end = std::min(rest.find(';'), rest.size());
    value = trimmed(rest.substr(0, end));
    rest.remove_prefix(end);
    if (!is_token(value)) return std::nullopt;
    return value;
  }
  for (std::size_t i = 1; i < rest.size(); ++i) {
    if (rest[i] == '"') {
      rest.remove_prefix(i + 1);
      return value;
    }
    const bool escapes = rest[i] == '\\' && i + 1 < rest.size() && (rest[i + 1] == '"' || rest[i + 1] == '\\');
    if (escapes) ++i;
    value += rest[i];
  }
  return std::nullopt;
}

bool has_control(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

/// Reads `form-data; name="a"; filename="b"` into `part`.
bool read_disposition(std::string_view value, const MultipartLimits& limits, MultipartPart& part) {
  const std::size_t end = std::min(value.find(';'), value.size());
  if (!equal_but_case(trimmed(value.substr(0, end)), "form-data")) return false;
  std::string_view rest = value.substr(end);
  bool has_name = false;
  while (!trimmed(rest).empty()) {
    rest = trimmed(rest);
    if (rest.front() != ';') return false;
    rest = trimmed(rest.substr(1));
    if (rest.empty()) break;
    const std::size_t equals = rest.find('=');
    if (equals == std::string_view::npos) return false;
    const std::string_view key = trimmed(rest.substr(0, equals));
    rest = trimmed(rest.substr(equals + 1));
    auto text = take_value(rest);
    if (!text || text->size() > limits.name_bytes || has_control(*text)) return false;
    if (equal_but_case(key, "name")) {
      if (std::exchange(has_name, true)) return false;
      part.name = std::move(*text);
    } else if (equal_but_case(key, "filename")) {
      if (std::exchange(part.has_file_name, true)) return false;
      part.file_name = std::move(*text);
    }
  }
  return has_name;
}

/// Reads the header lines of a part; what is wrong with them, or "".
std::string read_part_head(std::string_view head, const MultipartLimits& limits, MultipartPart& part) {
  bool has_disposition = false;
  while (!head.empty()) {
    const std::size_t end = std::min(head.find("\r\n"), head.size());
    const std::string_view line = head.substr(0, end);
    head.remove_prefix(std::min(end + 2, head.size()));
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) return "a header is broken";
    const std::string_view name = line.substr(0, colon);
    const std::string_view value = trimmed(line.substr(colon + 1));
    if (equal_but_case(name, "Content-Disposition")) {
      if (std::exchange(has_disposition, true) || !read_disposition(value, limits, part)) {
        return R"(Content-Disposition must be once form-data; name="…")";
      }
    } else if (equal_but_case(name, "Content-Type")) {
      auto media = parse_media_type(value);
      if (!media) return "its Content-Type is no media type";
      part.content_type = std::move(*media);
    } else if (equal_but_case(name, "Content-Transfer-Encoding")) {
      const bool plain =
          equal_but_case(value, "binary") || equal_but_case(value, "8bit") || equal_but_case(value, "7bit");
      if (!plain) return "send it without Content-Transfer-Encoding";
    }
  }
  return has_disposition ? "" : "Content-Disposition is missing";
}

/// Takes the rest of a boundary's line off the front; whether it is the closing one. Nothing where it is no such line.
std::optional<bool> take_boundary_end(std::string_view& rest) {
  const bool closing = rest.starts_with("--");
  if (closing) return true;
  const std::size_t padding = std::min(rest.find_first_not_of(" \t"), rest.size());
  if (rest.substr(padding, 2) != "\r\n") return std::nullopt;
  rest.remove_prefix(padding + 2);
  return false;
}

}  // namespace

Result<std::vector<MultipartPart>, HttpProblem> parse_multipart(std::string_view body, const MediaType& content_type,
                                                                const MultipartLimits& limits) {
  const std::string_view boundary = content_type.parameter("boundary");
  if (!content_type.matches("multipart/form-data") || !is_boundary(boundary)) {
    return malformed("Content-Type must be multipart/form-data with a boundary");
  }
  const std::string first = fmt::format("--{}", boundary);
  const std::string next = fmt::format("\r\n--{}", boundary);
  std::string_view rest = body;
  if (rest.starts_with(first)) {
    rest.remove_prefix(first.size());
  } else {
    const std::size_t begin = rest.find(next);
    if (begin == std::string_view::npos) return malformed("the body does not have the boundary of its Content-Type");
    rest.remove_prefix(begin + next.size());
  }
  std::vector<MultipartPart> parts;
  for (;;) {
    const auto closing = take_boundary_end(rest);
    if (!closing) return malformed(fmt::format("part {}: its boundary line is broken", parts.size()));
    if (*closing) return parts;
    if (parts.size() >= limits.parts) {
      return tl::make_unexpected(
          make_problem(HttpErrorCode::kBodyTooLarge, fmt::format("a form may have {} parts at most", limits.parts)));
    }
    const std::string_view window = rest.substr(0, static_cast<std::size_t>(limits.part_head_bytes) + 4);
    const std::size_t head_end = window.find("\r\n\r\n");
    if (head_end == std::string_view::npos) {
      const auto code = window.size() < rest.size() ? HttpErrorCode::kBodyTooLarge : HttpErrorCode::kMalformed;
      return tl::make_unexpected(
          make_problem(code, fmt::format("part {}: its headers are too long, or do not end", parts.size())));
    }
    MultipartPart part;
    const std::string wrong = read_part_head(window.substr(0, head_end), limits, part);
    if (!wrong.empty()) return malformed(fmt::format("part {}: {}", parts.size(), wrong));
    rest.remove_prefix(head_end + 2);  // the empty line's break may be that of the boundary too: no content at all
    const std::size_t end = rest.find(next);
    if (end == std::string_view::npos) return malformed(fmt::format("part {}: it does not end", parts.size()));
    part.content = end < 2 ? std::string_view{} : rest.substr(2, end - 2);
    parts.push_back(std::move(part));
    rest.remove_prefix(end + next.size());
  }
}

}  // namespace curlew
