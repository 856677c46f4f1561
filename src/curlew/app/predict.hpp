#pragma once

#include "curlew/app/command_line.hpp"
#include "curlew/app/streams.hpp"
#include "curlew/base/startup_error.hpp"
#include "curlew/config/config.hpp"

namespace curlew {

/// `curlew predict`: asks a service, this one or the one of old, over ZeroMQ, and says what it publishes.
///
/// Errors: StartupError (kUsage for wrong usage; kEnvironment where no service answers, or it refuses).
/// Threads: main; blocks until all results are there, the time is over, or a signal has ended it.
ExitStatus predict(const PredictCommand& command, const Environment& environment, const Streams& streams);

}  // namespace curlew
