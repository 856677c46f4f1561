#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace curlew {

/// How much of this process is in RAM, in bytes; nothing where /proc is not there.
///
/// Cost: one small file of the kernel's, some microseconds.
std::optional<double> resident_memory_bytes();

/// The CPU time of all threads of this process, in seconds; nothing where /proc is not there.
///
/// Units: in steps of the kernel's tick, 10 ms.
/// Cost:  one small file of the kernel's, some microseconds.
std::optional<double> cpu_seconds();

/// The resident part of a /proc/PID/statm.
///
/// Source: proc(5).
std::optional<double> resident_bytes_of_statm(std::string_view text, std::uint64_t page_bytes);

/// User and system time of a /proc/PID/stat; the program's name in it may hold spaces and brackets.
///
/// Source: proc(5), fields 14 and 15.
std::optional<double> cpu_seconds_of_stat(std::string_view text, std::uint64_t ticks_per_second);

}  // namespace curlew
