#include "curlew/service/announcer.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "curlew/base/log.hpp"
#include "curlew/store/uuid_v7.hpp"
#include "curlew/wire/result_message.hpp"

namespace curlew {
namespace {

/// How often it is looked whether the store has written what it was handed.
constexpr std::chrono::milliseconds kLook{5};

/// A subscription is to all topics that begin with it.
bool brings_results(std::string_view subscription) { return kResultsTopic.starts_with(subscription); }

Frames heartbeat() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return write_heartbeat(usage, calendar_now_ms());
}

}  // namespace

Announcer::Announcer(Parts parts) : parts_(std::move(parts)), name_(new_uuid_v7(calendar_now_ms())) {}

Announcer::~Announcer() { close(); }

void Announcer::close() {
  std::vector<std::shared_ptr<ResultFeed>> feeds;
  {
    const std::scoped_lock lock(mutex_);
    for (auto& [batch, track] : tracks_) feeds.push_back(track.feed);
  }
  for (const auto& feed : feeds) feed->stop();
  const std::scoped_lock lock(gate_->mutex);
  gate_->open = false;
}

void Announcer::add(const BatchStatus& batch, bool subscribed) {
  if (batch.total == 0) return;
  track(batch, 0);
  {
    const std::scoped_lock lock(mutex_);
    if (!subscribed && !flushing_) {
      if (held_.empty()) newcomers_ = 0;
      held_.push_back({.batch = batch.id, .since = now()});
      return parts_.wake();
    }
  }
  start(batch.id);
}

void Announcer::hear(const NewResults& fresh) {
  const std::string& publisher = fresh.status.options.publisher;
  // Those of this run are added by who has asked for them.
  if (publisher.empty() || publisher == name_ || parts_.others_publish) return;
  if (feed_of(fresh.status.id)) return;
  track(fresh.status, fresh.results.empty() ? fresh.status.done : fresh.results.front().sequence - 1);
  start(fresh.status.id);
}

void Announcer::track(const BatchStatus& batch, std::uint32_t after) {
  const auto while_open = [gate = gate_](const auto& what) {
    const std::shared_lock lock(gate->mutex);
    if (gate->open) what();
  };
  auto feed = ResultFeed::make(
      parts_.backend.kept(), parts_.backend.kept_news(), batch.id, after,
      {.result =
           [this, while_open, total = batch.total](const KeptResult& kept) {
             while_open([&] {
               parts_.publish(write_result(kept.result, kept.sequence, total));
               note_published(kept.result.batch, kept.sequence);
             });
             return true;
           },
       .ended = [this, while_open](const BatchStatus& status) { while_open([&] { forget(status.id); }); },
       .failed =
           [this, while_open, id = batch.id](const StoreError& error) {
             log_warning("results of the batch {} cannot be published: {}", id, error.message);
             while_open([&] { forget(id); });
           }});
  const std::scoped_lock lock(mutex_);
  tracks_[batch.id] = {.feed = std::move(feed), .published = after};
}

bool Announcer::try_start(const std::string& batch) {
  return parts_.errands.run([feed = feed_of(batch)] {
    if (feed) feed->start();
  });
}

void Announcer::start(const std::string& batch) {
  if (try_start(batch)) return;
  // Too much waits already; here, then: it must not be left out.
  if (const auto feed = feed_of(batch)) feed->start();
}

void Announcer::release(std::deque<Held> ripe) {
  while (!ripe.empty() && try_start(ripe.front().batch)) ripe.pop_front();
  const std::scoped_lock lock(mutex_);
  for (; !ripe.empty(); ripe.pop_back()) held_.push_front(std::move(ripe.back()));
}

Duration Announcer::patience() const {
  return !topics_.empty() ? parts_.join : std::max<Duration>(parts_.join, kNobody);
}

std::shared_ptr<ResultFeed> Announcer::feed_of(const std::string& batch) {
  const std::scoped_lock lock(mutex_);
  const auto found = tracks_.find(batch);
  return found == tracks_.end() ? nullptr : found->second.feed;
}

void Announcer::forget(const std::string& batch) {
  const std::scoped_lock lock(mutex_);
  tracks_.erase(batch);
  changed_.notify_all();
}

void Announcer::note_published(const std::string& batch, std::uint32_t sequence) {
  const std::scoped_lock lock(mutex_);
  const auto found = tracks_.find(batch);
  if (found != tracks_.end()) found->second.published = sequence;
  if (flushing_) changed_.notify_all();
}

void Announcer::subscribed(std::string_view topic, const Send& send) {
  if (is_welcome_topic(topic)) return send(write_welcome(topic, calendar_now_ms()));
  if (!brings_results(topic)) return;
  std::deque<Held> ripe;
  {
    const std::scoped_lock lock(mutex_);
    topics_.emplace(topic);
    // Whose subscription it is cannot be told: once there are as many, each of those who wait has one.
    if (++newcomers_ < held_.size()) return;
    newcomers_ = 0;
    ripe.swap(held_);
  }
  release(std::move(ripe));
}

void Announcer::unsubscribed(std::string_view topic) {
  const std::scoped_lock lock(mutex_);
  const auto found = topics_.find(topic);
  if (found != topics_.end()) topics_.erase(found);
}

TimePoint Announcer::due(const Send& send) {
  const TimePoint time = now();
  if (time >= next_heartbeat_) {
    send(heartbeat());
    next_heartbeat_ = time + kHeartbeat;
  }
  std::deque<Held> ripe;
  {
    const std::scoped_lock lock(mutex_);
    while (!held_.empty() && held_.front().since + patience() <= time) {
      ripe.push_back(std::move(held_.front()));
      held_.pop_front();
    }
  }
  release(std::move(ripe));
  const std::scoped_lock lock(mutex_);
  if (held_.empty()) return next_heartbeat_;
  return std::min(next_heartbeat_, std::max(held_.front().since + patience(), time + kLook));
}

bool Announcer::wait_for_store(TimePoint end) {
  std::unique_lock lock(mutex_);
  while (parts_.backend.kept().counts().unwritten_results > 0) {
    if (now() >= end) return false;
    changed_.wait_until(lock, std::min(end, now() + kLook));
  }
  return true;
}

void Announcer::flush(TimePoint end) {
  std::deque<Held> held;
  std::map<std::string, Track> tracks;
  {
    const std::scoped_lock lock(mutex_);
    flushing_ = true;
    held.swap(held_);
  }
  for (const Held& each : held) start(each.batch);
  if (!wait_for_store(end)) return;
  {
    const std::scoped_lock lock(mutex_);
    tracks = tracks_;
  }
  for (auto& [batch, track] : tracks) {
    const auto status = parts_.backend.kept().status(batch);
    if (!status) continue;
    track.feed->resume();
    std::unique_lock lock(mutex_);
    changed_.wait_until(lock, end, [&, id = batch] {
      const auto found = tracks_.find(id);
      return found == tracks_.end() || found->second.published >= status->done;
    });
  }
}

}  // namespace curlew
