#pragma once

#include <deque>
#include <functional>
#include <utility>

namespace curlew {

/// Lets one after the other do a costly step, with everybody else's work between two of them: many who come at once
/// hold up each other, and the rest by one step at most.
///
/// Threads: one, on which `post` runs what it is given, after all that waits there already.
class Turns {
 public:
  using Step = std::function<void()>;

  explicit Turns(std::function<void(Step)> post) : post_(std::move(post)) {}

  void ask(Step step) {
    waiting_.push_back(std::move(step));
    if (waiting_.size() == 1) post_([this] { next(); });
  }

 private:
  void next() {
    const Step step = std::move(waiting_.front());
    step();
    waiting_.pop_front();
    if (!waiting_.empty()) post_([this] { next(); });
  }

  std::function<void(Step)> post_;
  std::deque<Step> waiting_;
};

}  // namespace curlew
