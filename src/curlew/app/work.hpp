#pragma once

#include "curlew/app/command_line.hpp"
#include "curlew/app/streams.hpp"

namespace curlew {

/// `curlew worker`: works on what services have put into the Redis that it shares with them, until it is told to stop.
///
/// Errors: StartupError for a wrong config, a store that is no Redis, an address that is taken.
/// Threads: main; blocks until SIGTERM or SIGINT, and then until what is under way has its results or the grace is
///          over; what has none by then goes back to be worked on by others.
ExitStatus work(const WorkerCommand& command, const Environment& environment, const Streams& streams);

}  // namespace curlew
