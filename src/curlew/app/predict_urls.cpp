#include "curlew/app/predict_urls.hpp"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "curlew/app/sources.hpp"
#include "curlew/base/startup_error.hpp"
#include "curlew/base/utf8.hpp"
#include "curlew/intake/text_lines.hpp"
#include "curlew/intake/url_list.hpp"

namespace curlew {
namespace {

constexpr std::string_view kSpaces = " \t\r\n\f\v";

}  // namespace

std::vector<std::string> split_urls(std::string_view text) {
  std::vector<std::string> urls;
  while (!text.empty()) {
    const auto comma = std::min(text.find(','), text.size());
    std::string_view url = text.substr(0, comma);
    text.remove_prefix(std::min(comma + 1, text.size()));
    url.remove_prefix(std::min(url.find_first_not_of(kSpaces), url.size()));
    url = url.substr(0, url.find_last_not_of(kSpaces) + 1);
    if (!url.empty()) urls.emplace_back(url);
  }
  return urls;
}

std::vector<ListEntry> predict_entries(const PredictCommand& command, std::size_t max_items, const Streams& streams) {
  auto entries = to_entries(split_urls(command.urls));
  if (command.csv_file) {
    auto more = gather_entries({}, command.csv_file, max_items, streams);
    entries.insert(entries.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  }
  if (entries.size() > max_items) throw StartupError(ExitStatus::kUsage, too_long(max_items).message);
  for (auto& entry : entries) {
    if (entry.problem.empty() && !is_utf8(entry.text)) entry.problem = "the URL is not UTF-8 text";
  }
  return entries;
}

}  // namespace curlew
