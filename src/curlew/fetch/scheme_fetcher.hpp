#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>

#include "curlew/base/permits.hpp"
#include "curlew/fetch/fetcher.hpp"

namespace curlew {

/// Reads a LocalFile itself, before start returns, and hands a Url to another fetcher. For the command line only.
///
/// Ownership: `budget` outlives it; it is the budget's on_release from now on, and passes the news on.
/// Threads:   start of a LocalFile waits while the budget has no room, until cancel_all.
class SchemeFetcher : public Fetcher {
 public:
  SchemeFetcher(std::unique_ptr<Fetcher> web, std::function<void()> web_on_release, ByteBudget& budget,
                ByteCount picture_bytes);
  ~SchemeFetcher() override;

  void start(const Source& source, Done done) override;
  void cancel_all() override;
  std::uint64_t joined() const override { return web_->joined(); }

 private:
  struct News;
  Result<std::shared_ptr<const FetchedBytes>> read(const LocalFile& file);
  Result<ByteReservation> wait_for_room(ByteCount size);

  std::unique_ptr<Fetcher> web_;
  ByteBudget& budget_;
  ByteCount picture_bytes_;
  std::shared_ptr<News> news_;
};

}  // namespace curlew
