#include "curlew/service/errands.hpp"

#include <exception>
#include <stop_token>
#include <utility>

#include "curlew/base/log.hpp"
#include "curlew/base/thread.hpp"

namespace curlew {

Errands::Errands(int threads, std::size_t most_waiting) : waiting_(most_waiting) {
  for (int i = 0; i < threads; ++i) {
    threads_.push_back(start_thread("errand-" + std::to_string(i), [this](const std::stop_token&) { work(); }));
  }
}

Errands::~Errands() { finish(); }

void Errands::finish() {
  waiting_.close();
  for (auto& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

bool Errands::run(Errand errand) { return waiting_.try_push(std::move(errand)); }

void Errands::work() {
  while (auto errand = waiting_.pop()) {
    try {
      (*errand)();
    } catch (const std::exception& fault) {
      log_error("a request ended by an unforeseen exception: {}", fault.what());
    }
  }
}

}  // namespace curlew
