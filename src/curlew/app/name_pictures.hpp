#pragma once

#include "curlew/app/command_line.hpp"
#include "curlew/app/streams.hpp"

namespace curlew {

/// `curlew classify` and `curlew detect`: says what the picture of each source shows, and how it went.
///
/// Errors: StartupError for wrong usage, a model that is not to be had, and a stdout that takes no more.
/// Threads: main; blocks until all is done or a signal has ended it.
ExitStatus name_pictures(const PicturesCommand& command, const Environment& environment, const Streams& streams);

}  // namespace curlew
