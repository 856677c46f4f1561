#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "curlew/zmq/client.hpp"

namespace curlew {

Stopper::Stopper() : fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (fd_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
}

Stopper::~Stopper() { ::close(fd_); }

void Stopper::stop() { ::eventfd_write(fd_, 1); }

bool Stopper::stopped() const {
  pollfd state{fd_, POLLIN, 0};
  return ::poll(&state, 1, 0) == 1;
}

}  // namespace curlew
