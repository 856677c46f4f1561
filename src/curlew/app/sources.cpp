#include "curlew/app/sources.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <istream>
#include <iterator>
#include <ostream>
#include <system_error>
#include <utility>

#include "curlew/base/startup_error.hpp"
#include "curlew/intake/csv.hpp"
#include "curlew/intake/url_list.hpp"

namespace curlew {
namespace {

namespace fs = std::filesystem;

/// At most kMaxListBytes of `in`; more is an error that names `what`.
std::string read_list_text(std::istream& in, const std::string& what) {
  std::string text;
  std::string chunk(64 * kKiB, '\0');
  while (in.read(chunk.data(), static_cast<std::streamsize>(chunk.size())), in.gcount() > 0) {
    text.append(chunk, 0, static_cast<std::size_t>(in.gcount()));
    if (text.size() > kMaxListBytes) {
      throw StartupError(ExitStatus::kUsage,
                         fmt::format("{} has more than {} MiB; split it", what, kMaxListBytes / kMiB));
    }
  }
  if (in.bad()) throw StartupError(ExitStatus::kUsage, fmt::format("{} cannot be read", what));
  return text;
}

template <class T>
T value_or_throw(Result<T, ListError> result, const std::string& what) {
  if (!result) throw StartupError(ExitStatus::kUsage, fmt::format("{}: {}", what, result.error().message));
  return std::move(*result);
}

std::vector<ListEntry> entries_of_csv(const std::string& file, std::size_t max_items) {
  std::error_code error;
  if (!fs::exists(file, error) || fs::is_directory(file, error)) {
    throw StartupError(ExitStatus::kUsage, fmt::format("there is no CSV file {}", file));
  }
  std::ifstream in(file, std::ios::binary);
  if (!in) throw StartupError(ExitStatus::kUsage, fmt::format("{} cannot be opened; may you read it?", file));
  return value_or_throw(read_csv(read_list_text(in, file), max_items), file);
}

std::vector<ListEntry> entries_of_folder(const std::string& folder) {
  std::error_code error;
  std::vector<std::string> names;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    std::error_code of_entry;
    if (it->is_regular_file(of_entry)) names.push_back(it->path().filename().string());
  }
  if (error) throw StartupError(ExitStatus::kUsage, fmt::format("the folder {} cannot be read; may you?", folder));
  std::vector<std::string> paths;
  for (const auto& name : picture_names(std::move(names))) paths.push_back((fs::path(folder) / name).string());
  return to_entries(paths);
}

void append(std::vector<ListEntry>& entries, std::vector<ListEntry> more) {
  entries.insert(entries.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

}  // namespace

std::vector<std::string> default_urls() {
  const std::string commons = "https://upload.wikimedia.org/wikipedia/commons/";
  return {
      commons + "c/c8/Phalacrocorax_varius_-Waikawa%2C_Marlborough%2C_New_Zealand-8.jpg",
      "https://quiz.natureid.no/bird/db_media/eBook/679edc606d9a363f775dabf0497d31de8c3d7060.jpg",
      commons + "8/81/Eumomota_superciliosa.jpg",
      "https://i.pinimg.com/originals/f3/fb/92/f3fb92afce5ddff09a7370d90d021225.jpg",
      "https://cdn.britannica.com/77/189277-004-0A3BC3D4.jpg",
  };
}

std::vector<ListEntry> gather_entries(const std::vector<std::string>& sources,
                                      const std::optional<std::string>& csv_file, std::size_t max_items,
                                      const Streams& streams) {
  if (sources.empty() && !csv_file) return to_entries(default_urls());
  std::vector<ListEntry> entries;
  for (const auto& source : sources) {
    std::error_code error;
    if (source == "-") {
      if (streams.in_is_terminal) streams.err << "One URL or path a line; Ctrl-D ends the list.\n";
      append(entries, value_or_throw(read_url_list(read_list_text(streams.in, "the list on standard input"), max_items),
                                     "standard input"));
    } else if (fs::is_directory(source, error)) {
      append(entries, entries_of_folder(source));
    } else {
      append(entries, to_entries(std::vector<std::string>{source}));
    }
  }
  if (csv_file) append(entries, entries_of_csv(*csv_file, max_items));
  return entries;
}

bool is_local_file(const std::string& text) {
  std::error_code error;
  const auto status = fs::status(text, error);
  return fs::exists(status) && !fs::is_directory(status);
}

}  // namespace curlew
