#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "curlew/base/result.hpp"
#include "curlew/intake/list_entry.hpp"

namespace curlew {

/// Reads the URLs out of a CSV file.
///
/// The first row is a header where one of its cells is `url` (any case) or its first cell has no `://`. The column is
/// `url`, else the first. Cells are separated by commas, or by semicolons or tabs where only so the header has a cell
/// `url` (spreadsheets of some countries write those). Quotes, line ends inside quotes, a BOM, and LF, CRLF and CR are
/// understood. Rows without any text are skipped; each other row gives one entry, in order.
///
/// A quote that is never closed, or is closed in the middle of a cell, is no quote: that cell ends at its comma or line
/// end, so that the rows behind it are not swallowed. In the column of the URLs it becomes the entry's `problem`; so
/// does an empty or missing cell.
/// Errors: more than `max_items` entries; UTF-16.
/// Cost:   linear, whatever is in `text`.
/// Source: RFC 4180; spaces around a quoted cell are dropped.
Result<std::vector<ListEntry>, ListError> read_csv(std::string_view text, std::size_t max_items = kMaxListItems);

}  // namespace curlew
