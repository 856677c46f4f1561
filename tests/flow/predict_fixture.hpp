#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "curlew/app/command_line.hpp"
#include "curlew/base/startup_error.hpp"
#include "curlew/config/config.hpp"
#include "curlew/wire/command.hpp"
#include "curlew/wire/reply.hpp"
#include "curlew/zmq/publisher.hpp"
#include "curlew/zmq/reply_server.hpp"

namespace curlew {

/// A service with two sockets that does what a test says. Its publisher sends heartbeats, and welcomes where it is to.
class PlayedService {
 public:
  enum class Welcomes { kNobody, kEverybody };

  /// What it answers; nothing: no reply. It may publish, before it answers too. On the server's thread.
  using Play = std::function<std::optional<CommandAnswer>(const Call& call, PlayedService& service)>;

  PlayedService(Welcomes welcomes, Play play);

  void publish(Frames message) { publisher_.publish(std::move(message)); }
  /// Where a client finds it.
  Environment environment() const;

 private:
  void answer(const Frames& request, const ReplyServer::Answer& answer);
  Play play_;
  Publisher publisher_;
  ReplyServer server_;
};

/// Plays Curlew: each URL gets a result with its number as label, the last URL's first.
class PlayedCurlew {
 public:
  /// Whether the result with this sequence number is published, and kept for who asks for it; by default all are.
  std::function<bool(std::uint32_t)> publishes = [](std::uint32_t) { return true; };
  std::function<bool(std::uint32_t)> keeps = [](std::uint32_t) { return true; };
  /// What becomes of a URL; by default all are found.
  std::function<std::variant<Success, Error>(const std::string& url)> outcome = {};

  static constexpr std::size_t kPage = 3;  ///< results in one answer

  std::optional<CommandAnswer> operator()(const Call& call, PlayedService& service);

  /// What it was asked for, and how often for results.
  std::vector<PredictCall> asked() const;
  std::size_t replays() const;

 private:
  PredictAnswer predict(const PredictCall& call, PlayedService& service);
  ResultsAnswer replay(const ResultsCall& call);
  mutable std::mutex mutex_;
  std::vector<PredictCall> asked_;
  std::size_t replays_ = 0;
  std::vector<ItemResult> results_;  ///< by sequence number - 1
};

/// A result as the Python service publishes it.
Frames python_result(const std::string& url, const std::string& label);
Frames python_error(const std::string& url, const std::string& text);

/// What a run of `curlew predict` said.
struct Run {
  ExitStatus status = ExitStatus::kOk;
  std::string out;
  std::string err;
};

Run run_predict(const PredictCommand& command, const Environment& environment);

}  // namespace curlew
