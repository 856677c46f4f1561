#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "curlew/base/clock.hpp"
#include "curlew/config/config.hpp"
#include "curlew/service/announcer.hpp"
#include "curlew/service/backend.hpp"
#include "curlew/service/commands.hpp"
#include "curlew/service/errands.hpp"
#include "curlew/service/model_board.hpp"
#include "curlew/service/service_state.hpp"
#include "curlew/zmq/publisher.hpp"
#include "curlew/zmq/reply_server.hpp"

namespace curlew {

/// The service over ZeroMQ: requests in, results and heartbeats out, where the config says.
///
/// Threads: any, unless said.
class ZmqFront {
 public:
  struct Parts {
    Backend& backend;
    const ModelBoard& board;
    const ServiceState& state;
    bool others_publish = false;  ///< what other processes have taken
    std::function<void()> taken = {};
    std::function<void()> turned_away = {};
    std::function<void(int)> quit = {};
  };

  /// Listens when this returns; start() begins to serve.
  ///
  /// Errors:    StartupError (kUsage: an endpoint is none; kEnvironment: it is taken).
  /// Ownership: the parts outlive it.
  ZmqFront(const Config& config, const Parts& parts);
  ~ZmqFront();
  ZmqFront(const ZmqFront&) = delete;
  ZmqFront& operator=(const ZmqFront&) = delete;

  void start();

  /// A line for each socket that there is, for the user.
  std::string listens_at() const;

  /// Listens anew where `config` says. A socket that was not there at the start does not come, nor goes one.
  void rebind(const Config& config);

  /// Publishes what the store has, until `end` at most.
  void flush(TimePoint end);

 private:
  Backend& backend_;
  Errands errands_;
  Announcer announcer_;
  Commands commands_;
  std::unique_ptr<Publisher> publisher_;
  std::unique_ptr<ReplyServer> replies_;
};

}  // namespace curlew
