#include "curlew/service/result_feed.hpp"

#include <exception>
#include <utility>

#include "curlew/base/log.hpp"

namespace curlew {

ResultFeed::ResultFeed(JobStore& store, BatchNews& news, std::string batch, std::uint32_t after, Taker taker)
    : store_(store), news_(news), batch_(std::move(batch)), cursor_(after), taker_(std::move(taker)) {}

std::shared_ptr<ResultFeed> ResultFeed::make(JobStore& store, BatchNews& news, std::string batch, std::uint32_t after,
                                             Taker taker) {
  return std::shared_ptr<ResultFeed>(new ResultFeed(store, news, std::move(batch), after, std::move(taker)));
}

void ResultFeed::start() {
  // The listener keeps the feed alive; the end and stop() let it go.
  auto subscription = news_.listen(batch_, [self = shared_from_this()](const BatchStatus&) { self->pump(); });
  {
    const std::scoped_lock lock(mutex_);
    // It may be over already, by what the listener has heard: then nobody would take the subscription back.
    if (!over_) subscription_ = std::move(subscription);
  }
  pump();
}

void ResultFeed::resume() {
  {
    const std::scoped_lock lock(mutex_);
    paused_ = false;
    ++resumed_;
  }
  pump();
}

void ResultFeed::stop() {
  BatchNews::Subscription gone;
  const std::scoped_lock lock(mutex_);
  over_ = true;
  gone = std::move(subscription_);
}

void ResultFeed::pump() {
  const auto self = shared_from_this();
  {
    const std::scoped_lock lock(mutex_);
    if (over_ || paused_) return;
    if (pumping_) {
      again_ = true;
      return;
    }
    pumping_ = true;
  }
  for (;;) {
    const Step next = step();
    if (next == Step::kMore) continue;
    // Only now, with the last word said, nobody listens any more.
    if (next == Step::kOver) return stop();
    const std::scoped_lock lock(mutex_);
    if (!over_ && !paused_ && std::exchange(again_, false)) continue;
    pumping_ = false;
    return;
  }
}

ResultFeed::Step ResultFeed::step() {
  try {
    return take_page();
  } catch (const std::exception& fault) {
    log_error("results cannot be handed on: {}", fault.what());
    return Step::kOver;
  }
}

ResultFeed::Step ResultFeed::take_page() {
  const auto page = store_.results(batch_, cursor_, kPage);
  if (!page) {
    if (finish()) taker_.failed(page.error());
    return Step::kOver;
  }
  for (const KeptResult& result : page->results) {
    if (!hand_over(result)) return Step::kWait;
  }
  if (page->status.ended() && cursor_ >= page->status.done) {
    if (finish()) taker_.ended(page->status);
    return Step::kOver;
  }
  // What came after the page was read is news.
  return page->results.empty() || cursor_ >= page->status.done ? Step::kWait : Step::kMore;
}

/// Whether to go on.
bool ResultFeed::hand_over(const KeptResult& result) {
  std::size_t resumed = 0;
  {
    const std::scoped_lock lock(mutex_);
    if (over_) return false;
    resumed = resumed_;
  }
  cursor_ = result.sequence;
  if (taker_.result(result)) return true;
  const std::scoped_lock lock(mutex_);
  // Room may have come between the taker's word and this line.
  paused_ = resumed == resumed_;
  return !paused_;
}

/// Whether the last word may be said: nobody has stopped the feed.
bool ResultFeed::finish() {
  const std::scoped_lock lock(mutex_);
  return !std::exchange(over_, true);
}

}  // namespace curlew
