#pragma once

#include <optional>
#include <string_view>

namespace curlew {

/// How many cores this process may use: its affinity, and the CPU quota of its cgroup (v1 or v2) rounded up; at
/// least 1.
///
/// Source: sched_getaffinity(2); the kernel's cgroup-v2.rst (`cpu.max`) and sched-bwc.rst (`cpu.cfs_quota_us`).
int usable_cores();

/// The cores of a cgroup v2 `cpu.max` ("200000 100000": 2; "max 100000": nothing).
std::optional<double> cores_of_cpu_max(std::string_view text);

/// The path of this process's cgroup out of /proc/self/cgroup, for the `cpu` controller of v1 or, where `controller` is
/// empty, for v2.
std::optional<std::string_view> cgroup_path(std::string_view proc_self_cgroup, std::string_view controller);

}  // namespace curlew
