#include "curlew/intake/url_list.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "curlew/intake/text_lines.hpp"

namespace curlew {
namespace {

bool is_web_address(std::string_view text) {
  const std::string_view body = stripped(text);
  return same_in_any_case(body.substr(0, 7), "http://") || same_in_any_case(body.substr(0, 8), "https://");
}

Source to_source(const ListEntry& entry, const ItemOptions& options) {
  if (!entry.problem.empty()) return make_error(ErrorCode::kUrlInvalid, entry.problem);
  if (options.is_local_file && !is_web_address(entry.text)) {
    if (options.is_local_file(entry.text)) return LocalFile{.path = entry.text};
    if (entry.text.find("://") == std::string::npos) {
      return make_error(ErrorCode::kUrlInvalid, "there is no such file; a URL begins with http:// or https://");
    }
  }
  auto url = parse_url(entry.text);
  if (!url) return std::move(url).error();
  return *std::move(url);
}

}  // namespace

Result<std::vector<ListEntry>, ListError> read_url_list(std::string_view text, std::size_t max_items) {
  const auto body = without_bom(text);
  if (!body) return tl::make_unexpected(body.error());
  std::vector<ListEntry> entries;
  std::size_t position = 0;
  for (std::size_t line = 1; position < body->size(); ++line) {
    const std::size_t end = std::min(body->find_first_of("\r\n", position), body->size());
    const auto content = stripped(body->substr(position, end - position));
    position = end + line_end_at(*body, end);
    if (content.empty() || content.starts_with('#')) continue;
    if (entries.size() >= max_items) return tl::make_unexpected(too_long(max_items));
    entries.push_back(ListEntry{.text = std::string(content.substr(0, kMaxEntryBytes)), .line = line, .problem = {}});
  }
  return entries;
}

Result<std::vector<Item>, ListError> make_items(std::span<const ListEntry> entries, const ItemOptions& options) {
  if (entries.size() > options.max_items) return tl::make_unexpected(too_long(options.max_items));
  std::vector<Item> items;
  items.reserve(entries.size());
  for (const ListEntry& entry : entries) {
    items.push_back(Item{.batch = options.batch,
                         .index = static_cast<std::uint32_t>(items.size()),
                         .text = entry.text,
                         .source = to_source(entry, options),
                         .model = options.model,
                         .top = options.top,
                         .threshold = options.threshold,
                         .accepted_at = options.accepted_at});
  }
  return items;
}

std::vector<ListEntry> to_entries(std::span<const std::string> texts) {
  std::vector<ListEntry> entries;
  entries.reserve(texts.size());
  for (const std::string& text : texts) {
    entries.push_back(ListEntry{.text = text.substr(0, kMaxEntryBytes), .line = 0, .problem = {}});
  }
  return entries;
}

bool is_picture_name(std::string_view name) {
  static constexpr std::array<std::string_view, 7> kExtensions = {"jpg", "jpeg", "png", "bmp", "webp", "gif", "avif"};
  const auto dot = name.rfind('.');
  if (name.starts_with('.') || dot == std::string_view::npos) return false;
  const auto extension = name.substr(dot + 1);
  return std::ranges::any_of(kExtensions, [&](std::string_view known) { return same_in_any_case(extension, known); });
}

std::vector<std::string> picture_names(std::vector<std::string> names) {
  std::erase_if(names, [](const std::string& name) { return !is_picture_name(name); });
  std::ranges::sort(names);
  return names;
}

}  // namespace curlew
