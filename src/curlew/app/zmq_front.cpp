#include "curlew/app/zmq_front.hpp"

#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "curlew/base/log.hpp"
#include "curlew/http/open_files.hpp"

namespace curlew {
namespace {

constexpr int kErrandThreads = 2;
constexpr std::size_t kErrandsWaiting = 1024;
/// Files for clients of both sockets beside those of HTTP: without a free one ZeroMQ's listener ends the process.
constexpr std::size_t kFiles = 4 * 4096 + 1024;

Publisher::Events events_for(Announcer& announcer) {
  return {.subscribed = [&announcer](std::string_view topic,
                                     const Publisher::Send& send) { announcer.subscribed(topic, send); },
          .unsubscribed = [&announcer](std::string_view topic) { announcer.unsubscribed(topic); },
          .due = [&announcer](const Publisher::Send& send) { return announcer.due(send); }};
}

}  // namespace

ZmqFront::ZmqFront(const Config& config, const Parts& parts)
    : backend_(parts.backend),
      errands_(kErrandThreads, kErrandsWaiting),
      announcer_({.backend = parts.backend,
                  .errands = errands_,
                  .publish =
                      [this](const Frames& message) {
                        if (publisher_) publisher_->publish(message);
                      },
                  .wake =
                      [this] {
                        if (publisher_) publisher_->wake();
                      },
                  .join = std::chrono::milliseconds(config.zmq.join_ms),
                  .others_publish = parts.others_publish}),
      commands_({.backend = parts.backend,
                 .board = parts.board,
                 .state = parts.state,
                 .announcer = announcer_,
                 .errands = errands_,
                 .rules = {.max_items = config.limits.list_items, .allow_quit = config.zmq.allow_quit},
                 .task = config.zmq.task == "classify" ? Task::kClassify : Task::kDetect,
                 .taken = parts.taken,
                 .turned_away = parts.turned_away,
                 .quit = parts.quit}) {
  if (const std::size_t wanted = config.limits.connections + kFiles; raise_open_files(wanted) < wanted) {
    log_info("the limit of open files (ulimit -n) is below {}; keep clients of ZeroMQ few", wanted);
  }
  if (!config.zmq.pub_sockets.empty()) {
    publisher_ = std::make_unique<Publisher>(
        Publisher::Options{.name = "zmq.pub_sockets", .endpoints = config.zmq.pub_sockets}, events_for(announcer_));
  }
  if (!config.zmq.rep_sockets.empty()) {
    replies_ = std::make_unique<ReplyServer>(
        ReplyServer::Options{.name = "zmq.rep_sockets",
                             .endpoints = config.zmq.rep_sockets,
                             .message_bytes = config.limits.json_body_bytes},
        [this](Frames request, const ReplyServer::Answer& answer) { commands_.handle(std::move(request), answer); });
  }
  backend_.set_on_kept([this](const NewResults& fresh) { announcer_.hear(fresh); });
}

ZmqFront::~ZmqFront() {
  backend_.set_on_kept({});
  replies_.reset();  // no new requests
  errands_.finish();
  announcer_.close();  // the publisher's thread may still call it, and goes before it
}

void ZmqFront::start() {
  if (publisher_) publisher_->start();
  if (replies_) replies_->start();
}

std::string ZmqFront::listens_at() const {
  std::string text;
  if (replies_) text += fmt::format("ZeroMQ: requests at {}\n", fmt::join(replies_->addresses(), ", "));
  if (publisher_) text += fmt::format("ZeroMQ: results at {}\n", fmt::join(publisher_->addresses(), ", "));
  return text;
}

void ZmqFront::rebind(const Config& config) {
  if (publisher_) publisher_->rebind(config.zmq.pub_sockets);
  if (replies_) replies_->rebind(config.zmq.rep_sockets);
}

void ZmqFront::flush(TimePoint end) {
  if (publisher_) announcer_.flush(end);
}

}  // namespace curlew
