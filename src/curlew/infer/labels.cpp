#include "curlew/infer/labels.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>

#include "curlew/base/utf8.hpp"

namespace curlew {
namespace {

constexpr std::size_t kMaxLabelLength = 512;
constexpr int kMaxId = 1'000'000;

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

std::string unquoted(std::string_view text) {
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return std::string(text);
  std::string value;
  for (std::size_t i = 1; i + 1 < text.size(); ++i) {
    if (text[i] == '"' && i + 2 < text.size() && text[i + 1] == '"') ++i;
    value += text[i];
  }
  return value;
}

std::string cleaned(std::string label) {
  std::ranges::replace_if(
      label, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
  return label;
}

std::optional<int> to_id(std::string_view text) {
  int id = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc{} || end != text.data() + text.size() || id < 0 || id > kMaxId) return std::nullopt;
  return id;
}

struct NumberedLabel {
  int id = 0;
  std::string label;
};

std::optional<NumberedLabel> read_numbered(std::string_view line, char separator) {
  const auto cut = separator == ',' ? line.find(',') : line.find_first_of(" \t");
  if (cut == std::string_view::npos) return std::nullopt;
  const auto id = to_id(unquoted(trimmed(line.substr(0, cut))));
  if (!id) return std::nullopt;
  const auto name = trimmed(line.substr(cut + 1));
  return NumberedLabel{*id, separator == ',' ? unquoted(name) : std::string(name)};
}

bool is_header(std::string_view line) { return line == "id,name" || line == "\"id\",\"name\""; }

tl::unexpected<ModelUnavailable> refused(const std::string& why) {
  return tl::make_unexpected(ModelUnavailable{"the list of labels cannot be used: " + why});
}

}  // namespace

Result<std::vector<std::string>, ModelUnavailable> parse_labels(std::string_view text, LabelFormat format) {
  if (text.size() > kMaxLabelBytes) return refused(fmt::format("it is larger than {} bytes", kMaxLabelBytes));
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  if (!is_utf8(text)) return refused("it is not UTF-8");
  std::vector<std::string> labels;
  for (int line_number = 1; !text.empty(); ++line_number) {
    const auto line = trimmed(text.substr(0, text.find('\n')));
    text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
    if (line.size() > kMaxLabelLength) return refused(fmt::format("line {} is too long", line_number));
    if (format == LabelFormat::kLines) {
      if (labels.size() > kMaxId) return refused("it has too many lines");
      labels.push_back(cleaned(std::string(line)));
      continue;
    }
    if (line.empty() || (format == LabelFormat::kIdCommaName && line_number == 1 && is_header(line))) continue;
    const auto entry = read_numbered(line, format == LabelFormat::kIdCommaName ? ',' : ' ');
    if (!entry) return refused(fmt::format("line {} does not begin with a class's number", line_number));
    const auto id = static_cast<std::size_t>(entry->id);
    if (labels.size() <= id) labels.resize(id + 1);
    if (!labels[id].empty()) return refused(fmt::format("line {}: class {} has a label already", line_number, id));
    labels[id] = cleaned(entry->label);
  }
  if (std::ranges::all_of(labels, [](const std::string& label) { return label.empty(); }))
    return refused("it is empty");
  return labels;
}

std::string label_of(const std::vector<std::string>& labels, int index) {
  const auto at = static_cast<std::size_t>(index);
  return at < labels.size() && !labels[at].empty() ? labels[at] : fmt::format("class {}", index);
}

}  // namespace curlew
