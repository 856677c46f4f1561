#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "curlew/base/clock.hpp"
#include "curlew/core/item.hpp"
#include "curlew/publish/result_sink.hpp"
#include "curlew/service/batch_news.hpp"
#include "curlew/service/store_source.hpp"
#include "curlew/store/job_store.hpp"
#include "curlew/store/listener.hpp"

namespace curlew {

/// A picture that came with a request, or, among such, one that is to be fetched.
struct UploadedPicture {
  std::string name;  ///< its file name, or ""
  std::vector<std::byte> bytes;
  std::shared_ptr<const void> room;  ///< what they count for; goes when all of the batch have their results
  std::string url = {};              ///< where it is to be had; "": its bytes are here
};

/// Who counts; any function may be empty.
struct BackendWatcher {
  /// Each result that was kept, also of items that were cancelled or expired before they began; on the stores' threads.
  std::function<void(Task, const ItemResult&)> item = {};
  /// Each kept batch that has ended by a result that this process kept, on the store's thread.
  std::function<void(const BatchStatus&)> batch = {};
};

/// What the transports of the service share: batches that are kept, requests that are answered at once, and the way
/// from a result back to who asked.
///
/// Requests that are answered at once are batches too, in a store of their own that lives in memory: they take turns
/// with the kept ones, and are cancelled when their client goes.
/// Threads: any.
class Backend final : public ResultSink {
 public:
  /// Whether other processes work on what is answered at once, too.
  enum class Direct : std::uint8_t { kOwn, kShared };

  /// Ownership: the stores outlive it.
  Backend(JobStore& kept, JobStore& direct, BackendWatcher watcher = {}, Direct whose = Direct::kOwn);
  ~Backend() override;

  JobStore& kept() { return kept_; }
  JobStore& direct() { return direct_; }
  BatchNews& kept_news() { return kept_news_; }
  BatchNews& direct_news() { return direct_news_; }

  /// Of both stores, for the pipeline.
  StoreSource& kept_source() { return kept_source_; }
  StoreSource& direct_source() { return direct_source_; }

  /// A batch of pictures that are answered at once.
  ///
  /// Errors: as JobStore::create.
  StoreResult<Created> create_uploads(std::vector<UploadedPicture> pictures, const BatchOptions& options);

  /// Ends what has not begun of a request whose client has gone.
  void abandon(const std::string& direct_batch);

  /// Who is told what was just kept of kept batches, in order, on the store's thread; an empty function: nobody. When
  /// this returns, the function before is not running and will not be called any more.
  void set_on_kept(std::function<void(const NewResults&)> on_kept) { on_kept_.set(std::move(on_kept)); }

  /// How many batches of uploads have not ended.
  std::size_t open_uploads() const;

  /// Waits until each request that is answered at once has all its results and whoever listens has taken them, or
  /// `end` has come.
  void wait_until_direct_is_done(TimePoint end);

  /// An item that the end of the process has cancelled goes back, where it is kept or others may work on it.
  void deliver(const ItemResult& result) override;

 private:
  using Rooms = std::vector<std::shared_ptr<const void>>;
  void hold(const std::string& direct_batch, Rooms rooms);
  void note_direct(const BatchStatus& status);
  void count(const NewResults& fresh) const;

  JobStore& kept_;
  JobStore& direct_;
  const BackendWatcher watcher_;
  const Direct whose_direct_;
  Listener<const NewResults&> on_kept_;
  BatchNews kept_news_;
  BatchNews direct_news_;
  std::mutex done_mutex_;
  std::condition_variable done_;  ///< a direct batch has new results
  mutable std::mutex uploads_mutex_;
  std::map<std::string, Rooms> uploads_;  ///< what the pictures of each batch that has not ended count for
  StoreSource kept_source_;
  StoreSource direct_source_;
};

}  // namespace curlew
