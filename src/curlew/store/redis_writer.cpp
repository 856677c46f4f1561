#include "curlew/store/redis_writer.hpp"

#include <fmt/format.h>

#include <exception>

#include "curlew/base/thread.hpp"
#include "curlew/store/result_codec.hpp"

namespace curlew {

RedisWriter::RedisWriter(RedisWork& work, RedisHealth& health, Hooks hooks)
    : work_(work),
      health_(health),
      hooks_(std::move(hooks)),
      random_(std::random_device{}()),
      thread_(start_thread("store", [this](const std::stop_token&) { run(); })) {}

RedisWriter::~RedisWriter() {
  {
    const std::scoped_lock lock(mutex_);
    closing_ = true;
    changed_.notify_all();
  }
  thread_.join();
}

std::future<std::vector<Completion>> RedisWriter::complete(std::vector<ItemResult> results) {
  auto handed = std::make_shared<Handed>();
  handed->completions.resize(results.size(), Completion::kLost);
  handed->open = results.size();
  auto future = handed->promise.get_future();
  if (results.empty()) handed->promise.set_value({});
  unwritten_ += results.size();
  std::vector<Job> jobs;
  for (ItemResult& result : results) {
    std::string outcome = encode_outcome(result);
    jobs.emplace_back(Outgoing{.result = {.result = std::move(result), .outcome = std::move(outcome)},
                               .handed = handed,
                               .place = jobs.size()});
  }
  const std::scoped_lock lock(mutex_);
  for (Job& job : jobs) jobs_.push_back(std::move(job));
  changed_.notify_all();
  return future;
}

void RedisWriter::give_back(std::vector<ItemKey> items) {
  if (items.empty()) return;
  const std::scoped_lock lock(mutex_);
  jobs_.emplace_back(Returned{.items = std::move(items), .ending = {}});
  ++give_backs_;
  changed_.notify_all();
}

void RedisWriter::wake() {
  const std::scoped_lock lock(mutex_);
  changed_.notify_all();
}

void RedisWriter::wait_for_give_backs() {
  if (std::this_thread::get_id() == thread_id_.load()) return;  // a listener calls, for whom it would wait in vain
  std::unique_lock lock(mutex_);
  const std::size_t failures = failures_;
  changed_.wait(lock, [&] { return give_backs_ == 0 || closing_ || failures_ != failures || health_.trouble(); });
}

void RedisWriter::run() {
  thread_id_ = std::this_thread::get_id();
  std::unique_lock lock(mutex_);
  for (;;) {
    wait_for_jobs(lock);
    const bool is_last = closing_;
    if (!has_taken()) take_next();
    if (is_last && !has_taken()) return;
    lock.unlock();
    try_taken();
    lock.lock();
    if (is_last && has_taken()) return lose_all();
  }
}

void RedisWriter::wait_for_jobs(std::unique_lock<std::mutex>& lock) {
  const auto is_due = [&] { return closing_ || has_taken() || !jobs_.empty() || health_.trouble(); };
  changed_.wait(lock, is_due);
  if (health_.trouble()) changed_.wait_until(lock, retry_at_, [&] { return closing_; });
}

void RedisWriter::take_next() {
  std::size_t bytes = 0;
  while (!jobs_.empty() && group_.size() < kGroupResults && bytes < kGroupBytes) {
    auto* outgoing = std::get_if<Outgoing>(&jobs_.front());
    if (outgoing == nullptr) break;
    bytes += outgoing->result.outcome.size() + outgoing->result.result.url.size();
    group_.push_back(std::move(outgoing->result));
    group_owners_.emplace_back(std::move(outgoing->handed), outgoing->place);
    jobs_.pop_front();
  }
  if (!group_.empty() || jobs_.empty()) return;
  returned_ = std::get<Returned>(std::move(jobs_.front()));
  jobs_.pop_front();
}

void RedisWriter::try_taken() {
  try {
    // What may be refused for good must not be the one by which that is found out.
    if (health_.trouble()) hooks_.probe();
    if (!group_.empty()) keep_group();
    if (returned_) {
      give_back_taken(*returned_);
      returned_.reset();
    }
    backoff_.reset();
    if (health_.note_success()) hooks_.recovered();
    hooks_.written(unwritten_);
    return;
  } catch (const RedisFailure& failure) {
    health_.note_failure(failure);
  } catch (const std::exception& failure) {
    health_.note_failure({.kind = RedisFailure::Kind::kFault,
                          .what = fmt::format("a fault while writing to Redis: {}", failure.what())});
  }
  constexpr auto kRange = static_cast<double>(std::minstd_rand::max());
  retry_at_ = now() + backoff_.next(static_cast<double>(random_()) / kRange);
  const std::scoped_lock lock(mutex_);
  ++failures_;
  changed_.notify_all();
}

void RedisWriter::keep_group() {
  auto kept = work_.keep(group_number_, group_);
  ++group_number_;
  hooks_.kept(group_, std::move(kept.news));
  for (std::size_t i = 0; i < group_.size(); ++i) {
    complete(*group_owners_[i].first, group_owners_[i].second,
             kept.sequences[i] == 0 ? Completion::kIgnored : Completion::kKept);
  }
  unwritten_ -= group_.size();
  group_.clear();
  group_owners_.clear();
}

void RedisWriter::give_back_taken(Returned& returned) {
  if (!returned.is_back) returned.ending = work_.give_back(returned.items);
  returned.is_back = true;
  for (; !returned.ending.empty(); returned.ending.pop_back()) hooks_.end_waiting(returned.ending.back());
  const std::scoped_lock lock(mutex_);
  --give_backs_;
  changed_.notify_all();
}

void RedisWriter::complete(Handed& handed, std::size_t place, Completion completion) {
  handed.completions[place] = completion;
  if (--handed.open == 0) handed.promise.set_value(std::move(handed.completions));
}

void RedisWriter::lose_all() {
  for (const auto& [handed, place] : group_owners_) complete(*handed, place, Completion::kLost);
  for (const Job& job : jobs_) {
    if (const auto* outgoing = std::get_if<Outgoing>(&job)) {
      complete(*outgoing->handed, outgoing->place, Completion::kLost);
    }
  }
}

}  // namespace curlew
