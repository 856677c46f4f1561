#pragma once

#include <cstdint>
#include <string>

#include "curlew/base/byte_count.hpp"
#include "curlew/base/result.hpp"

namespace curlew {

/// What a process does in its sandbox.
enum class SandboxPurpose : std::uint8_t {
  kDecoding,  ///< one thread that computes; nothing executable is mapped
  kInference  ///< the threads that are there go on; the network's library may map code that it makes
};

/// What a process that has entered the sandbox may still do and take.
struct SandboxLimits {
  SandboxPurpose purpose = SandboxPurpose::kDecoding;
  ByteCount memory = 0;  ///< address space beyond what it has now; allocations that need more fail
};

/// Takes from this process all that its purpose does not need: from now on it computes in memory, answers on its
/// channel and writes to stderr. It opens no file and no socket, starts no process, traces nobody, and cannot be traced
/// or dumped. Calls that are refused give EPERM. There is no way back.
///
/// Errors:  why the kernel does not allow it; the process may then be half locked in and has to end.
/// Threads: for kDecoding the only one.
Result<void, std::string> enter_sandbox(const SandboxLimits& limits);

}  // namespace curlew
