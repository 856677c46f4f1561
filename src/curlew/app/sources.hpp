#pragma once

#include <optional>
#include <string>
#include <vector>

#include "curlew/app/streams.hpp"
#include "curlew/base/result.hpp"
#include "curlew/intake/list_entry.hpp"

namespace curlew {

/// The five photographs that are named where nobody says what to name.
std::vector<std::string> default_urls();

/// Everything that the arguments lead to: folders become their pictures, "-" the list on `in`, and `csv_file` its URLs;
/// without any of these, the default URLs.
///
/// Errors: a StartupError (kUsage) where the CSV file, a folder or standard input cannot be read, or the list is too
/// long.
std::vector<ListEntry> gather_entries(const std::vector<std::string>& sources,
                                      const std::optional<std::string>& csv_file, std::size_t max_items,
                                      const Streams& streams);

/// Whether `text` names something on this machine that is not a folder.
bool is_local_file(const std::string& text);

}  // namespace curlew
