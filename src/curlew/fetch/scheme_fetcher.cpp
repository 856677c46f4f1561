#include "curlew/fetch/scheme_fetcher.hpp"

#include <cstdint>
#include <utility>

#include "curlew/fetch/local_files.hpp"

namespace curlew {

/// What start waits for. Shared with the budget, whose last call may come late.
struct SchemeFetcher::News {
  std::mutex mutex;
  std::condition_variable came;
  std::uint64_t releases = 0;
  bool cancelled = false;
};

SchemeFetcher::SchemeFetcher(std::unique_ptr<Fetcher> web, std::function<void()> web_on_release, ByteBudget& budget,
                             ByteCount picture_bytes)
    : web_(std::move(web)), budget_(budget), picture_bytes_(picture_bytes), news_(std::make_shared<News>()) {
  budget_.set_on_release([news = news_, web_on_release = std::move(web_on_release)] {
    {
      const std::scoped_lock lock(news->mutex);
      ++news->releases;
    }
    news->came.notify_all();
    if (web_on_release) web_on_release();
  });
}

SchemeFetcher::~SchemeFetcher() {
  SchemeFetcher::cancel_all();
  web_.reset();
  budget_.set_on_release({});
}

void SchemeFetcher::start(const Source& source, Done done) {
  const auto* file = std::get_if<LocalFile>(&source);
  if (file == nullptr) return web_->start(source, std::move(done));
  const TimePoint at = now();
  auto body = read(*file);
  done(FetchOutcome{.body = std::move(body), .started_at = at, .ended_at = now()});
}

void SchemeFetcher::cancel_all() {
  {
    const std::scoped_lock lock(news_->mutex);
    news_->cancelled = true;
  }
  news_->came.notify_all();
  web_->cancel_all();
}

Result<std::shared_ptr<const FetchedBytes>> SchemeFetcher::read(const LocalFile& file) {
  const auto size = local_file_size(file.path, picture_bytes_);
  if (!size) return tl::make_unexpected(size.error());
  auto reservation = wait_for_room(*size);
  if (!reservation) return tl::make_unexpected(std::move(reservation.error()));
  auto bytes = read_local_file(file.path, picture_bytes_);
  if (!bytes) return tl::make_unexpected(std::move(bytes.error()));
  reservation->shrink_to(bytes->size());
  return std::make_shared<const FetchedBytes>(std::move(*bytes), std::move(*reservation));
}

Result<ByteReservation> SchemeFetcher::wait_for_room(ByteCount size) {
  std::unique_lock lock(news_->mutex);
  while (!news_->cancelled) {
    const std::uint64_t seen = news_->releases;
    lock.unlock();  // the budget must not be asked with a lock held that its news need
    if (auto reservation = budget_.try_reserve(size)) return std::move(*reservation);
    lock.lock();
    news_->came.wait(lock, [&] { return news_->cancelled || news_->releases != seen; });
  }
  return failure(ErrorCode::kCancelled, "the fetch was cancelled");
}

}  // namespace curlew
