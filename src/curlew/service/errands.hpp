#pragma once

#include <cstddef>
#include <functional>
#include <thread>
#include <vector>

#include "curlew/base/bounded_queue.hpp"

namespace curlew {

/// A few threads that do what must not hold up the one of HTTP: reading large bodies, waiting for a store.
///
/// Threads: any.
class Errands {
 public:
  using Errand = std::function<void()>;

  Errands(int threads, std::size_t most_waiting);
  /// As finish().
  ~Errands();
  Errands(const Errands&) = delete;
  Errands& operator=(const Errands&) = delete;

  /// False where too many wait already; nothing is done then. An errand that throws is logged.
  bool run(Errand errand);

  /// Does what waits, then joins its threads; run() does nothing any more.
  void finish();

 private:
  void work();
  BoundedQueue<Errand> waiting_;
  std::vector<std::jthread> threads_;
};

}  // namespace curlew
