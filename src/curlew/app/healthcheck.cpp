#include "curlew/app/healthcheck.hpp"

#include <fmt/format.h>

#include <chrono>
#include <ostream>
#include <string_view>
#include <utility>

#include "curlew/app/assemble.hpp"
#include "curlew/base/startup_error.hpp"
#include "curlew/http/client_address.hpp"
#include "curlew/http/listen_address.hpp"
#include "curlew/publish/printable.hpp"

namespace curlew {
namespace {

constexpr std::chrono::milliseconds kTime{4000};  // less than Docker's or Kubernetes' own limit is likely to be
constexpr const char* kPath = "/readyz";
constexpr int kReady = 200;

bool is_this_machine(const Url& url) {
  const auto address = parse_peer(url.host());
  return url.host() == "localhost" || (address && is_loopback(*address));
}

ProbeRequest question(Url url, Certificate certificate) {
  if (url.target() == "/") {
    if (auto ready = resolve_redirect(url, kPath)) url = std::move(*ready);
  }
  return {.url = std::move(url), .time = kTime, .certificate = certificate};
}

/// The address at which something that listens at `text` is reached from this machine.
Result<std::string, std::string> own_authority(std::string_view key, const std::string& text) {
  const auto unknown = [&](std::string_view why) {
    return tl::make_unexpected(
        fmt::format("{} {}: name a URL, as in `curlew healthcheck http://127.0.0.1:8000`", key, why));
  };
  if (text.empty()) return unknown("is empty, so nothing listens");
  const auto address = parse_listen_address(text);
  if (!address) return tl::make_unexpected(fmt::format("{}: {}", key, address.error()));
  if (address->port == 0) return unknown("leaves the port open");
  if (address->host == "0.0.0.0") return fmt::format("127.0.0.1:{}", address->port);
  if (address->host == "::") return fmt::format("[::1]:{}", address->port);
  if (address->host.find(':') != std::string::npos) return fmt::format("[{}]:{}", address->host, address->port);
  return fmt::format("{}:{}", address->host, address->port);
}

std::string reason_of(const Error& error) {
  switch (error.code) {
    case ErrorCode::kConnectFailed:
      return "nothing there accepts connections and speaks HTTP";
    case ErrorCode::kTimeout:
      return fmt::format("no answer within {} s", std::chrono::duration_cast<std::chrono::seconds>(kTime).count());
    case ErrorCode::kDnsFailed:
      return "its name has no address";
    case ErrorCode::kTlsFailed:
      return "no TLS connection could be agreed on, or its certificate is not valid for its name";
    default:
      return error.message;
  }
}

}  // namespace

Result<ProbeRequest, std::string> health_question(const HealthcheckCommand& command, const Config& config) {
  if (command.url) {
    auto url = parse_url(*command.url);
    if (!url) return tl::make_unexpected(fmt::format("{}: {}", *command.url, url.error().message));
    const Certificate certificate = is_this_machine(*url) ? Certificate::kAny : Certificate::kChecked;
    return question(std::move(*url), certificate);
  }
  // A worker's probes are plain.
  const bool https = !command.worker && !config.http.tls_certificate.empty();
  const auto authority = command.worker ? own_authority("http.worker_listen", config.http.worker_listen)
                                        : own_authority("http.listen", config.http.listen);
  if (!authority) return tl::make_unexpected(authority.error());
  auto url = parse_url(fmt::format("{}://{}/", https ? "https" : "http", *authority));
  if (!url) return tl::make_unexpected(url.error().message);
  return question(std::move(*url), Certificate::kAny);
}

std::optional<std::string> trouble_of(const Result<ProbeAnswer>& answer) {
  if (!answer) return reason_of(answer.error());
  if (answer->status == kReady) return std::nullopt;
  const std::string_view body(answer->body);
  const auto said = body.substr(0, body.find_last_not_of(" \r\n") + 1);
  return fmt::format("it answers {}{}{}", answer->status, said.empty() ? "" : ": ", said);
}

ExitStatus healthcheck(const HealthcheckCommand& command, const Environment& environment, const Streams& streams) {
  const auto request = health_question(command, configure(command.common, environment));
  if (!request) throw StartupError(ExitStatus::kUsage, request.error());
  const auto trouble = trouble_of(probe(*request));
  if (!trouble) return ExitStatus::kOk;
  streams.err << printable(fmt::format("curlew: {} is not ready: {}", request->url.for_log(), *trouble)) << "\n"
              << std::flush;
  return ExitStatus::kSomeFailed;
}

}  // namespace curlew
