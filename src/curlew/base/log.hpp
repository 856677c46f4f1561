#pragma once

#include <fmt/format.h>

#include <string_view>
#include <utility>

namespace curlew {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

/// What is logged from now on, to stderr, a line each with time and level; kWarning at the start.
void set_log_level(LogLevel level);
bool log_enabled(LogLevel level);

/// Writes one line. Control characters in `line` are escaped: it may hold what an origin sent.
///
/// Threads: any.
void log_line(LogLevel level, std::string_view line);

template <class... Args>
void log_debug(fmt::format_string<Args...> format, Args&&... args) {
  if (log_enabled(LogLevel::kDebug)) log_line(LogLevel::kDebug, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void log_info(fmt::format_string<Args...> format, Args&&... args) {
  if (log_enabled(LogLevel::kInfo)) log_line(LogLevel::kInfo, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void log_warning(fmt::format_string<Args...> format, Args&&... args) {
  if (log_enabled(LogLevel::kWarning)) log_line(LogLevel::kWarning, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void log_error(fmt::format_string<Args...> format, Args&&... args) {
  if (log_enabled(LogLevel::kError)) log_line(LogLevel::kError, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace curlew
