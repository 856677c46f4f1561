#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <vector>
#include <zmq.hpp>

#include "curlew/base/clock.hpp"
#include "curlew/base/result.hpp"
#include "curlew/base/startup_error.hpp"
#include "curlew/zmq/endpoint.hpp"
#include "curlew/zmq/ipc_listener.hpp"

namespace curlew {

/// The places where one socket listens.
///
/// Threads: one at a time, that of the socket; addresses() any.
class Binding {
 public:
  /// `name`: of the option that holds the endpoints, for messages. The socket outlives this.
  Binding(zmq::socket_t& socket, std::string name);
  /// Removes the files of its ipc sockets, where they are still its own.
  ~Binding();
  Binding(const Binding&) = delete;
  Binding& operator=(const Binding&) = delete;

  /// Listens at all of them, or throws StartupError.
  void bind_all(const std::vector<std::string>& endpoints);

  /// Listens at these, and no longer elsewhere. A place that is among them already stays, with its port and its
  /// clients; an ipc file that somebody removed is made anew.
  void rebind(const std::vector<std::string>& endpoints);
  /// Tries again what rebind() could not have, once retry_at() has come.
  void retry();
  TimePoint retry_at() const { return retry_at_; }

  std::vector<std::string> addresses() const;

 private:
  struct Failure {
    ExitStatus status;
    std::string message;
  };
  struct Place {
    Endpoint endpoint;
    std::string address = {};               ///< as ZeroMQ calls it, to let go of it; "" where it was never had
    std::optional<FileIdentity> file = {};  ///< what it made
    bool listens = false;                   ///< whether new clients come that way
  };

  Result<void, Failure> bind(Place& place);
  Result<std::string, Failure> bind_tcp(const Endpoint& endpoint);
  void unbind(const Place& place);
  void tell_addresses();

  zmq::socket_t& socket_;
  const std::string name_;
  std::vector<Place> places_;
  TimePoint retry_at_ = TimePoint::max();
  int tries_ = 0;
  mutable std::mutex mutex_;
  std::vector<std::string> addresses_;  // guarded by mutex_
};

}  // namespace curlew
