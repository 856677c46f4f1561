#pragma once

#include <functional>
#include <string>
#include <thread>

namespace curlew {

/// Starts a thread with a name that `top` and debuggers show (15 characters at most), SIGINT and SIGTERM blocked in it.
///
/// Ownership: joined when the result goes; never detached.
std::jthread start_thread(const std::string& name, std::function<void(std::stop_token)> body);

}  // namespace curlew
