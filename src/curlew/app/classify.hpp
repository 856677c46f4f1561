#pragma once

#include "curlew/app/command_line.hpp"
#include "curlew/app/streams.hpp"

namespace curlew {

/// `curlew classify`: names the picture of each source and says how it went.
///
/// Errors: StartupError for wrong usage, a model that is not to be had, and a stdout that takes no more.
/// Threads: main; blocks until all is done or a signal has ended it.
ExitStatus classify(const ClassifyCommand& command, const Environment& environment, const Streams& streams);

}  // namespace curlew
