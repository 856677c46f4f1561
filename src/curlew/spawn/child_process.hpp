#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "curlew/base/clock.hpp"
#include "curlew/spawn/channel.hpp"
#include "curlew/spawn/shared_memory.hpp"

namespace curlew {

/// What is executed as a child process.
struct ChildCommand {
  std::string program = "/proc/self/exe";
  std::vector<std::string> arguments;    ///< without the program's name
  std::vector<std::string> environment;  ///< all of it, "NAME=value" each
  bool keeps_stderr = false;             ///< whether it may write where this process logs; else to nowhere
};

/// Where a child finds its end of the channel and the shared memory.
inline constexpr int kChannelFd = 3;
inline constexpr int kMemoryFd = 4;

/// A child process with its end of a channel and shared memory, and nothing else of this process: no other descriptor,
/// no memory, standard streams that lead nowhere. SIGINT and SIGTERM, which a terminal sends to all, pass it by.
///
/// Threads:   any, one at a time. The kernel ends the child when the thread that started it ends.
/// Ownership: ended and reaped when this goes; what a test or a person kills is reaped then too.
class ChildProcess {
 public:
  ChildProcess() = default;
  /// Errors: std::system_error, where processes, memory or descriptors are short.
  ChildProcess(const ChildCommand& command, const Channel& its_end, const SharedMemory& memory);
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&& other) noexcept;
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;
  ~ChildProcess();

  /// From now on it may compute for so long; the kernel ends it then.
  ///
  /// Units: whole seconds, rounded up.
  void limit_cpu(Duration more) const;

  /// Ends it, unless it has ended by itself, and says how it went: "signal 11", "status 3".
  std::string end();

  pid_t pid() const { return pid_; }
  bool running() const { return pid_ > 0; }

 private:
  pid_t pid_ = -1;
};

/// To be called by a child first of all: closes what it should not have inherited, and lets the kernel end it with its
/// parent. False where it was not started as a child with its two descriptors.
bool become_child();

}  // namespace curlew
