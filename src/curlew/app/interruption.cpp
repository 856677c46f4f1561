#include "curlew/app/interruption.hpp"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <utility>

#include "curlew/base/startup_error.hpp"
#include "curlew/base/thread.hpp"

namespace curlew {
namespace {

sigset_t ending_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

}  // namespace

void block_signals() {
  const sigset_t set = ending_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);  // a reader that went away shows as a failed write
}

Interruption::Interruption(Hangup hangup) {
  sigset_t set = ending_signals();
  if (hangup == Hangup::kReload) {
    sigaddset(&set, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
  }
  signal_fd_ = signalfd(-1, &set, SFD_CLOEXEC);
  end_fd_ = eventfd(0, EFD_CLOEXEC);
  if (signal_fd_ < 0 || end_fd_ < 0) {
    throw StartupError(ExitStatus::kEnvironment, "no file descriptor is free to listen for signals; raise `ulimit -n`");
  }
  thread_ = start_thread("signals", [this](const std::stop_token&) { listen(); });
}

Interruption::~Interruption() {
  eventfd_write(end_fd_, 1);
  if (thread_.joinable()) thread_.join();
  close(signal_fd_);
  close(end_fd_);
}

void Interruption::listen() {
  for (;;) {
    std::array<pollfd, 2> fds{
        {{.fd = signal_fd_, .events = POLLIN, .revents = 0}, {.fd = end_fd_, .events = POLLIN, .revents = 0}}};
    if (poll(fds.data(), fds.size(), -1) < 0) continue;
    if (fds[1].revents != 0) return;
    signalfd_siginfo info{};
    if (read(signal_fd_, &info, sizeof info) != static_cast<ssize_t>(sizeof info)) continue;
    if (info.ssi_signo == SIGHUP) {
      const std::scoped_lock lock(mutex_);
      if (hangup_action_) hangup_action_();
    } else {
      act();
    }
  }
}

void Interruption::on_hangup(std::function<void()> action) {
  const std::scoped_lock lock(mutex_);
  hangup_action_ = std::move(action);
}

void Interruption::act() {
  const std::scoped_lock lock(mutex_);
  if (happened_.exchange(true) || !action_) _exit(static_cast<int>(ExitStatus::kInterrupted));
  action_();
}

void Interruption::on_first(std::function<void()> action) {
  const std::scoped_lock lock(mutex_);
  action_ = std::move(action);
}

}  // namespace curlew
