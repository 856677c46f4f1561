#pragma once

#include <optional>
#include <string>

#include "curlew/app/command_line.hpp"
#include "curlew/app/streams.hpp"
#include "curlew/base/result.hpp"
#include "curlew/config/config.hpp"
#include "curlew/fetch/http_probe.hpp"

namespace curlew {

/// What is to be asked: the URL that was given, else where the config says that the service, or the worker, listens.
/// What listens at every address is asked at the loopback one; where no path is given, /readyz. This machine's own
/// certificate is not checked: it was made for the name that clients call.
///
/// Errors: a sentence for who called it wrongly, or where nothing listens.
Result<ProbeRequest, std::string> health_question(const HealthcheckCommand& command, const Config& config);

/// Why what answered so, or did not, is not ready; nothing where it is.
std::optional<std::string> trouble_of(const Result<ProbeAnswer>& answer);

/// `curlew healthcheck`: asks a service whether it is ready. kOk: it is; kSomeFailed: it is not, and a line says why.
///
/// Errors: StartupError for a URL that is none, a wrong config, or one that listens nowhere.
ExitStatus healthcheck(const HealthcheckCommand& command, const Environment& environment, const Streams& streams);

}  // namespace curlew
