#include "curlew/fetch/transfer_loop.hpp"

#include <algorithm>
#include <chrono>
#include <span>
#include <utility>
#include <vector>

#include "curlew/base/startup_error.hpp"

namespace curlew {
namespace {

/// Connections that are kept though nobody uses them now.
constexpr long kIdleConnections = 64;
/// A bound on each wait; everything that has to happen earlier says so.
constexpr std::chrono::milliseconds kLongestWait{1000};

CURLM* make_multi(const FetchLimits& limits) {
  CURLM* multi = start_libcurl() ? curl_multi_init() : nullptr;
  if (multi == nullptr)
    throw StartupError(ExitStatus::kEnvironment, "pictures cannot be fetched: libcurl did not start");
  curl_multi_setopt(multi, CURLMOPT_PIPELINING, static_cast<long>(CURLPIPE_MULTIPLEX));
  curl_multi_setopt(multi, CURLMOPT_MAX_HOST_CONNECTIONS, static_cast<long>(limits.connections_per_origin));
  curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, kIdleConnections);
  return multi;
}

}  // namespace

TransferLoop::TransferLoop(const FetchOptions& options, const AddressPolicy& policy, std::unique_ptr<Resolver> resolver)
    : multi_(make_multi(options.limits)),
      sockets_(multi_.get()),
      handles_(options),
      resolver_(std::move(resolver)),
      shared_{
          .multi = multi_.get(), .resolver = *resolver_, .policy = policy, .options = options, .handles = handles_} {}

TransferLoop::~TransferLoop() { cancel_all(); }

void TransferLoop::start(const Url& url, Body& body, End end) {
  entries_.push_back(Entry{std::make_unique<Transfer>(shared_, url, body), std::move(end)});
  entries_.back().transfer->begin();
}

void TransferLoop::cancel_all() {
  for (const Entry& entry : entries_) entry.transfer->cancel();
  end_those_done();
}

void TransferLoop::run_once() {
  sockets_.act();
  read_messages();
  give_room();
  const TimePoint at = now();
  for (const Entry& entry : entries_) entry.transfer->on_time(at);
  if (!end_those_done()) poll();
}

std::function<void()> TransferLoop::waker() const {
  return [waker = waker_] { waker->signal.wake(); };
}

std::function<void()> TransferLoop::room_waker() const {
  return [waker = waker_] {
    if (waker->lacks_room) waker->signal.wake();
  };
}

void TransferLoop::read_messages() {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    const CURLcode code = message->data.result;
    Transfer* transfer = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
    transfer->on_exchange_end(code);
  }
}

/// In the order in which they asked: a large picture must not starve behind small ones.
void TransferLoop::give_room() {
  auto& waiting = shared_.waiting_for_room;
  while (!waiting.empty()) {
    waker_->lacks_room = true;  // before the question, so that room that comes right after it is heard of
    Transfer* const first = waiting.front();
    if (!first->try_continue()) return;
    std::erase(waiting, first);
  }
  waker_->lacks_room = false;
}

bool TransferLoop::end_those_done() {
  bool any = false;
  for (auto entry = entries_.begin(); entry != entries_.end();) {
    if (!entry->transfer->outcome()) {
      ++entry;
      continue;
    }
    Result<void> outcome = *entry->transfer->outcome();
    const End end = std::move(entry->end);
    entry = entries_.erase(entry);
    end(std::move(outcome));
    any = true;
  }
  return any;
}

TimePoint TransferLoop::next_wake() const {
  TimePoint wake = now() + kLongestWait;
  for (const Entry& entry : entries_) wake = std::min(wake, entry.transfer->wake_at());
  if (const auto libcurl_wakes = sockets_.wake_at()) wake = std::min(wake, *libcurl_wakes);
  if (const auto resolver_wakes = resolver_->wake_at()) wake = std::min(wake, *resolver_wakes);
  return wake;
}

void TransferLoop::poll() {
  const auto of_libcurl = sockets_.wanted();
  polled_.assign(1, {.fd = waker_->signal.fd(), .events = POLLIN, .revents = 0});
  polled_.insert(polled_.end(), of_libcurl.begin(), of_libcurl.end());
  const std::size_t before_resolver = polled_.size();
  resolver_->add_sockets(polled_);

  const Duration left = waker_->signal.may_wait() ? std::max(next_wake() - now(), Duration::zero()) : Duration::zero();
  const auto wait_ms = static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(left).count());
  if (::poll(polled_.data(), polled_.size(), wait_ms) < 0) {
    for (pollfd& socket : polled_) socket.revents = 0;  // a signal; nothing is known of any of them
  }
  waker_->signal.waited(polled_.front().revents != 0);
  sockets_.note(std::span(polled_).subspan(1, before_resolver - 1));
  resolver_->process(std::span(polled_).subspan(before_resolver));
}

}  // namespace curlew
