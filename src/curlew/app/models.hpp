#pragma once

#include "curlew/app/command_line.hpp"
#include "curlew/app/streams.hpp"

namespace curlew {

/// `curlew models list|pull|verify`.
///
/// Errors: StartupError where a model is unknown or not to be had. A file that differs gives kSomeFailed.
ExitStatus models(const ModelsCommand& command, const Environment& environment, const Streams& streams);

}  // namespace curlew
