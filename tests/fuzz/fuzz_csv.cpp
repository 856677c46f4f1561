// Any text as a CSV file: entries stay within their limits, and written out again they are read as the same.
#include <string>

#include "curlew/intake/csv.hpp"
#include "curlew/intake/url_list.hpp"
#include "fuzz/fuzz_input.hpp"

namespace curlew::fuzz {
namespace {

constexpr std::size_t kMaxItems = 100;

std::string quoted(const std::string& text) {
  std::string cell = "\"";
  for (const char c : text) cell += c == '"' ? std::string("\"\"") : std::string(1, c);
  return cell + "\"\n";
}

}  // namespace
}  // namespace curlew::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace curlew;
  const std::string_view text = fuzz::as_text(data, size);
  const auto entries = read_csv(text, fuzz::kMaxItems);
  if (!entries) return 0;
  fuzz::check(entries->size() <= fuzz::kMaxItems, "a list stays within its limit");
  const auto items = make_items(*entries, {});
  fuzz::check(items && items->size() == entries->size(), "each entry becomes one item");

  std::string again = "url\n";
  std::vector<std::string> written;
  std::size_t line = 0;
  for (const ListEntry& entry : *entries) {
    fuzz::check(entry.text.size() <= kMaxEntryBytes, "an entry stays within its limit");
    fuzz::check(entry.line > line && entry.line <= text.size() + 1, "entries come in the order of their lines");
    line = entry.line;
    const bool blank = entry.text.find_first_not_of(" \t") == std::string::npos;
    fuzz::check(!blank || !entry.problem.empty(), "an empty cell is said to be empty");
    if (blank) continue;
    written.push_back(entry.text);
    again += fuzz::quoted(entry.text);
  }
  const auto read = read_csv(again, fuzz::kMaxItems);
  fuzz::check(read && read->size() == written.size(), "what was read can be written and read");
  for (std::size_t i = 0; i < written.size(); ++i) {
    fuzz::check((*read)[i].text == written[i] && (*read)[i].problem.empty(), "a quoted cell is kept letter for letter");
  }
  return 0;
}
