#include "curlew/fetch/transfer_loop.hpp"

#include <algorithm>
#include <chrono>
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

unsigned short to_curl_events(short events) {
  return static_cast<unsigned short>(((events & POLLIN) != 0 ? CURL_WAIT_POLLIN : 0) |
                                     ((events & POLLOUT) != 0 ? CURL_WAIT_POLLOUT : 0));
}

short from_curl_events(short events) {
  return static_cast<short>(((events & CURL_WAIT_POLLIN) != 0 ? POLLIN : 0) |
                            ((events & CURL_WAIT_POLLOUT) != 0 ? POLLOUT : 0));
}

}  // namespace

TransferLoop::TransferLoop(const FetchOptions& options, const AddressPolicy& policy, std::unique_ptr<Resolver> resolver)
    : multi_(make_multi(options.limits)),
      resolver_(std::move(resolver)),
      shared_{.multi = multi_, .resolver = *resolver_, .policy = policy, .options = options} {
  waker_->multi = multi_;
}

TransferLoop::~TransferLoop() {
  cancel_all();
  {
    const std::scoped_lock lock(waker_->mutex);
    waker_->multi = nullptr;
  }
  curl_multi_cleanup(multi_);
}

void TransferLoop::start(const Url& url, Body& body, End end) {
  entries_.push_back(Entry{std::make_unique<Transfer>(shared_, url, body), std::move(end)});
  entries_.back().transfer->begin();
}

void TransferLoop::cancel_all() {
  for (const Entry& entry : entries_) entry.transfer->cancel();
  end_those_done();
}

void TransferLoop::run_once() {
  int running = 0;
  curl_multi_perform(multi_, &running);
  read_messages();
  give_room();
  const TimePoint at = now();
  for (const Entry& entry : entries_) entry.transfer->on_time(at);
  if (!end_those_done()) poll();
}

std::function<void()> TransferLoop::waker() const {
  return [waker = waker_] {
    const std::scoped_lock lock(waker->mutex);
    if (waker->multi != nullptr) curl_multi_wakeup(waker->multi);
  };
}

void TransferLoop::read_messages() {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
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
    Transfer* const first = waiting.front();
    if (!first->try_continue()) return;
    std::erase(waiting, first);
  }
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
  if (const auto resolver_wakes = resolver_->wake_at()) wake = std::min(wake, *resolver_wakes);
  return wake;
}

void TransferLoop::poll() {
  std::vector<pollfd> sockets;
  resolver_->add_sockets(sockets);
  std::vector<curl_waitfd> waited;
  waited.reserve(sockets.size());
  for (const pollfd& socket : sockets)
    waited.push_back({socket.fd, static_cast<short>(to_curl_events(socket.events)), 0});

  const Duration wait = std::max(next_wake() - now(), Duration::zero());
  const auto wait_ms = static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(wait).count());
  curl_multi_poll(multi_, waited.data(), static_cast<unsigned>(waited.size()), wait_ms, nullptr);

  for (std::size_t i = 0; i < sockets.size(); ++i) sockets[i].revents = from_curl_events(waited[i].revents);
  resolver_->process(sockets);
}

}  // namespace curlew
