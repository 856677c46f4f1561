#pragma once

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "curlew/base/bounded_queue.hpp"
#include "curlew/base/thread.hpp"
#include "curlew/pipeline/list_source.hpp"
#include "curlew/pipeline/pipeline.hpp"

namespace curlew::fakes {

inline Item item_of(std::uint32_t index, const std::string& text, const std::string& batch = "b") {
  Item item;
  item.batch = batch;
  item.index = index;
  item.text = text;
  auto url = parse_url(text);
  if (url) {
    item.source = *url;
  } else {
    item.source = url.error();
  }
  item.model = "fake";
  item.accepted_at = now();
  return item;
}

inline FetchOutcome bytes_outcome(const std::string& text) {
  FetchedBytes body;
  for (const char c : text) body.bytes.push_back(static_cast<std::byte>(c));
  return FetchOutcome{
      .body = std::make_shared<const FetchedBytes>(std::move(body)), .started_at = now(), .ended_at = now()};
}

inline FetchOutcome error_outcome(ErrorCode code) {
  return FetchOutcome{.body = failure(code, "as the test wants it"), .started_at = now(), .ended_at = now()};
}

/// Answers on a thread of its own, with the path as the bytes; paths of the form /error/WIRE_NAME fail so. While held,
/// nothing is answered.
class FakeFetcher : public Fetcher {
 public:
  FakeFetcher() : thread_(start_thread("fetch", [this](const std::stop_token& stop) { run(stop); })) {}
  ~FakeFetcher() override { thread_.request_stop(); }

  void start(const Source& source, Done done) override {
    const std::scoped_lock lock(mutex_);
    const Url& url = std::get<Url>(source);
    open_.push_back({url, std::move(done)});
    most_open_ = std::max(most_open_, open_.size());
    ++by_origin_[url.origin()];
    most_of_one_origin_ = std::max(most_of_one_origin_, by_origin_[url.origin()]);
    ++started_;
    changed_.notify_all();
  }

  void cancel_all() override {
    const std::scoped_lock lock(mutex_);
    cancelled_ = true;
    changed_.notify_all();
  }

  void hold() { set_held(true); }
  void release() { set_held(false); }

  /// Waits until `count` fetches have been started in all.
  void wait_for_started(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return started_ >= count; });
  }
  /// Waits until each fetch that was started has been answered.
  void wait_until_idle() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return answered_ == started_; });
  }
  std::size_t started() const {
    const std::scoped_lock lock(mutex_);
    return started_;
  }
  std::size_t most_open() const {
    const std::scoped_lock lock(mutex_);
    return most_open_;
  }
  int most_of_one_origin() const {
    const std::scoped_lock lock(mutex_);
    return most_of_one_origin_;
  }

 private:
  struct Open {
    Url url;
    Done done;
  };

  void set_held(bool held) {
    const std::scoped_lock lock(mutex_);
    held_ = held;
    changed_.notify_all();
  }

  void run(const std::stop_token& stop) {
    for (;;) {
      std::unique_lock lock(mutex_);
      if (!changed_.wait(lock, stop, [&] { return !open_.empty() && (!held_ || cancelled_); })) return;
      Open next = std::move(open_.front());
      open_.erase(open_.begin());
      --by_origin_[next.url.origin()];
      const bool cancelled = cancelled_;
      lock.unlock();
      next.done(cancelled ? error_outcome(ErrorCode::kCancelled) : answer(next.url));
      lock.lock();
      ++answered_;
      changed_.notify_all();
    }
  }

  static FetchOutcome answer(const Url& url) {
    static const std::string kPrefix = "/error/";
    if (!url.target().starts_with(kPrefix)) return bytes_outcome(url.target());
    for (const auto& row : error_table()) {
      if (url.target().substr(kPrefix.size()) == row.wire_name) return error_outcome(row.code);
    }
    return error_outcome(ErrorCode::kInternal);
  }

  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::vector<Open> open_;
  std::map<std::string, int> by_origin_;
  std::size_t started_ = 0;
  std::size_t answered_ = 0;
  std::size_t most_open_ = 0;
  int most_of_one_origin_ = 0;
  bool held_ = false;
  bool cancelled_ = false;
  std::jthread thread_;
};

/// Takes any bytes for a picture of one pixel, but those that contain "damaged" (kDecodeFailed) or "throws".
class FakeDecoder : public Decoder {
 public:
  Result<DecodedPicture> decode_into(std::span<const std::byte> bytes, const InputFormat& /*format*/,
                                     std::span<std::uint8_t> rgb) override {
    const std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (text.find("damaged") != std::string::npos) return failure(ErrorCode::kDecodeFailed, "damaged");
    if (text.find("throws") != std::string::npos) throw std::runtime_error("a decoder's bug");
    std::fill(rgb.begin(), rgb.end(), static_cast<std::uint8_t>(bytes.size()));
    DecodedPicture picture;
    picture.info.width_px = static_cast<int>(bytes.size());
    picture.info.height_px = 1;
    picture.info.bytes = bytes.size();
    return picture;
  }
};

/// The lanes of one model: the answer's index is the first byte of the tensor. A gate can hold every run back.
class FakeLanes : public LaneProvider {
 public:
  Result<std::unique_ptr<Lane>, ModelUnavailable> open_lane(const std::string& model) override {
    if (model != "fake") return tl::make_unexpected(ModelUnavailable{"no such model"});
    ++opened;
    return std::make_unique<FakeLane>(*this);
  }

  void hold() { set_held(true); }
  void release() { set_held(false); }

  /// Waits until `count` runs have begun in all.
  void wait_for_runs(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return runs_ >= count; });
  }

  std::atomic<int> opened = 0;

 private:
  class FakeLane : public Lane {
   public:
    explicit FakeLane(FakeLanes& lanes) : lanes_(lanes) {}
    const InputFormat& input_format() const override { return format_; }
    const ModelId& model() const override { return model_; }
    std::span<std::uint8_t> input() override { return pixels_; }
    Result<Answer> run(const Placement& /*placement*/, const ReadOptions& /*options*/) override {
      lanes_.pass();
      return Answer{.predictions = {{.index = pixels_[0], .label = "seen", .score = 1.0F, .box = {}}},
                    .background_score = {}};
    }

   private:
    FakeLanes& lanes_;
    InputFormat format_{.width_px = 1, .height_px = 1, .fit = {}};
    ModelId model_{.name = "fake", .sha256 = "00"};
    std::vector<std::uint8_t> pixels_ = std::vector<std::uint8_t>(3);
  };

  void set_held(bool held) {
    const std::scoped_lock lock(mutex_);
    held_ = held;
    changed_.notify_all();
  }

  void pass() {
    std::unique_lock lock(mutex_);
    ++runs_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return !held_; });
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t runs_ = 0;
  bool held_ = false;
};

class FakeSink : public ResultSink {
 public:
  void deliver(const ItemResult& result) override {
    const std::scoped_lock lock(mutex_);
    results_.push_back(result);
    changed_.notify_all();
  }

  void wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return results_.size() >= count; });
  }

  std::vector<ItemResult> results() const {
    const std::scoped_lock lock(mutex_);
    return results_;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<ItemResult> results_;
};

/// A pipeline of fakes over a list.
struct Flow {
  Flow(std::vector<Item> items, const PipelineLimits& limits) : source(std::move(items)), limits_(limits) {}

  Pipeline& pipeline() {
    if (!pipeline_) {
      pipeline_.emplace(PipelineParts{.source = source,
                                      .fetcher = fetcher,
                                      .make_decoder = [] { return std::make_unique<FakeDecoder>(); },
                                      .lanes = lanes,
                                      .sink = sink,
                                      .beside = {.observer = observer, .answers = answers}},
                        limits_);
    }
    return *pipeline_;
  }

  ListSource source;
  FakeFetcher fetcher;
  FakeLanes lanes;
  FakeSink sink;
  PictureObserver* observer = nullptr;
  AnswerCache* answers = nullptr;

 private:
  PipelineLimits limits_;
  std::optional<Pipeline> pipeline_;
};

inline std::string code_of(const ItemResult& result) {
  const auto* error = std::get_if<Error>(&result.outcome);
  return error == nullptr ? "ok" : std::string(error_info(error->code).wire_name);
}

}  // namespace curlew::fakes
