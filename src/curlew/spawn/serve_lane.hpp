#pragma once

#include <functional>
#include <memory>

#include "curlew/infer/engine.hpp"

namespace curlew {

/// The life of a naming child, the other side of SpawnedLanes: `open` loads its model, which may read files; then it
/// enters the sandbox and names what its parent puts into the shared memory until the parent goes.
///
/// Returns: the process's exit status; 2 where it was not started by SpawnedLanes.
int serve_lane(const std::function<Result<std::unique_ptr<Lane>, ModelUnavailable>()>& open);

}  // namespace curlew
