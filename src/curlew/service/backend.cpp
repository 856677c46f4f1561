#include "curlew/service/backend.hpp"

#include <span>
#include <string_view>
#include <utility>

#include "curlew/base/log.hpp"

namespace curlew {
namespace {

// In front of a batch's id while its items are in the pipeline; ids are hex digits and dashes.
constexpr std::string_view kKeptMark = "kept/";
constexpr std::string_view kDirectMark = "direct/";

/// Where a result belongs, out of what a StoreSource has put in front of its batch.
struct ResultOrigin {
  bool kept;
  std::string_view batch;
};

ResultOrigin origin_of_result(std::string_view marked) {
  const bool kept = marked.starts_with(kKeptMark);
  marked.remove_prefix(kept ? kKeptMark.size() : kDirectMark.size());
  return {.kept = kept, .batch = marked};
}

}  // namespace

Backend::Backend(JobStore& kept, JobStore& direct, BackendWatcher watcher, Direct whose)
    : kept_(kept),
      direct_(direct),
      watcher_(std::move(watcher)),
      whose_direct_(whose),
      kept_source_(kept, std::string(kKeptMark)),
      direct_source_(direct, std::string(kDirectMark)) {
  kept_.set_on_results([this](const NewResults& fresh) {
    count(fresh);
    kept_news_.tell(fresh.status);
    on_kept_.tell(fresh);
    if (watcher_.batch && fresh.status.ended() && !fresh.results.empty()) watcher_.batch(fresh.status);
  });
  direct_.set_on_results([this](const NewResults& fresh) {
    count(fresh);
    note_direct(fresh.status);
  });
}

Backend::~Backend() {
  kept_.set_on_results({});
  direct_.set_on_results({});
}

StoreResult<Created> Backend::create_uploads(std::vector<UploadedPicture> pictures, const BatchOptions& options) {
  NewBatch batch;
  batch.options = options;
  Rooms rooms;
  for (UploadedPicture& picture : pictures) {
    rooms.push_back(std::move(picture.room));
    if (!picture.url.empty()) {
      batch.items.push_back({.text = std::move(picture.url), .problem = {}});
      continue;
    }
    batch.items.push_back({.text = std::move(picture.name),
                           .problem = {},
                           .picture = std::make_shared<std::vector<std::byte>>(std::move(picture.bytes))});
  }
  auto created = direct_.create(std::move(batch));
  if (created) hold(created->status.id, std::move(rooms));
  return created;
}

void Backend::hold(const std::string& direct_batch, Rooms rooms) {
  {
    const std::scoped_lock lock(uploads_mutex_);
    uploads_[direct_batch] = std::move(rooms);
  }
  // It may have ended before it stood there, and then nobody would take it away.
  const auto status = direct_.status(direct_batch);
  if (status && !status->ended()) return;
  const std::scoped_lock lock(uploads_mutex_);
  uploads_.erase(direct_batch);
}

void Backend::count(const NewResults& fresh) const {
  if (!watcher_.item) return;
  for (const KeptResult& kept : fresh.results) watcher_.item(fresh.status.options.task, kept.result);
}

void Backend::note_direct(const BatchStatus& status) {
  if (status.ended()) {
    // First: who hears of the end may count on it.
    const std::scoped_lock lock(uploads_mutex_);
    uploads_.erase(status.id);
  }
  direct_news_.tell(status);
  if (!status.ended()) return;
  const std::scoped_lock lock(done_mutex_);
  done_.notify_all();
}

void Backend::abandon(const std::string& direct_batch) {
  const auto cancelled = direct_.cancel(direct_batch);
  if (!cancelled) log_debug("a request whose client has gone cannot be cancelled: {}", cancelled.error().message);
  // Those that have begun still have their bytes in memory, and keep their room.
  if (cancelled) return;
  const std::scoped_lock lock(uploads_mutex_);
  uploads_.erase(direct_batch);
}

std::size_t Backend::open_uploads() const {
  const std::scoped_lock lock(uploads_mutex_);
  return uploads_.size();
}

void Backend::wait_until_direct_is_done(TimePoint end) {
  if (whose_direct_ == Direct::kOwn) {
    std::unique_lock lock(done_mutex_);
    done_.wait_until(lock, end, [this] { return direct_.counts().open_batches == 0; });
  }
  direct_news_.wait_until_nobody_listens(end);
}

void Backend::deliver(const ItemResult& result) {
  const auto origin = origin_of_result(result.batch);
  JobStore& store = origin.kept ? kept_ : direct_;
  const auto* error = std::get_if<Error>(&result.outcome);
  const bool goes_back = origin.kept || whose_direct_ == Direct::kShared;
  if (goes_back && error != nullptr && error->code == ErrorCode::kCancelled) {
    const ItemKey key{.batch = std::string(origin.batch), .index = result.index};
    return store.give_back(std::span(&key, 1));
  }
  std::vector<ItemResult> one;  // not from a list in braces, which would be copied once more
  one.push_back(result);
  one.front().batch = origin.batch;
  // Nobody waits for the commit here: the store says what it has kept to who listens.
  static_cast<void>(store.complete(std::move(one)));
}

}  // namespace curlew
