#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "curlew/http/http_reply.hpp"
#include "curlew/service/model_board.hpp"
#include "curlew/store/job_store.hpp"
#include "curlew/store/memory_store.hpp"

namespace curlew::fakes {

/// The models "birds" (classify, ready), "coco" (detect, threshold 0.4), "lost" (classify, not to be had).
class FakeBoard : public ModelBoard {
 public:
  std::vector<ModelFacts> models() const override {
    return {{.name = "birds", .title = "Birds", .licence = "Apache-2.0", .state = ModelFacts::State::kReady},
            {.name = "coco", .task = Task::kDetect, .title = "Things", .licence = "MIT", .threshold = 0.4F},
            {.name = "lost", .title = "", .licence = "", .state = ModelFacts::State::kUnavailable}};
  }
  std::optional<ModelFacts> find(const std::string& name) const override {
    for (const ModelFacts& model : models()) {
      if (model.name == name) return model;
    }
    return std::nullopt;
  }
  std::optional<ModelFacts> default_of(Task task) const override {
    return find(task == Task::kClassify ? classify : detect);
  }

  std::string classify = "birds";
  std::string detect = "coco";
};

/// What a client sees. With `room` characters unread its stream is full.
class FakeReply : public HttpReply {
 public:
  explicit FakeReply(std::size_t room = SIZE_MAX) : room_(room) {}

  void send(int status, HttpHeaders headers, std::string body) override {
    const std::scoped_lock lock(mutex_);
    if (status_ != 0) return;
    status_ = status;
    headers_ = std::move(headers);
    text_ = std::move(body);
    ended_ = true;
    changed_.notify_all();
  }
  void fail(HttpProblem problem) override {
    send(problem.status(), error_headers(problem), error_body(problem, "id", ErrorStyle::kProblem));
  }
  void begin_stream(int status, HttpHeaders headers) override {
    const std::scoped_lock lock(mutex_);
    status_ = status;
    headers_ = std::move(headers);
  }
  StreamRoom write(std::string piece) override {
    const std::scoped_lock lock(mutex_);
    if (gone_ || ended_) return StreamRoom::kGone;
    text_ += piece;
    unread_ += piece.size();
    changed_.notify_all();
    if (unread_ <= room_) return StreamRoom::kRoom;
    full_ = true;
    return StreamRoom::kFull;
  }
  void end() override {
    const std::scoped_lock lock(mutex_);
    ended_ = true;
    changed_.notify_all();
  }
  void on_room(std::function<void()> told) override {
    const std::scoped_lock lock(mutex_);
    on_room_ = std::move(told);
  }
  void on_gone(std::function<void()> told) override {
    {
      const std::scoped_lock lock(mutex_);
      if (!gone_) {
        on_gone_ = std::move(told);
        return;
      }
    }
    told();
  }

  /// The client reads all that there is.
  void read() {
    std::function<void()> told;
    {
      const std::scoped_lock lock(mutex_);
      unread_ = 0;
      if (std::exchange(full_, false)) told = on_room_;
    }
    if (told) told();
  }
  void go() {
    std::function<void()> told;
    {
      const std::scoped_lock lock(mutex_);
      gone_ = true;
      told = std::exchange(on_gone_, nullptr);
    }
    if (told) told();
  }

  void wait_until_ended() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return ended_; });
  }
  void wait_for_text(const std::string& part) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return text_.find(part) != std::string::npos; });
  }
  int status() const {
    const std::scoped_lock lock(mutex_);
    return status_;
  }
  std::string header(std::string_view name) const {
    const std::scoped_lock lock(mutex_);
    return std::string(headers_.get(name));
  }
  std::string text() const {
    const std::scoped_lock lock(mutex_);
    return text_;
  }
  bool ended() const {
    const std::scoped_lock lock(mutex_);
    return ended_;
  }

 private:
  const std::size_t room_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  int status_ = 0;
  HttpHeaders headers_;
  std::string text_;
  std::size_t unread_ = 0;
  bool full_ = false;
  bool ended_ = false;
  bool gone_ = false;
  std::function<void()> on_room_;
  std::function<void()> on_gone_;
};

inline std::size_t all_room(const std::string& /*origin*/) { return 1; }

/// A batch of `count` URLs.
inline NewBatch batch_of(std::size_t count, Task task = Task::kClassify) {
  NewBatch batch;
  batch.options.task = task;
  batch.options.model = "fake";
  for (std::size_t i = 0; i < count; ++i) {
    batch.items.push_back({.text = "http://a.example/" + std::to_string(i), .problem = {}});
  }
  return batch;
}

inline ItemResult result_of(const std::string& batch, std::uint32_t index) {
  return ItemResult{.batch = batch,
                    .index = index,
                    .url = "http://a.example/" + std::to_string(index),
                    .outcome = make_error(ErrorCode::kTimeout, "as the test wants it"),
                    .timings = {}};
}

inline void complete(JobStore& store, const std::string& batch, std::uint32_t index) {
  store.complete({result_of(batch, index)}).wait();
}

inline std::string create(JobStore& store, std::size_t count, Task task = Task::kClassify) {
  return store.create(batch_of(count, task)).value().status.id;
}

}  // namespace curlew::fakes
