#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <shared_mutex>
#include <string>
#include <string_view>

#include "curlew/base/clock.hpp"
#include "curlew/core/frames.hpp"
#include "curlew/service/backend.hpp"
#include "curlew/service/errands.hpp"
#include "curlew/service/result_feed.hpp"

namespace curlew {

/// Brings the results of batches that were asked for over ZeroMQ to the publisher, each once and in the order of its
/// sequence, and heartbeats between them.
///
/// A client may subscribe only after it was told that its list is taken. So that it misses nothing, the results of its
/// batch wait until as many new subscriptions have come as batches wait, `join` at most; where nobody has subscribed at
/// all, kNobody.
///
/// Batches of an earlier run of the service go on: what they still lack is published by this one, but not where
/// services share a store, which publish their own.
/// Threads: any, but that of the publisher for subscribed(), unsubscribed() and due().
class Announcer {
 public:
  using Send = std::function<void(const Frames&)>;

  struct Parts {
    Backend& backend;
    Errands& errands;  ///< reads stores, which the publisher's thread never does
    Send publish;      ///< to the publisher; may wait for it
    std::function<void()> wake;
    Duration join = std::chrono::milliseconds(50);
    bool others_publish = false;  ///< whether batches of other runs may be those of services that run now
  };

  static constexpr std::chrono::seconds kHeartbeat{1};
  static constexpr std::chrono::seconds kNobody{5};

  /// Ownership: all parts outlive it.
  explicit Announcer(Parts parts);
  ~Announcer();
  Announcer(const Announcer&) = delete;
  Announcer& operator=(const Announcer&) = delete;

  /// What this run calls itself: BatchOptions::publisher of what it has to announce.
  const std::string& name() const { return name_; }

  /// A batch of that name is kept. `subscribed`: its client listens already.
  void add(const BatchStatus& batch, bool subscribed);
  /// For Backend::set_on_kept. Cost: never blocks.
  void hear(const NewResults& fresh);

  // What the publisher tells: each subscription, and that nobody has one any more.
  void subscribed(std::string_view topic, const Send& send);
  void unsubscribed(std::string_view topic);
  TimePoint due(const Send& send);

  /// Returns when all that the kept store has is published, or `end` has come; nothing waits for subscribers any more.
  void flush(TimePoint end);
  /// From now on nothing is published: when this returns, `publish` is not running and will not be called any more.
  void close();

 private:
  /// Outlives it with feeds that are in the middle of something.
  struct Gate {
    std::shared_mutex mutex;
    bool open = true;
  };
  struct Track {
    std::shared_ptr<ResultFeed> feed;
    std::uint32_t published = 0;
  };
  struct Held {
    std::string batch;
    TimePoint since;
  };

  void track(const BatchStatus& batch, std::uint32_t after);
  bool try_start(const std::string& batch);
  void start(const std::string& batch);
  /// On the publisher's thread, which may not wait: what cannot be started now is held on.
  void release(std::deque<Held> ripe);
  Duration patience() const;
  std::shared_ptr<ResultFeed> feed_of(const std::string& batch);
  void forget(const std::string& batch);
  void note_published(const std::string& batch, std::uint32_t sequence);
  bool wait_for_store(TimePoint end);

  const Parts parts_;
  const std::string name_;
  const std::shared_ptr<Gate> gate_ = std::make_shared<Gate>();
  TimePoint next_heartbeat_{};  ///< of the publisher's thread

  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, Track> tracks_;        ///< by batch, until it has ended
  std::deque<Held> held_;                      ///< the oldest first
  std::size_t newcomers_ = 0;                  ///< subscriptions that results match, since the oldest of these
  std::set<std::string, std::less<>> topics_;  ///< subscribed to by somebody, and matched by results
  bool flushing_ = false;
};

}  // namespace curlew
