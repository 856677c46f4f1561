#include "curlew/base/process_usage.hpp"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>

namespace curlew {
namespace {

std::string read_text(const char* path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The number in the `index`-th of fields that single spaces part.
std::optional<double> field(std::string_view text, std::size_t index) {
  for (; index > 0; --index) {
    const auto space = text.find(' ');
    if (space == std::string_view::npos) return std::nullopt;
    text.remove_prefix(space + 1);
  }
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{}) return std::nullopt;
  return static_cast<double>(value);
}

/// What sysconf says, or `usual` where it says nothing of use.
std::uint64_t system_number(int name, std::uint64_t usual) {
  const long value = ::sysconf(name);
  return value > 0 ? static_cast<std::uint64_t>(value) : usual;
}

}  // namespace

std::optional<double> resident_memory_bytes() {
  return resident_bytes_of_statm(read_text("/proc/self/statm"), system_number(_SC_PAGESIZE, 4096));
}

std::optional<double> cpu_seconds() {
  return cpu_seconds_of_stat(read_text("/proc/self/stat"), system_number(_SC_CLK_TCK, 100));
}

std::optional<double> resident_bytes_of_statm(std::string_view text, std::uint64_t page_bytes) {
  const auto pages = field(text, 1);
  if (!pages) return std::nullopt;
  return *pages * static_cast<double>(page_bytes);
}

std::optional<double> cpu_seconds_of_stat(std::string_view text, std::uint64_t ticks_per_second) {
  const auto name_end = text.rfind(')');
  if (name_end == std::string_view::npos || ticks_per_second == 0) return std::nullopt;
  const std::string_view after = text.substr(std::min(name_end + 2, text.size()));
  // proc(5) counts from 1, and the two fields before these are the process's number and name.
  constexpr std::size_t kUserTime = 14 - 3;
  const auto user = field(after, kUserTime);
  const auto system = field(after, kUserTime + 1);
  if (!user || !system) return std::nullopt;
  return (*user + *system) / static_cast<double>(ticks_per_second);
}

}  // namespace curlew
