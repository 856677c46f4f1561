#include "curlew/base/wake_fd.hpp"

#include <sys/eventfd.h>

#include <cerrno>
#include <system_error>

namespace curlew {

WakeFd::WakeFd() : fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (!fd_.ok()) throw std::system_error(errno, std::generic_category(), "eventfd");
}

void WakeFd::wake() const { ::eventfd_write(fd_.get(), 1); }

void WakeFd::clear() const {
  eventfd_t count = 0;
  ::eventfd_read(fd_.get(), &count);
}

}  // namespace curlew
