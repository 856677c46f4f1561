#pragma once

#include <span>
#include <string>

#include "curlew/app/streams.hpp"
#include "curlew/config/config.hpp"

namespace curlew {

/// The whole program: reads `arguments` (without the program's name), does what they say, and gives the exit status.
///
/// Errors: none leaves; what went wrong is written to `streams.err` with what to do about it.
/// Threads: the main thread, before any other was started.
int run(std::span<const std::string> arguments, const Environment& environment, const Streams& streams);

}  // namespace curlew
