#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "curlew/base/clock.hpp"
#include "curlew/base/result.hpp"
#include "curlew/core/item.hpp"
#include "curlew/intake/list_entry.hpp"

namespace curlew {

/// Reads a list of one URL or path a line, as it comes on standard input.
///
/// Blank lines are skipped, and lines that begin with `#` (a file of such a name can be given as `./#…`); spaces around
/// a line are dropped; a BOM, LF, CRLF and CR are understood.
/// Errors: more than `max_items` entries; UTF-16.
Result<std::vector<ListEntry>, ListError> read_url_list(std::string_view text, std::size_t max_items = kMaxListItems);

/// What all items of a list have in common.
struct ItemOptions {
  std::string batch;
  std::string model;
  int top = 3;
  float threshold = 0.5F;
  TimePoint accepted_at = {};
  std::size_t max_items = kMaxListItems;
  /// Whether a text names a file that can be read. Set on the command line only: empty, no text ever becomes a
  /// LocalFile.
  std::function<bool(const std::string& text)> is_local_file;
};

/// Makes the items of a list, entry i with index i. Whatever is wrong with an entry becomes its item's Error
/// (kUrlInvalid); what begins with http:// or https:// is a URL even if a file is called so.
///
/// Errors: more than options.max_items entries.
Result<std::vector<Item>, ListError> make_items(std::span<const ListEntry> entries, const ItemOptions& options);

/// The entries of texts that came from no file, such as arguments.
std::vector<ListEntry> to_entries(std::span<const std::string> texts);

/// Whether a file of that name is taken for a picture when a folder is given: .jpg .jpeg .png .bmp .webp .gif .avif in
/// any case, and not hidden.
bool is_picture_name(std::string_view name);

/// Those of a folder's file names that are pictures, sorted by their bytes.
std::vector<std::string> picture_names(std::vector<std::string> names);

}  // namespace curlew
