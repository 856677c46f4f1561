#pragma once

#include <curl/curl.h>

#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <mutex>

#include "curlew/fetch/address_policy.hpp"
#include "curlew/fetch/body.hpp"
#include "curlew/fetch/fetch_limits.hpp"
#include "curlew/fetch/resolver.hpp"
#include "curlew/fetch/transfer.hpp"

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

 private:
  struct Entry {
    std::unique_ptr<Transfer> transfer;
    End end;
  };
  /// Lives as long as anybody who may call it.
  struct Waker {
    std::mutex mutex;
    CURLM* multi = nullptr;
  };

  void read_messages();
  void give_room();
  /// Whether there was one.
  bool end_those_done();
  TimePoint next_wake() const;
  void poll();

  CURLM* multi_;
  std::unique_ptr<Resolver> resolver_;
  TransferShared shared_;
  std::shared_ptr<Waker> waker_ = std::make_shared<Waker>();
  std::list<Entry> entries_;
};

}  // namespace curlew
