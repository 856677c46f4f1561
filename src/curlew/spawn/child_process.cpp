#include "curlew/spawn/child_process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <ctime>
#include <system_error>
#include <utility>

namespace curlew {
namespace {

void check(int status, const char* doing) {
  if (status != 0) throw std::system_error(status, std::generic_category(), doing);
}

/// A copy above the numbers that the child is to find its own under.
UniqueFd out_of_the_way(int fd) {
  UniqueFd copy(fcntl(fd, F_DUPFD_CLOEXEC, kMemoryFd + 1));
  if (!copy.ok()) throw std::system_error(errno, std::generic_category(), "a descriptor for a child process");
  return copy;
}

/// As exec takes them, a null at the end.
std::vector<char*> pointers_to(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  pointers.reserve(words.size() + 1);
  for (auto& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

class FileActions {
 public:
  FileActions() { check(posix_spawn_file_actions_init(&actions_), "starting a child process"); }
  FileActions(const FileActions&) = delete;
  FileActions& operator=(const FileActions&) = delete;
  ~FileActions() { posix_spawn_file_actions_destroy(&actions_); }

  void give(int fd, int as) { check(posix_spawn_file_actions_adddup2(&actions_, fd, as), "giving a descriptor"); }
  void nowhere(int fd) {
    check(posix_spawn_file_actions_addopen(&actions_, fd, "/dev/null", O_RDWR, 0), "giving /dev/null");
  }
  const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
};

class Attributes {
 public:
  Attributes() {
    check(posix_spawnattr_init(&attributes_), "starting a child process");
    sigset_t blocked;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGINT);
    sigaddset(&blocked, SIGTERM);
    posix_spawnattr_setsigmask(&attributes_, &blocked);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK);
  }
  Attributes(const Attributes&) = delete;
  Attributes& operator=(const Attributes&) = delete;
  ~Attributes() { posix_spawnattr_destroy(&attributes_); }
  const posix_spawnattr_t* get() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_{};
};

}  // namespace

ChildProcess::ChildProcess(const ChildCommand& command, const Channel& its_end, const SharedMemory& memory) {
  const UniqueFd channel = out_of_the_way(its_end.fd());
  const UniqueFd pages = out_of_the_way(memory.fd());
  FileActions files;
  files.nowhere(STDIN_FILENO);
  files.nowhere(STDOUT_FILENO);
  if (!command.keeps_stderr) files.nowhere(STDERR_FILENO);
  files.give(channel.get(), kChannelFd);
  files.give(pages.get(), kMemoryFd);
  const Attributes attributes;

  std::string name = "curlew";
  std::vector<std::string> arguments = command.arguments;
  std::vector<std::string> environment = command.environment;
  auto argv = pointers_to(arguments);
  argv.insert(argv.begin(), name.data());
  check(posix_spawn(&pid_, command.program.c_str(), files.get(), attributes.get(), argv.data(),
                    pointers_to(environment).data()),
        "starting a child process");
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept : pid_(std::exchange(other.pid_, -1)) {}

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
  std::swap(pid_, other.pid_);
  return *this;
}

ChildProcess::~ChildProcess() { end(); }

void ChildProcess::limit_cpu(Duration more) const {
  clockid_t clock = 0;
  timespec used{};
  if (clock_getcpuclockid(pid_, &clock) != 0 || clock_gettime(clock, &used) != 0) return;  // it is gone already
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(more).count() + used.tv_sec + 1;
  const rlimit limit{.rlim_cur = static_cast<rlim_t>(seconds), .rlim_max = RLIM_INFINITY};
  prlimit(pid_, RLIMIT_CPU, &limit, nullptr);  // a second line behind the caller's own clock
}

std::string ChildProcess::end() {
  if (!running()) return "not running";
  kill(pid_, SIGKILL);
  int status = 0;
  pid_t reaped = 0;
  do {
    reaped = waitpid(pid_, &status, 0);
  } while (reaped < 0 && errno == EINTR);
  pid_ = -1;
  if (reaped < 0) return "unknown";
  if (WIFSIGNALED(status)) return fmt::format("signal {}", WTERMSIG(status));
  return fmt::format("status {}", WEXITSTATUS(status));
}

bool become_child() {
  int type = 0;
  socklen_t size = sizeof type;
  if (getsockopt(kChannelFd, SOL_SOCKET, SO_TYPE, &type, &size) != 0 || type != SOCK_SEQPACKET) return false;
  if (fcntl(kMemoryFd, F_GET_SEALS) < 0) return false;
  // The child learns that its parent died before this line from its channel, which is closed then.
  return prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && close_range(kMemoryFd + 1, ~0U, 0) == 0;
}

}  // namespace curlew
