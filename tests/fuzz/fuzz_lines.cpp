// Any text as a list of lines: entries stay within their limits, and written out again they are read as the same.
#include <string>

#include "curlew/intake/url_list.hpp"
#include "fuzz/fuzz_input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace curlew;
  constexpr std::size_t kMaxItems = 100;
  const std::string_view text = fuzz::as_text(data, size);
  const auto entries = read_url_list(text, kMaxItems);
  if (!entries) return 0;
  fuzz::check(entries->size() <= kMaxItems, "a list stays within its limit");
  const auto items = make_items(*entries, {});
  fuzz::check(items && items->size() == entries->size(), "each entry becomes one item");

  std::string again = "# so that nothing is taken for a BOM\r";
  bool cut = false;
  std::size_t line = 0;
  for (const ListEntry& entry : *entries) {
    fuzz::check(!entry.text.empty() && entry.text.size() <= kMaxEntryBytes, "an entry stays within its limits");
    fuzz::check(entry.text.find_first_of("\r\n") == std::string::npos, "an entry is of one line");
    fuzz::check(entry.text.front() != '#', "a comment is no entry");
    fuzz::check(entry.line > line && entry.line <= text.size(), "entries come in the order of their lines");
    line = entry.line;
    cut = cut || entry.text.size() == kMaxEntryBytes;
    again += "\t" + entry.text + " \r\n";
  }
  const auto read = read_url_list(again, kMaxItems);
  fuzz::check(read && read->size() == entries->size(), "what was read can be written and read");
  for (std::size_t i = 0; i < entries->size(); ++i) {
    fuzz::check(cut || (*read)[i].text == (*entries)[i].text, "a line is kept letter for letter");
  }
  for (std::size_t i = 0; i < entries->size(); ++i) {
    fuzz::check((*items)[i].text == (*entries)[i].text, "an item keeps its text");
  }
  return 0;
}
