#include "curlew/base/cores.hpp"

#include <sched.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <sstream>
#include <string>

namespace curlew {
namespace {

namespace fs = std::filesystem;

std::string read_text(const fs::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::optional<double> number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end == text.data()) return std::nullopt;
  return value;
}

/// The smallest quota between the process's own cgroup and the root: each level holds.
double quota_v2(const fs::path& mount, std::string_view own) {
  double cores = std::numeric_limits<double>::infinity();
  for (fs::path path = mount / fs::path(own).relative_path();; path = path.parent_path()) {
    if (const auto quota = cores_of_cpu_max(read_text(path / "cpu.max"))) cores = std::min(cores, *quota);
    if (path == mount || path == path.parent_path() || path.empty()) break;
  }
  return cores;
}

double quota_v1(const fs::path& folder) {
  const auto quota = number(read_text(folder / "cpu.cfs_quota_us"));
  const auto period = number(read_text(folder / "cpu.cfs_period_us"));
  if (!quota || !period || *quota <= 0 || *period <= 0) return std::numeric_limits<double>::infinity();
  return *quota / *period;
}

double cgroup_quota() {
  const fs::path root = "/sys/fs/cgroup";
  const std::string own = read_text("/proc/self/cgroup");
  double cores = std::numeric_limits<double>::infinity();
  if (const auto path = cgroup_path(own, "")) cores = std::min(cores, quota_v2(root, *path));
  if (const auto path = cgroup_path(own, "cpu")) {
    // Inside a container the path is the host's and only the mount's root is there.
    cores = std::min({cores, quota_v1(root / "cpu" / fs::path(*path).relative_path()), quota_v1(root / "cpu")});
  }
  return cores;
}

}  // namespace

std::optional<double> cores_of_cpu_max(std::string_view text) {
  const auto space = text.find(' ');
  if (space == std::string_view::npos) return std::nullopt;
  const auto quota = number(text.substr(0, space));
  const auto period = number(text.substr(space + 1));
  if (!quota || !period || *quota <= 0 || *period <= 0) return std::nullopt;
  return *quota / *period;
}

std::optional<std::string_view> cgroup_path(std::string_view proc_self_cgroup, std::string_view controller) {
  while (!proc_self_cgroup.empty()) {
    const auto line = proc_self_cgroup.substr(0, proc_self_cgroup.find('\n'));
    proc_self_cgroup.remove_prefix(std::min(line.size() + 1, proc_self_cgroup.size()));
    const auto first = line.find(':');
    const auto second = first == std::string_view::npos ? first : line.find(':', first + 1);
    if (second == std::string_view::npos) continue;
    std::string_view names = line.substr(first + 1, second - first - 1);
    if (names.empty() && controller.empty()) return line.substr(second + 1);
    while (!names.empty()) {
      const auto name = names.substr(0, names.find(','));
      if (!controller.empty() && name == controller) return line.substr(second + 1);
      names.remove_prefix(std::min(name.size() + 1, names.size()));
    }
  }
  return std::nullopt;
}

int usable_cores() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  const int affinity = sched_getaffinity(0, sizeof allowed, &allowed) == 0 ? CPU_COUNT(&allowed) : 1;
  const double quota = std::ceil(cgroup_quota());
  return std::max(1, quota < affinity ? static_cast<int>(quota) : affinity);
}

}  // namespace curlew
