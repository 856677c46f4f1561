#pragma once

#include <stdexcept>
#include <string>

namespace curlew {

/// The exit statuses that scripts rely on.
enum class ExitStatus : int {
  kOk = 0,
  kSomeFailed = 1,    ///< at least one item has an error
  kUsage = 2,         ///< wrong arguments or config
  kEnvironment = 3,   ///< a port is taken, a model is not to be had, the store is in use
  kInterrupted = 130  ///< SIGINT or SIGTERM; what was done has been printed
};

/// Thrown while starting only, caught by app::run only, which prints `what()` and ends with `status()`.
class StartupError : public std::runtime_error {
 public:
  StartupError(ExitStatus status, const std::string& message) : std::runtime_error(message), status_(status) {}
  ExitStatus status() const { return status_; }

 private:
  ExitStatus status_;
};

}  // namespace curlew
