#pragma once

#include <gtest/gtest.h>

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "curlew/http/http_server.hpp"
#include "flow/certificates.hpp"
#include "flow/http_client.hpp"

namespace curlew::testing_http {

/// Remembers what the server did, and lets tests wait for it.
class Watcher : public HttpObserver {
 public:
  struct Done {
    std::string route;
    std::string client;
    std::string id;
    int status = 0;
    bool complete = false;
  };

  void connection_opened() override {
    change([this] { ++opened_; });
  }
  void connection_closed() override {
    change([this] { ++closed_; });
  }
  void connection_refused() override {
    change([this] { ++refused_; });
  }
  void request_done(const HttpExchange& e) override {
    change([&] {
      done_.push_back({std::string(e.route), std::string(e.client), std::string(e.request_id), e.status, e.complete});
    });
  }

  bool wait_for_open(int count) {
    return wait([&] { return opened_ - closed_ == count; });
  }
  bool wait_for_opened(int count) {
    return wait([&] { return opened_ == count; });
  }
  int refused() {
    const std::scoped_lock lock(mutex_);
    return refused_;
  }
  /// The `number`th request that was answered, counted from 1.
  Done wait_for_done(std::size_t number) {
    wait([&] { return done_.size() >= number; });
    const std::scoped_lock lock(mutex_);
    return done_.size() >= number ? done_[number - 1] : Done{};
  }

 private:
  void change(const std::function<void()>& how) {
    const std::scoped_lock lock(mutex_);
    how();
    changed_.notify_all();
  }
  bool wait(const std::function<bool()>& condition) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(20), condition);
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  int opened_ = 0;
  int closed_ = 0;
  int refused_ = 0;
  std::vector<Done> done_;
};

/// Hands a reply from the http thread to the test.
class ReplyBox {
 public:
  void put(std::shared_ptr<HttpReply> reply) {
    const std::scoped_lock lock(mutex_);
    replies_.push_back(std::move(reply));
    came_.notify_all();
  }
  /// The next one; null after 20 s.
  std::shared_ptr<HttpReply> take() {
    std::unique_lock lock(mutex_);
    came_.wait_for(lock, std::chrono::seconds(20), [&] { return !replies_.empty(); });
    if (replies_.empty()) return nullptr;
    auto reply = std::move(replies_.front());
    replies_.erase(replies_.begin());
    return reply;
  }

 private:
  std::mutex mutex_;
  std::condition_variable came_;
  std::vector<std::shared_ptr<HttpReply>> replies_;
};

/// Something that happens once, and can be waited for.
class Signal {
 public:
  std::function<void()> raiser() {
    return [state = state_] {
      const std::scoped_lock lock(state->mutex);
      ++state->times;
      state->raised.notify_all();
    };
  }
  bool wait() {
    std::unique_lock lock(state_->mutex);
    return state_->raised.wait_for(lock, std::chrono::seconds(20), [&] { return state_->times > 0; });
  }
  bool wait_beyond(int times, std::chrono::milliseconds patience) {
    std::unique_lock lock(state_->mutex);
    return state_->raised.wait_for(lock, patience, [&] { return state_->times > times; });
  }
  int times() {
    const std::scoped_lock lock(state_->mutex);
    return state_->times;
  }

 private:
  struct State {
    std::mutex mutex;
    std::condition_variable raised;
    int times = 0;
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

/// How a server and its clients speak.
enum class Wire : std::uint8_t { kPlain, kTls };

/// A server with a few routes, on a free port of loopback.
class HttpServerTest : public testing::Test {
 protected:
  explicit HttpServerTest(Wire how) : wire(how) { options.listen = "127.0.0.1:0"; }

  void start();
  RawClient client(const std::string& address = "127.0.0.1") const;
  Answer ask(std::string_view bytes) const { return client().ask(bytes); }

  const Wire wire;
  Certificates certificates;
  HttpOptions options;
  ReplyBox held;  ///< replies of GET /held
  std::shared_ptr<Watcher> watcher = std::make_shared<Watcher>();
  std::unique_ptr<HttpServer> server;
};

/// What holds over every wire.
class HttpFlow : public HttpServerTest, public testing::WithParamInterface<Wire> {
 protected:
  HttpFlow() : HttpServerTest(GetParam()) {}
};

/// What TLS alone has.
class TlsFlow : public HttpServerTest {
 protected:
  TlsFlow() : HttpServerTest(Wire::kTls) {}
};

}  // namespace curlew::testing_http
