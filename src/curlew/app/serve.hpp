#pragma once

#include "curlew/app/command_line.hpp"
#include "curlew/app/streams.hpp"

namespace curlew {

/// `curlew service`: answers over HTTP until it is told to stop.
///
/// Errors: StartupError for a wrong config, an address that is taken, a store that another process has.
/// Threads: main; blocks until SIGTERM or SIGINT, and then until what is under way has its results or the grace is
///          over.
ExitStatus serve(const ServiceCommand& command, const Environment& environment, const Streams& streams);

}  // namespace curlew
