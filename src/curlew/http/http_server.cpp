#include "curlew/http/http_server.hpp"

#include <algorithm>
#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <condition_variable>
#include <exception>
#include <list>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "curlew/base/clock.hpp"
#include "curlew/base/log.hpp"
#include "curlew/base/startup_error.hpp"
#include "curlew/base/thread.hpp"
#include "curlew/http/connection.hpp"
#include "curlew/http/listen_address.hpp"
#include "curlew/http/open_files.hpp"
#include "curlew/http/tls_context.hpp"

namespace curlew {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using BoostError = boost::system::error_code;

constexpr std::size_t kOtherFiles = 512;  // what the rest of the process may have open beside connections
constexpr Duration kAcceptPause = std::chrono::milliseconds(100);  // where the machine has no more of something

PeerAddress peer_of(const tcp::socket& socket) {
  BoostError error;
  const tcp::endpoint endpoint = socket.remote_endpoint(error);
  return error ? PeerAddress{} : parse_peer(endpoint.address().to_string()).value_or(PeerAddress{});
}

/// Also tells the log how long the certificate is good for.
Result<std::shared_ptr<const TlsContext>, std::string> load_tls(const TlsFiles& files) {
  const auto pem = read_tls_files(files);
  if (!pem) return tl::make_unexpected(pem.error());
  auto tls = TlsContext::make(*pem);
  if (!tls) return tls;
  const CertificateTerm& term = (*tls)->term();
  if (const auto warning = term_warning(term, calendar_now())) {
    log_warning("the TLS certificate {} {}", files.certificate, *warning);
  } else {
    log_info("the TLS certificate {} is valid until {}", files.certificate, term_text(term.end));
  }
  return tls;
}

/// The way to the http thread; who holds it may outlive the server.
class Mailbox {
 public:
  explicit Mailbox(asio::io_context& io) : io_(&io) {}
  void post(std::function<void()> work) {
    const std::scoped_lock lock(mutex_);
    if (io_ != nullptr) asio::post(*io_, std::move(work));
  }
  void close() {
    const std::scoped_lock lock(mutex_);
    io_ = nullptr;
  }

 private:
  std::mutex mutex_;
  asio::io_context* io_;
};

}  // namespace

/// Threads: what begins with `do_`, and everything of `shared_`, is the http thread's.
class HttpServer::Core {
 public:
  Core(HttpOptions options, Router router, std::shared_ptr<HttpObserver> observer)
      : options_(std::move(options)),
        router_(std::move(router)),
        observer_(observer ? std::move(observer) : std::make_shared<HttpObserver>()) {}

  void start();
  void begin_drain() {
    mailbox_->post([this] { do_drain(); });
  }
  void end_streams() {
    mailbox_->post([this] {
      for (const auto& connection : std::list(open_)) connection->end_stream();
    });
  }
  void stop(std::chrono::milliseconds grace);
  void reload_tls(const TlsFiles& files);
  std::uint16_t port() const { return port_; }
  std::size_t connections() const { return count_.load(); }

 private:
  using Open = std::list<std::shared_ptr<Connection>>;

  void listen(const ListenAddress& address);
  void run();
  void do_accept();
  void do_admit(tcp::socket socket);
  void do_pause();
  void do_drain();
  void do_abort_all();
  void do_close(Open::iterator place, bool refusal, const std::exception_ptr& error);
  bool evict_idle();

  HttpOptions options_;
  Router router_;
  std::shared_ptr<HttpObserver> observer_;
  asio::io_context io_{1};
  std::shared_ptr<Mailbox> mailbox_ = std::make_shared<Mailbox>(io_);
  asio::executor_work_guard<asio::io_context::executor_type> work_{io_.get_executor()};
  tcp::acceptor acceptor_{io_};
  asio::steady_timer accept_timer_{io_};
  std::optional<ConnectionShared> shared_;
  std::shared_ptr<const TlsContext> tls_;  ///< of connections to come; none: they are plain
  Open open_;
  std::size_t refusals_ = 0;
  std::size_t max_connections_ = 0;
  std::uint16_t port_ = 0;
  std::atomic<std::size_t> count_ = 0;
  std::mutex mutex_;
  std::condition_variable all_closed_;
  std::jthread thread_;  // last: joined before anything else goes
};

void HttpServer::Core::listen(const ListenAddress& address) {
  const auto fail = [&](const BoostError& error) {
    throw StartupError(ExitStatus::kEnvironment, bind_failure(options_.listen, error.value()));
  };
  BoostError error;
  const tcp::endpoint endpoint(asio::ip::make_address(address.host), address.port);
  if (acceptor_.open(endpoint.protocol(), error)) fail(error);
  if (acceptor_.set_option(tcp::acceptor::reuse_address(true), error)) fail(error);
  if (acceptor_.bind(endpoint, error)) fail(error);
  if (acceptor_.listen(tcp::acceptor::max_listen_connections, error)) fail(error);
  port_ = acceptor_.local_endpoint().port();
}

void HttpServer::Core::start() {
  const auto address = parse_listen_address(options_.listen);
  if (!address) throw StartupError(ExitStatus::kUsage, address.error());
  auto proxies = TrustedProxies::parse(options_.trusted_proxies);
  if (!proxies) throw StartupError(ExitStatus::kUsage, proxies.error());
  if (options_.tls.named()) {
    auto tls = load_tls(options_.tls);
    if (!tls) throw StartupError(ExitStatus::kUsage, tls.error());
    tls_ = std::move(*tls);
  }
  listen(*address);

  const HttpLimits& limits = options_.limits;
  const std::size_t wanted = limits.connections + limits.refusals_at_once + kOtherFiles;
  const std::size_t files = raise_open_files(wanted);
  max_connections_ = limits.connections;
  if (files < wanted) {
    max_connections_ = std::clamp<std::size_t>(files / 2, 1, limits.connections);
    log_warning("{} HTTP connections at most: the limit of open files (ulimit -n) is {}", max_connections_, files);
  }
  shared_.emplace(
      ConnectionShared{.limits = limits,
                       .router = router_,
                       .gate = Gate(options_, router_, address->host, std::move(*proxies)),
                       .ids = RequestIds(),
                       .observer = *observer_,
                       .bodies = std::make_shared<BodyBudget>(limits.bodies_in_memory_bytes),
                       .post = [mailbox = mailbox_](std::function<void()> w) { mailbox->post(std::move(w)); },
                       .turns = Turns([this](Turns::Step step) { asio::post(io_, std::move(step)); })});
  do_accept();
  thread_ = start_thread("http", [this](const std::stop_token&) { run(); });
}

void HttpServer::Core::reload_tls(const TlsFiles& files) {
  if (files.named() != options_.tls.named()) {
    log_warning("whether HTTP is served by TLS is not changed while the service runs: restart it");
  }
  if (!files.named() || !options_.tls.named()) return;
  auto tls = load_tls(files);
  if (!tls) {
    log_error("the TLS certificate before stays in use: {}", tls.error());
    return;
  }
  mailbox_->post([this, fresh = std::move(*tls)] { tls_ = fresh; });
}

void HttpServer::Core::run() {
  for (;;) {
    try {
      io_.run();
      return;
    } catch (const std::exception& error) {
      log_error("a step on the http thread failed: {}", error.what());
    }
  }
}

void HttpServer::Core::do_accept() {
  acceptor_.async_accept([this](const BoostError& error, tcp::socket socket) {
    if (!acceptor_.is_open() || error == asio::error::operation_aborted) return;
    if (!error) {
      do_accept();
      do_admit(std::move(socket));
      return;
    }
    const bool passing = error == asio::error::connection_aborted || error == asio::error::interrupted;
    if (passing) {
      do_accept();
    } else {
      log_warning("no connection can be accepted now: {}", error.message());
      evict_idle();
      do_pause();
    }
  });
}

void HttpServer::Core::do_pause() {
  accept_timer_.expires_after(kAcceptPause);
  accept_timer_.async_wait([this](const BoostError& error) {
    if (!error && acceptor_.is_open()) do_accept();
  });
}

bool HttpServer::Core::evict_idle() {
  if (shared_->idle.empty()) return false;
  shared_->idle.front()->abort();
  return true;
}

void HttpServer::Core::do_admit(tcp::socket socket) {
  BoostError error;
  socket.non_blocking(true, error);
  if (error) return;
  socket.set_option(tcp::no_delay(true), error);
  const bool refusal = open_.size() - refusals_ >= max_connections_ && !evict_idle();
  if (refusal) {
    observer_->connection_refused();
    if (refusals_ >= options_.limits.refusals_at_once) return;
    ++refusals_;
  } else {
    observer_->connection_opened();
  }
  const PeerAddress peer = peer_of(socket);
  const int fd = socket.native_handle();
  auto transport = tls_ ? tls_->transport(fd) : make_plain_transport(fd);
  const auto connection = std::make_shared<Connection>(*shared_, std::move(socket), std::move(transport), peer);
  const auto place = open_.insert(open_.end(), connection);
  count_ = open_.size();
  auto way = refusal ? connection->refuse() : connection->serve();
  auto ended = [this, place, refusal](const std::exception_ptr& failure) { do_close(place, refusal, failure); };
  asio::co_spawn(io_, std::move(way), std::move(ended));
}

void HttpServer::Core::do_close(Open::iterator place, bool refusal, const std::exception_ptr& error) {
  if (error) {
    try {
      std::rethrow_exception(error);
    } catch (const std::exception& failure) {
      log_error("a connection failed: {}", failure.what());
    }
    (*place)->abort();
  }
  open_.erase(place);
  if (refusal) {
    --refusals_;
  } else {
    observer_->connection_closed();
  }
  const std::scoped_lock lock(mutex_);
  count_ = open_.size();
  all_closed_.notify_all();
}

void HttpServer::Core::do_drain() {
  if (std::exchange(shared_->draining, true)) return;
  BoostError ignored;
  acceptor_.close(ignored);
  accept_timer_.cancel();
  for (const auto& connection : std::list(open_)) connection->wake();
}

void HttpServer::Core::do_abort_all() {
  for (const auto& connection : std::list(open_)) connection->abort();
}

void HttpServer::Core::stop(std::chrono::milliseconds grace) {
  if (!thread_.joinable()) return;
  begin_drain();
  {
    std::unique_lock lock(mutex_);
    all_closed_.wait_for(lock, grace, [&] { return count_ == 0; });
  }
  mailbox_->post([this] {
    do_abort_all();
    work_.reset();
  });
  thread_.join();
  mailbox_->close();
}

HttpServer::HttpServer(HttpOptions options, Router router, std::shared_ptr<HttpObserver> observer)
    : core_(std::make_shared<Core>(std::move(options), std::move(router), std::move(observer))) {}
HttpServer::~HttpServer() {
  try {
    core_->stop(std::chrono::milliseconds(0));
  } catch (const std::exception& fault) {
    log_error("the HTTP server could not be stopped in order: {}", fault.what());
  }
}
void HttpServer::start() { core_->start(); }
std::uint16_t HttpServer::port() const { return core_->port(); }
std::size_t HttpServer::connections() const { return core_->connections(); }
void HttpServer::begin_drain() { core_->begin_drain(); }
void HttpServer::reload_tls(const TlsFiles& files) { core_->reload_tls(files); }
void HttpServer::end_streams() { core_->end_streams(); }
void HttpServer::stop(std::chrono::milliseconds grace) { core_->stop(grace); }

}  // namespace curlew
