#pragma once

#include <curl/curl.h>

#include <atomic>
#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <vector>

#include "curlew/fetch/address_policy.hpp"
#include "curlew/fetch/body.hpp"
#include "curlew/fetch/curl_sockets.hpp"
#include "curlew/fetch/easy_pool.hpp"
#include "curlew/fetch/fetch_limits.hpp"
#include "curlew/fetch/resolver.hpp"
#include "curlew/fetch/transfer.hpp"
#include "curlew/fetch/wake_signal.hpp"

namespace curlew {

/// Runs any number of transfers on the thread that calls it, over one CURLM.
///
/// Errors:  the constructor throws StartupError where libcurl cannot start.
/// Threads: one; only what waker() gives may be called from any.
class TransferLoop {
 public:
  using End = std::function<void(Result<void>)>;

  /// `options` and `policy` outlive the loop.
  TransferLoop(const FetchOptions& options, const AddressPolicy& policy, std::unique_ptr<Resolver> resolver);
  ~TransferLoop();
  TransferLoop(const TransferLoop&) = delete;
  TransferLoop& operator=(const TransferLoop&) = delete;

  /// Brings what `url` names to `body`, which lives at least until `end` is called: once, from run_once or cancel_all.
  void start(const Url& url, Body& body, End end);

  /// Ends all with kCancelled, before it returns.
  void cancel_all();

  /// Moves all transfers on; where none has ended, waits until one can be moved on again or the waker is called.
  void run_once();

  /// Ends the wait of run_once, or the next one; harmless when the loop is gone.
  std::function<void()> waker() const;

  /// The same for news that there is room for a body again: without effect where none waits for any.
  std::function<void()> room_waker() const;

 private:
  struct Entry {
    std::unique_ptr<Transfer> transfer;
    End end;
  };
  /// Lives as long as anybody who may call it.
  struct Waker {
    WakeSignal signal;
    std::atomic<bool> lacks_room = false;  ///< a body waits for the budget
  };

  void read_messages();
  void give_room();
  /// Whether there was one.
  bool end_those_done();
  TimePoint next_wake() const;
  void poll();

  struct MultiDeleter {
    void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
  };

  std::unique_ptr<CURLM, MultiDeleter> multi_;
  CurlSockets sockets_;
  EasyPool handles_;
  std::unique_ptr<Resolver> resolver_;
  TransferShared shared_;
  std::shared_ptr<Waker> waker_ = std::make_shared<Waker>();
  std::list<Entry> entries_;
  std::vector<pollfd> polled_;  ///< of the last wait: the signal, libcurl's, the resolver's
};

}  // namespace curlew
