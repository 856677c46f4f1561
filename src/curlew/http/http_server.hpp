#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "curlew/http/http_observer.hpp"
#include "curlew/http/http_options.hpp"
#include "curlew/http/router.hpp"

namespace curlew {

/// HTTP/1.1 and 1.0 on one address: reads requests within limits, hands them to the handlers of a table of routes, and
/// writes what those answer.
///
/// Threads: one of its own, named "http", does everything; the methods may be called from any other.
/// Stop:    begin_drain when readiness has been off for a while, end_streams when their listeners are to go, stop.
class HttpServer {
 public:
  /// `observer` may be empty.
  HttpServer(HttpOptions options, Router router, std::shared_ptr<HttpObserver> observer = nullptr);
  /// As stop, without grace.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  /// Listens, and begins to serve.
  ///
  /// Errors: throws StartupError: kEnvironment where the address is taken or not to be had, kUsage where an option is
  ///         none, or the files of TLS cannot be used.
  void start();

  /// The port that it listens on, once started.
  std::uint16_t port() const;

  /// How many clients are connected.
  std::size_t connections() const;

  /// Serves connections to come with this certificate and key; those that are open keep theirs. Files that cannot be
  /// used change nothing, which the log tells. Whether TLS is spoken at all stays as it was at the start.
  void reload_tls(const TlsFiles& files);

  /// Takes no more connections and closes those without a request; each other closes with its answer.
  void begin_drain();

  /// Ends each open stream as if it were complete; its handler sees it as gone.
  void end_streams();

  /// Drains, waits up to `grace` for what is under way, and breaks off what is left. Afterwards no handler is called.
  void stop(std::chrono::milliseconds grace);

 private:
  class Core;
  std::shared_ptr<Core> core_;
};

}  // namespace curlew
