#include <fcntl.h>
#include <malloc.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <iostream>
#include <string>
#include <vector>

#include "curlew/app/interruption.hpp"
#include "curlew/app/run.hpp"

namespace {

// Leaks are looked for, and coverage is written, after main() has returned.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || defined(CURLEW_COVERAGE)
constexpr bool kEndsWithRun = false;
#else
constexpr bool kEndsWithRun = true;
#endif

/// A standard descriptor that the caller closed would be given to the next file or socket that is opened. /dev/null
/// takes its place; as stdout for reading only, so that results are not lost in silence.
void take_closed_descriptors() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(fd, F_GETFD) < 0) static_cast<void>(open("/dev/null", fd == STDERR_FILENO ? O_WRONLY : O_RDONLY));
  }
}

/// Left alone, glibc puts ever larger blocks on its heap, up to 32 MiB, once it has seen them come and go: what large
/// pictures took would then stay with a service that idles.
void give_back_large_blocks() {
#ifdef __GLIBC__
  constexpr int kMebibyte = 1 << 20;
  mallopt(M_MMAP_THRESHOLD, 2 * kMebibyte);
  mallopt(M_TRIM_THRESHOLD, 4 * kMebibyte);
#endif
}

}  // namespace

int main(int argc, char** argv) {
  take_closed_descriptors();
  give_back_large_blocks();
  curlew::block_signals();
  std::ios::sync_with_stdio(false);
  std::cin.tie(nullptr);
  winsize size{};
  const bool sized = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  const curlew::Streams streams{.in = std::cin,
                                .out = std::cout,
                                .err = std::cerr,
                                .in_is_terminal = isatty(STDIN_FILENO) == 1,
                                .out_is_terminal = isatty(STDOUT_FILENO) == 1,
                                .err_is_terminal = isatty(STDERR_FILENO) == 1,
                                .err_width = sized ? size.ws_col : 80U,
                                .ends_with_run = kEndsWithRun};
  const std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
  const int status = curlew::run(arguments, curlew::process_environment(), streams);
  if (!streams.ends_with_run) return status;
  std::cout.flush();
  std::cerr.flush();
  _exit(status);
}
