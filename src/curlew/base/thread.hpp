#pragma once

#include <functional>
#include <string>
#include <thread>

namespace curlew {

/// Starts a thread with a name that `top` and debuggers show (15 characters at most), SIGINT and SIGTERM blocked in it.
///
/// Ownership: joined when the result goes; never detached.
std::jthread start_thread(const std::string& name, std::function<void(std::stop_token)> body);

/// Lowers the priority of the calling thread, and of all threads and processes that it starts from now on: for work
/// that fills the cores, so that those threads that answer clients and fetch pictures run as soon as they have
/// something to do.
///
/// Cost: none while nobody else wants the core.
void give_way();

}  // namespace curlew
