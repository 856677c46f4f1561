#pragma once

#include <string>
#include <vector>

#include "curlew/base/startup_error.hpp"
#include "curlew/infer/model_library.hpp"

namespace curlew {

/// What `curlew models verify` says of a model beside its files, and what that means for the exit status.
struct Verdict {
  std::string line;
  ExitStatus status = ExitStatus::kOk;
};

/// Whether a missing file is a fault: of a model that was asked for it is, of one among all it is not where nothing of
/// the model is here or the file can be downloaded.
enum class Asked : bool { kAmongAll, kByName };
ExitStatus judge_files(const std::vector<FileCheck>& checks, bool can_be_downloaded, Asked asked);

/// The verdict on what `model` said of its golden inputs on this machine.
Verdict judge_answers(const std::string& model, const SelfTestReport& report);

}  // namespace curlew
