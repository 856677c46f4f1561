#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "curlew/app/command_line.hpp"
#include "curlew/app/streams.hpp"
#include "curlew/intake/list_entry.hpp"

namespace curlew {

/// A list as the user wrote it: separated by commas, spaces around each dropped, empty ones too.
std::vector<std::string> split_urls(std::string_view text);

/// What a service is asked for: the URLs of -u, then those of the CSV file. One that no service can be sent, because it
/// is not UTF-8, has a `problem`.
///
/// Errors: a StartupError (kUsage) where the CSV file cannot be read, or there are more than `max_items`.
std::vector<ListEntry> predict_entries(const PredictCommand& command, std::size_t max_items, const Streams& streams);

}  // namespace curlew
