#include "curlew/intake/csv.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "curlew/intake/text_lines.hpp"

namespace curlew {
namespace {

struct Cell {
  std::string text;
  bool stray_quote = false;  ///< began with a quote that is none
};

struct Row {
  std::vector<Cell> cells;
  std::size_t line = 0;
};

/// Walks over a text cell by cell.
///
/// It stays linear: a quote that fails to open a cell has been followed to the next odd run of quotes at most, and from
/// the cells in between, whose runs are all even, no walk is long.
class Reader {
 public:
  Reader(std::string_view text, char separator) : text_(text), separator_(separator) {}

  bool at_end() const { return position_ >= text_.size(); }

  Row row() {
    Row row{.cells = {}, .line = line_};
    while (true) {
      row.cells.push_back(cell());
      if (at_end()) return row;
      if (const auto end = line_end_at(text_, position_); end > 0) {
        position_ += end;
        ++line_;
        return row;
      }
      ++position_;  // the separator
      if (at_end()) {
        row.cells.emplace_back();
        return row;
      }
    }
  }

 private:
  static constexpr char kQuote = '"';

  bool ends_cell(std::size_t position) const {
    return position >= text_.size() || text_[position] == separator_ || line_end_at(text_, position) > 0;
  }

  std::size_t past_blanks(std::size_t position) const {
    while (position < text_.size() && text_[position] != separator_ &&
           (text_[position] == ' ' || text_[position] == '\t')) {
      ++position;
    }
    return position;
  }

  Cell cell() {
    const std::size_t first = past_blanks(position_);
    const bool quote = first < text_.size() && text_[first] == kQuote;
    if (quote) {
      Cell quoted;
      if (quoted_cell(first + 1, quoted.text)) return quoted;
    }
    const std::size_t begin = position_;
    while (!ends_cell(position_)) ++position_;
    const auto text = stripped(text_.substr(begin, position_ - begin));
    return Cell{.text = std::string(text.substr(0, kMaxEntryBytes)), .stray_quote = quote};
  }

  /// Reads on from behind an opening quote; false, and nothing is taken, where no quote closes the cell properly.
  bool quoted_cell(std::size_t position, std::string& out) {
    std::size_t lines = 0;
    while (position < text_.size()) {
      if (text_[position] == kQuote) {
        if (position + 1 < text_.size() && text_[position + 1] == kQuote) {
          ++position;  // doubled: one of the text
        } else {
          const std::size_t end = past_blanks(position + 1);
          if (!ends_cell(end)) return false;
          position_ = end;
          line_ += lines;
          return true;
        }
      }
      if (out.size() < kMaxEntryBytes) out += text_[position];
      const bool first_of_two = text_[position] == '\r' && line_end_at(text_, position) == 2;
      if (!first_of_two && line_end_at(text_, position) > 0) ++lines;
      ++position;
    }
    return false;
  }

  std::string_view text_;
  char separator_;
  std::size_t position_ = 0;
  std::size_t line_ = 1;
};

bool is_blank(const Row& row) {
  return std::ranges::all_of(row.cells, [](const Cell& cell) { return stripped(cell.text).empty(); });
}

bool is_url_cell(const Cell& cell) { return same_in_any_case(stripped(cell.text), "url"); }

/// The first row with any text, as it is with that separator.
Row first_row(std::string_view text, char separator) {
  Reader reader(text, separator);
  while (!reader.at_end()) {
    if (Row row = reader.row(); !is_blank(row)) return row;
  }
  return {};
}

char separator_of(std::string_view text) {
  for (const char separator : {',', ';', '\t'}) {
    if (std::ranges::any_of(first_row(text, separator).cells, is_url_cell)) return separator;
  }
  return ',';
}

ListEntry to_entry(Row& row, std::size_t column) {
  ListEntry entry{.text = {}, .line = row.line, .problem = {}};
  bool stray_quote = false;
  if (column < row.cells.size()) {
    entry.text = std::move(row.cells[column].text);
    stray_quote = row.cells[column].stray_quote;
  }
  if (stray_quote) {
    entry.problem =
        fmt::format("the quote that begins this cell in line {} of the CSV is never properly closed", row.line);
  } else if (stripped(entry.text).empty()) {
    entry.problem = fmt::format("line {} of the CSV has no URL in column {}", row.line, column + 1);
  }
  return entry;
}

}  // namespace

Result<std::vector<ListEntry>, ListError> read_csv(std::string_view text, std::size_t max_items) {
  const auto body = without_bom(text);
  if (!body) return tl::make_unexpected(body.error());
  Reader reader(*body, separator_of(*body));
  std::vector<ListEntry> entries;
  std::size_t column = 0;
  bool first = true;
  while (!reader.at_end()) {
    Row row = reader.row();
    if (is_blank(row)) continue;
    if (std::exchange(first, false)) {
      const auto url = std::ranges::find_if(row.cells, is_url_cell);
      if (url != row.cells.end()) column = static_cast<std::size_t>(url - row.cells.begin());
      if (url != row.cells.end() || row.cells.front().text.find("://") == std::string::npos) continue;
    }
    if (entries.size() >= max_items) return tl::make_unexpected(too_long(max_items));
    entries.push_back(to_entry(row, column));
  }
  return entries;
}

}  // namespace curlew
